import { errorDocument } from './error-text.ts';
import type { Reporter } from './reporter.ts';
import type { Output } from './streams.ts';

/** `--json`: one document on stdout, for an error too; a command that runs until interrupted prints one per line. Nothing on stderr. */
export const jsonReporter = ({ stdout }: Output): Reporter => ({
  start: () => ({ update: () => {}, done: () => {}, failed: () => {} }),
  note: () => {},
  warn: (_text, data) => {
    if (data !== undefined) stdout(`${json(data)}\n`);
  },
  event: (_text, data) => stdout(`${json(data)}\n`),
  result: (report) => {
    if (report.kind !== 'stream') stdout(`${json(report, 2)}\n`);
  },
  error: (error) => stdout(`${json(errorDocument(error), 2)}\n`),
  close: () => {},
});

/** What `JSON.stringify` leaves as it is, and a terminal acts on or does not show. */
const HIDDEN = /[\u007f-\u009f\u2028\u2029\p{Cf}]/gu;

const json = (value: unknown, indent?: number): string => JSON.stringify(value, null, indent).replace(HIDDEN, escaped);

const escaped = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
