import { errorMessage } from './error-text.ts';
import { findingLine } from './export-text.ts';
import type { Report } from './report.ts';
import type { Reporter } from './reporter.ts';
import type { Output } from './streams.ts';
import { printable } from './table.ts';
import { reportText } from './text.ts';

/** For a pipe or a file: a line for each operation when it is done, results as text. */
export const plainReporter = ({ stdout, stderr, outStyle, errStyle, now }: Output): Reporter => ({
  start: (label, options) => ({
    update: () => {},
    done: () => {
      if (options?.passing !== true) stderr(`${errStyle.good('✔')} ${label}\n`);
    },
    failed: () => stderr(`${errStyle.bad('✘')} ${label}\n`),
  }),
  note: (text) => stderr(`  ${text}\n`),
  warn: (text) => stderr(`${errStyle.warn('!')} ${text}\n`),
  event: (text) => stdout(`${text}\n`),
  result: (report) => {
    for (const notice of besides(report)) stderr(`${errStyle.warn('!')} ${notice}\n`);
    const text = reportText(report, outStyle, now());
    if (text !== '') stdout(`${text}\n`);
  },
  error: (error) => stderr(`${errorMessage(error, errStyle)}\n`),
  close: () => {},
});

/** What a report says beside a result that is for another program, or to be copied: not on stdout. */
const besides = (report: Report): readonly string[] => {
  if (report.kind === 'export') return [...report.findings.map(findingLine), ...report.notices];
  if (report.kind === 'password') return report.notices;
  return report.kind === 'query' ? [...report.warnings, ...report.infos, ...report.notes].map(printable) : [];
};
