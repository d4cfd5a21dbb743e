import { errorDocument } from './error-text.ts';
import type { Reporter } from './reporter.ts';
import type { Output } from './streams.ts';

/** `--json`: one document on stdout, for an error too; of a command that goes on, one a line. Nothing on stderr. */
export const jsonReporter = ({ stdout }: Output): Reporter => ({
  start: () => ({ update: () => {}, done: () => {}, failed: () => {} }),
  note: () => {},
  warn: (_text, data) => {
    if (data !== undefined) stdout(`${JSON.stringify(data)}\n`);
  },
  event: (_text, data) => stdout(`${JSON.stringify(data)}\n`),
  result: (report) => {
    if (report.kind !== 'stream') stdout(`${JSON.stringify(report, null, 2)}\n`);
  },
  error: (error) => stdout(`${JSON.stringify(errorDocument(error), null, 2)}\n`),
  close: () => {},
});
