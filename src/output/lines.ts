import type { Problem } from '../grafana/dashboard-model.ts';
import { plural } from '../words.ts';
import type { Answer, EditReport } from './report.ts';
import type { Style } from './style.ts';

/** Parts of a report, one below the other; empty ones are left out. */
export const lines = (...parts: (string | undefined)[]): string =>
  parts.filter((p) => p !== undefined && p !== '').join('\n');

export const wroteLine = (file: string, style: Style): string => `${style.good('✔')} wrote ${file}`;

export const noticeLines = (notices: readonly string[], style: Style): string =>
  notices.map((notice) => `${style.warn('!')} ${notice}`).join('\n');

/** Dashboards of a stack that could not be written, and why. */
export const problemLines = (problems: readonly Problem[], style: Style): string =>
  lines(...problems.map(({ source, message }) => `${style.bad('✘')} ${source}: ${message}`));

/** What an endpoint answered, or why it did not. */
export const answerLine = (
  name: string,
  { ok, metrics = 0, reason, log, remedy }: Answer & { log?: string },
  style: Style,
): string =>
  ok
    ? `${style.good('✔')} ${name} answered with ${plural(metrics, 'metric')}`
    : lines(`${style.bad('✘')} ${name}: ${reason}`, log && `  its log: ${log}`, remedy && `  ${remedy}`);

/**
 * What happened to an entry of monitor.yml, `✔ events:9100 added to monitor.yml`; below it `more`, notices, and what comes
 * next. `detail`: the end of the first line.
 */
export const editText = (
  entry: string,
  { change, config, applied, notices }: EditReport,
  style: Style,
  { detail = '', more }: { detail?: string; more?: string } = {},
): string =>
  lines(
    `${change === 'absent' ? style.warn('!') : style.good('✔')} ${entry} ${CHANGE_WORDS[change]} ${config}${detail}`,
    more,
    noticeLines(notices, style),
    applied || change === 'absent' ? '' : 'Next: `monitor up` applies this change',
  );

const CHANGE_WORDS: Record<EditReport['change'], string> = {
  added: 'added to',
  updated: 'updated in',
  unchanged: 'is already in',
  removed: 'removed from',
  absent: 'is not in',
};
