import { InvalidArgumentError } from 'commander';
import type { Define } from '../cli/command.ts';
import { serviceArgument } from '../cli/parameters.ts';
import type { Server } from '../config/servers.ts';
import type { Container, LineHandler } from '../docker/engine.ts';
import { MonitorError } from '../errors.ts';
import type { LogLine, ReportOf } from '../output/report.ts';
import { LABEL, stackFilter } from '../stack/labels.ts';
import { type Deps, type Session, withSession } from '../stack/session.ts';

export interface LogsOptions {
  follow: boolean;
  tail: number | 'all';
}

export const command: Define = (logs, invoke) =>
  logs
    .addArgument(serviceArgument())
    .option('-f, --follow', 'follow the logs until interrupted', false)
    .option('--tail <lines>', 'number of lines from the end, or `all`', lineCount, 'all')
    .action(invoke(runLogs, { endless: true }));

const lineCount = (text: string): number | 'all' => {
  if (text === 'all') return text;
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a number of lines, or `all`.');
  return Number(text);
};

/** The containers' log lines, as one report; with `follow`, one by one until it is interrupted. */
export const runLogs = (
  deps: Deps,
  service: Server | undefined,
  { follow, tail }: LogsOptions,
): Promise<ReportOf<'logs' | 'stream'>> =>
  withSession<ReportOf<'logs' | 'stream'>>(deps, async (session) => {
    const { engine, loaded } = session;
    const all = await engine.listContainers(stackFilter(loaded.config.name));
    const chosen = all.filter((c) => service === undefined || c.labels[LABEL.role] === service);
    if (chosen.length === 0)
      throw new MonitorError({
        code: 'not-up',
        message: `The stack "${loaded.config.name}" has no ${service === undefined ? '' : `${service} `}container on this engine`,
        suggestion: 'run `monitor up` first',
      });
    if (follow) return followAll(session, chosen, tail);
    const lines: LogLine[] = [];
    for (const container of chosen) {
      const own = await engine.logs(container.id, tail);
      for (const line of own) lines.push({ ...sourceOf(container), line });
    }
    return { kind: 'logs', stack: loaded.config.name, containers: chosen.map((c) => c.name), lines };
  });

const followAll = async (
  { engine, deps }: Session,
  containers: readonly Container[],
  tail: LogsOptions['tail'],
): Promise<ReportOf<'stream'>> => {
  const print =
    (container: Container): LineHandler =>
    (line, stream) =>
      deps.reporter.event(containers.length > 1 ? `${container.name} | ${line}` : line, {
        ...sourceOf(container),
        stream,
        line,
      } satisfies LogLine);
  await Promise.all(containers.map((c) => engine.followLogs(c.id, tail, print(c), deps.signal)));
  return { kind: 'stream' };
};

const sourceOf = ({ name, labels }: Container): Omit<LogLine, 'line'> => ({
  service: labels[LABEL.role] ?? '',
  container: name,
});
