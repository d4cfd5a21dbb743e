import type { Container } from '../docker/engine.ts';
import { MonitorError } from '../errors.ts';
import type { StreamReport } from '../output/report.ts';
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

/** The containers' log lines; with `follow`, until it is interrupted. Of several containers each line names its own. */
export const runLogs = (deps: Deps, { service, follow, tail }: LogsOptions): Promise<StreamReport> =>
  withSession(deps, async ({ engine, loaded }) => {
    const all = await engine.listContainers(stackFilter(loaded.config.name));
    const chosen = all.filter((c) => service === undefined || c.labels[LABEL.role] === service);
    if (chosen.length === 0) throw noContainers(loaded.config.name, service);
    const print = (container: Container) => (line: string) => {
      const text = chosen.length > 1 ? `${container.name} | ${line}` : line;
      deps.reporter.event(text, { container: container.name, line });
    };
    if (follow) await Promise.all(chosen.map((c) => engine.followLogs(c.id, tail, print(c), deps.signal)));
    else for (const c of chosen) (await engine.logs(c.id, tail === 'all' ? ALL_LINES : tail)).forEach(print(c));
    return { kind: 'stream' };
  });

const noContainers = (stack: string, service: string | undefined): MonitorError =>
  new MonitorError({
    code: 'not-up',
    message: `The stack "${stack}" has no ${service ?? ''} container on this engine`.replace('  ', ' '),
    suggestion: 'run `monitor up` first',
  });
