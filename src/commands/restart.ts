import { MonitorError } from '../errors.ts';
import type { UpReport } from '../output/report.ts';
import { isOfStack, stackFilter } from '../stack/labels.ts';
import { bringUp } from './bring-up.ts';
import type { Deps } from './deps.ts';
import { exclusively, type Session, withSession } from './session.ts';
import { upReport } from './up.ts';

export interface RestartOptions {
  /** Absent: both. */
  service: 'prometheus' | 'grafana' | undefined;
  timeoutMs: number;
}

/** Renders again, restarts, waits until ready, and reports the targets. */
export const runRestart = (deps: Deps, { service, timeoutMs }: RestartOptions): Promise<UpReport> =>
  withSession(deps, (session) =>
    exclusively(session, timeoutMs, async () => {
      await requireStack(session);
      const restarted = service === undefined ? (['prometheus', 'grafana'] as const) : [service];
      const done = await bringUp(session, { pull: 'missing', restart: restarted, timeoutMs });
      return { ...(await upReport(session, 'restart', done)), restarted: [...restarted] };
    }),
  );

/** Fails with `not-up` where the stack has no container. */
export const requireStack = async ({ engine, loaded }: Session): Promise<void> => {
  const { name } = loaded.config;
  const containers = await engine.listContainers(stackFilter(name));
  if (containers.some((c) => isOfStack(c, name))) return;
  throw new MonitorError({
    code: 'not-up',
    message: `The stack "${name}" has no containers on this engine (${engine.endpoint.host})`,
    suggestion: 'run `monitor up` first',
  });
};
