import type { TargetReport } from './report.ts';
import type { Style } from './style.ts';

/** Parts of a report, one below the other; empty ones are left out. */
export const lines = (...parts: (string | undefined)[]): string =>
  parts.filter((p) => p !== undefined && p !== '').join('\n');

export const noticeLines = (notices: readonly string[], style: Style): string =>
  notices.map((notice) => `${style.warn('!')} ${notice}`).join('\n');

/** What became of an entry of monitor.yml. */
export const CHANGE_WORDS: Record<TargetReport['change'], string> = {
  added: 'added to',
  updated: 'updated in',
  unchanged: 'is already in',
  removed: 'removed from',
  absent: 'is not in',
};
