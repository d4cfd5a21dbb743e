import { plainReporter } from './plain.ts';
import type { Report } from './report.ts';
import type { Reporter } from './reporter.ts';
import type { Output } from './streams.ts';
import { failedLines } from './text.ts';

/** Reports that are printed with --quiet too, as they are what the command was run for. */
const ASKED_FOR: ReadonlySet<Report['kind']> = new Set([
  'status',
  'render',
  'plan',
  'open',
  'password',
  'text',
  'detect',
  'explain',
  'export',
  'logs',
  'query',
  'dashboards-check',
  'metrics',
  'dashboards',
]);

/** `--quiet`: errors and what was asked for, without progress and notes. */
export const quietReporter = (output: Output): Reporter => ({
  ...plainReporter(output),
  start: () => ({ update: () => {}, done: () => {}, failed: () => {} }),
  note: () => {},
  warn: () => {},
  result: (report) => {
    if (ASKED_FOR.has(report.kind)) plainReporter(output).result(report);
    const failed = report.kind === 'up' ? failedLines(report, output.errStyle) : '';
    if (failed !== '') output.stderr(`${failed}\n`);
  },
});
