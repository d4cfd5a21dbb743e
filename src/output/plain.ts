import { errorMessage } from './error-text.ts';
import { findingLine } from './export-text.ts';
import type { Report } from './report.ts';
import type { Reporter } from './reporter.ts';
import type { Output } from './streams.ts';
import { reportText } from './text.ts';

/** Of the column with the resource, in characters; a longer one moves what follows it to the right. */
const RESOURCE_WIDTH = 34;

/** For a pipe or a file: a line per resource when it is done, and results as text; with `verbose`, a line per step too. */
export const plainReporter = ({ stdout, stderr, outStyle, errStyle, now, verbose }: Output): Reporter => ({
  start: (resource, doing, options) => {
    const detail = (text: string): void => {
      if (verbose) stderr(`  ${errStyle.faint([resource, text].filter((part) => part !== '').join(': '))}\n`);
    };
    detail(doing);
    return {
      update: detail,
      done: (outcome) => {
        if (options?.quiet !== true) stderr(`${errStyle.good('✔')} ${resourceRow(resource, outcome ?? 'Done')}\n`);
      },
      failed: () => {
        if (resource !== '') stderr(`${errStyle.bad('✘')} ${resourceRow(resource, 'Failed')}\n`);
      },
    };
  },
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

/** `Container prometheus    Started` */
export const resourceRow = (resource: string, outcome: string): string =>
  `${resource.padEnd(RESOURCE_WIDTH)}  ${outcome}`;

/** Notes on a result that is for another program, or to be copied: for stderr. */
const besides = (report: Report): readonly string[] => {
  if (report.kind === 'export') return [...report.findings.map(findingLine), ...report.notices];
  if (report.kind === 'password') return report.notices;
  return report.kind === 'query' ? [...report.warnings, ...report.infos, ...report.notes] : [];
};
