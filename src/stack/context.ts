import type { GrafanaPassword } from '../config/state-folder.ts';
import type { GrafanaClient } from '../grafana/client.ts';
import { grafanaOf, type Session } from './session.ts';

/** What operations work with. */
export interface ExecuteContext extends Session {
  /** The client of a Grafana that is up: one for all operations, since it sends what changes something in turn. */
  grafana: () => Promise<GrafanaClient>;
  signal: AbortSignal;
  /** Milliseconds that a start may take until it answers. */
  timeoutMs: number;
}

/** What plans of this stack are executed with; `password` is absent where nothing is done in Grafana. */
export const contextOf = (session: Session, timeoutMs: number, password?: GrafanaPassword): ExecuteContext => {
  let client: Promise<GrafanaClient> | undefined;
  const open = async (): Promise<GrafanaClient> => {
    if (password === undefined) throw new Error('a plan for Grafana needs its password');
    return grafanaOf(session, password, (await session.grafanaHealth())?.version ?? '');
  };
  const grafana = () => {
    client ??= open();
    return client;
  };
  return { ...session, grafana, signal: session.deps.signal, timeoutMs };
};
