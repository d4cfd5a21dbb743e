import type { Container } from '../docker/engine.ts';
import { MonitorError } from '../errors.ts';
import type { LogsReport, StreamReport } from '../output/report.ts';
import { LABEL, stackFilter } from '../stack/labels.ts';
import type { Deps } from './deps.ts';
import { withSession } from './session.ts';

/** More lines than the bounded log of a container holds. */
const ALL_LINES = 10_000_000;

export interface LogsOptions {
  /** Absent: both. */
  service: 'prometheus' | 'grafana' | undefined;
  follow: boolean;
  tail: number | 'all';
}

/** The containers' log lines; with `follow`, as they come, until it is interrupted. */
export const runLogs = (deps: Deps, { service, follow, tail }: LogsOptions): Promise<LogsReport | StreamReport> =>
  withSession<LogsReport | StreamReport>(deps, async ({ engine, loaded }) => {
    const all = await engine.listContainers(stackFilter(loaded.config.name));
    const chosen = all.filter((c) => service === undefined || c.labels[LABEL.role] === service);
    if (chosen.length === 0) throw noContainers(loaded.config.name, service);
    if (follow) {
      const print = (container: Container) => (line: string) => {
        const text = chosen.length > 1 ? `${container.name} | ${line}` : line;
        deps.reporter.event(text, { container: container.name, line });
      };
      await Promise.all(chosen.map((c) => engine.followLogs(c.id, tail, print(c), deps.signal)));
      return { kind: 'stream' };
    }
    const logs = await Promise.all(
      chosen.map(async ({ id, name }) => {
        const lines = await engine.logs(id, tail === 'all' ? ALL_LINES : tail);
        return lines.map((line) => ({ container: name, line }));
      }),
    );
    return { kind: 'logs', containers: chosen.map((c) => c.name), lines: logs.flat() };
  });

const noContainers = (stack: string, service: string | undefined): MonitorError =>
  new MonitorError({
    code: 'not-up',
    message: `The stack "${stack}" has no ${service ?? ''} container on this engine`.replace('  ', ' '),
    suggestion: 'run `monitor up` first',
  });
