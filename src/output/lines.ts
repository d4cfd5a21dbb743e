import type { DashboardsReport, TargetReport } from './report.ts';
import type { Style } from './style.ts';

/** Parts of a report, one below the other; empty ones are left out. */
export const lines = (...parts: (string | undefined)[]): string =>
  parts.filter((p) => p !== undefined && p !== '').join('\n');

export const noticeLines = (notices: readonly string[], style: Style): string =>
  notices.map((notice) => `${style.warn('!')} ${notice}`).join('\n');

/** Dashboards of a stack that could not be written, and why. */
export const problemLines = (problems: DashboardsReport['problems'], style: Style): string =>
  lines(...problems.map(({ source, message }) => `${style.bad('✘')} ${source}: ${message}`));

/** What happened to an entry of monitor.yml. */
export const CHANGE_WORDS: Record<TargetReport['change'], string> = {
  added: 'added to',
  updated: 'updated in',
  unchanged: 'is already in',
  removed: 'removed from',
  absent: 'is not in',
};
