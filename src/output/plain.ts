import type { MonitorError } from '../errors.ts';
import { findingLine } from './export-text.ts';
import type { Report } from './report.ts';
import type { Output, Reporter } from './reporter.ts';
import type { Style } from './style.ts';
import { failedLines, reportText } from './text.ts';

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

/** Reports of commands that change something: with `--quiet` they are not printed. */
const OF_CHANGES: ReadonlySet<Report['kind']> = new Set([
  ...(['init', 'up', 'restart', 'down', 'written', 'add-target', 'remove-target'] as const),
  ...(['add-exporter', 'remove-exporter', 'dashboards-add', 'dashboards-remove', 'dashboards-pull'] as const),
]);

/** `--quiet`: errors and what was asked for, without progress and notes. */
export const quietReporter = (output: Output): Reporter => {
  const plain = plainReporter(output);
  return {
    ...plain,
    start: () => ({ update: () => {}, done: () => {}, failed: () => {} }),
    note: () => {},
    warn: () => {},
    result: (report) => {
      if (!OF_CHANGES.has(report.kind)) plain.result(report);
      const failed = report.kind === 'up' ? failedLines(report, output.errStyle) : '';
      if (failed !== '') output.stderr(`${failed}\n`);
    },
  };
};

/** `Container prometheus    Started` */
export const resourceRow = (resource: string, outcome: string): string =>
  `${resource.padEnd(RESOURCE_WIDTH)}  ${outcome}`;

/** An error as a person reads it: what happened, why, what to do. */
export const errorMessage = ({ message, detail, suggestion }: MonitorError, style: Style): string =>
  [
    `${style.bad('✘')} ${message}`,
    ...detail.flatMap((part) => part.split('\n')).map((line) => `  ${line}`),
    ...(suggestion === undefined ? [] : [`${style.strong('→')} ${suggestion}`]),
  ].join('\n');

/** Notes on a result that is for another program, or to be copied: for stderr. */
const besides = (report: Report): readonly string[] => {
  if (report.kind === 'export') return [...report.findings.map(findingLine), ...report.notices];
  if (report.kind === 'password') return report.notices;
  return report.kind === 'query' ? [...report.warnings, ...report.infos, ...report.notes] : [];
};
