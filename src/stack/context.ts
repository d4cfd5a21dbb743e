import type { Server } from '../config/servers.ts';
import type { GrafanaPassword } from '../config/state-folder.ts';
import type { Engine } from '../docker/engine.ts';
import type { GrafanaClient } from '../grafana/client.ts';
import type { PrometheusClient } from '../prometheus/client.ts';
import type { Progress } from './progress.ts';
import { grafanaOf, type Session } from './session.ts';

/** What operations work with. */
export interface ExecuteContext {
  engine: Engine;
  stack: string;
  prometheus: PrometheusClient;
  /** Whether a server answers; Grafana's database is there then too. */
  isReady: Record<Server, () => Promise<boolean>>;
  /** Of a Grafana that is up. */
  grafana: () => Promise<GrafanaClient>;
  progress: Progress;
  signal: AbortSignal;
  /** Milliseconds that a start may take until it answers. */
  timeoutMs: number;
}

/** What plans of this stack are executed with. */
export const contextOf = (session: Session, timeoutMs: number, password?: GrafanaPassword): ExecuteContext => {
  let client: Promise<GrafanaClient> | undefined;
  const open = async (): Promise<GrafanaClient> => {
    if (password === undefined) throw new Error('a plan for Grafana needs its password');
    return grafanaOf(session, password, (await session.grafanaHealth())?.version ?? '');
  };
  return {
    engine: session.engine,
    stack: session.loaded.config.name,
    prometheus: session.prometheus,
    isReady: {
      prometheus: session.prometheus.ready,
      grafana: async () => (await session.grafanaHealth()) !== undefined,
    },
    // One for all operations: it sends what changes something in turn.
    grafana: () => {
      client ??= open();
      return client;
    },
    progress: session.deps.reporter,
    signal: session.deps.signal,
    timeoutMs,
  };
};
