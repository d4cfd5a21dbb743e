import type { DashboardProblem, EditOutcome, TargetReport } from './report.ts';
import type { Style } from './style.ts';

/** Parts of a report, one below the other; empty ones are left out. */
export const lines = (...parts: (string | undefined)[]): string =>
  parts.filter((p) => p !== undefined && p !== '').join('\n');

export const noticeLines = (notices: readonly string[], style: Style): string =>
  notices.map((notice) => `${style.warn('!')} ${notice}`).join('\n');

/** Dashboards of a stack that could not be written, and why. */
export const problemLines = (problems: readonly DashboardProblem[], style: Style): string =>
  lines(...problems.map(({ source, message }) => `${style.bad('✘')} ${source}: ${message}`));

type Edited = Pick<TargetReport, 'change'> & EditOutcome;

/** What happened to an entry of monitor.yml: `✔ events:9100 added to monitor.yml`. */
export const changeLine = (entry: string, { change, config }: Edited, style: Style): string =>
  `${change === 'absent' ? style.warn('!') : style.good('✔')} ${entry} ${CHANGE_WORDS[change]} ${config}`;

export const nextLine = ({ change, applied }: Edited, style: Style): string =>
  applied || change === 'absent' ? '' : `Next: ${style.strong('monitor up')} applies this change`;

export const metricsWord = (count: number): string => `${count} ${count === 1 ? 'metric' : 'metrics'}`;

/** What an endpoint answered, or why it did not. */
export const answerLine = (name: string, { ok, metrics = 0, reason, log, remedy }: Answer, style: Style): string =>
  ok
    ? `${style.good('✔')} ${name} answered with ${metricsWord(metrics)}`
    : lines(`${style.bad('✘')} ${name}: ${reason}`, log && `  its log: ${log}`, remedy && `  ${remedy}`);

type Answer = NonNullable<TargetReport['answer']> & { log?: string };

const CHANGE_WORDS: Record<TargetReport['change'], string> = {
  added: 'added to',
  updated: 'updated in',
  unchanged: 'is already in',
  removed: 'removed from',
  absent: 'is not in',
};
