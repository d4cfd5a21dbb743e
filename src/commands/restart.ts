import type { Define } from '../cli/command.ts';
import { problemsExitCode, serviceArgument, timeoutOption } from '../cli/parameters.ts';
import { SERVERS, type Server } from '../config/servers.ts';
import type { ReportOf } from '../output/report.ts';
import { bringUp } from '../stack/bring-up.ts';
import { type Deps, exclusively, requireStack, withSession } from '../stack/session.ts';
import { upReport } from './up.ts';

export const command: Define = (restart, invoke) =>
  restart
    .addArgument(serviceArgument())
    .addOption(timeoutOption())
    .action(invoke(runRestart, { exitCode: problemsExitCode }));

/** Renders prometheus.yml again, restarts the servers, waits until they are ready, and reports the targets. */
export const runRestart = (
  deps: Deps,
  service: Server | undefined,
  { timeout: timeoutMs }: { timeout: number },
): Promise<ReportOf<'up' | 'restart'>> =>
  withSession(deps, (opened) =>
    exclusively(opened, timeoutMs, async (session) => {
      await requireStack(session);
      const restarted = service === undefined ? SERVERS : [service];
      const done = await bringUp(session, { pull: 'missing', restart: restarted, timeoutMs });
      return { ...(await upReport(session, 'restart', done)), restarted: [...restarted] };
    }),
  );
