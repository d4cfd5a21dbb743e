import type { Output, Reporter } from './reporter.ts';

/** `--json`: one document on stdout, for an error too; a command that runs until interrupted prints one per line. Nothing on stderr. */
export const jsonReporter = ({ stdout }: Output): Reporter => {
  const print = (value: unknown, indent?: number): void => stdout(`${json(value, indent)}\n`);
  return {
    start: () => ({ update: () => {}, done: () => {}, failed: () => {} }),
    note: () => {},
    warn: (_text, data) => {
      if (data !== undefined) print(data);
    },
    event: (_text, data) => print(data),
    result: (report) => {
      if (report.kind !== 'stream') print(report, 2);
    },
    error: ({ code, message, detail, suggestion = null, exitCode }) =>
      print({ error: { code, message, detail, suggestion, exitCode } }, 2),
    close: () => {},
  };
};

/** What `JSON.stringify` leaves as it is, and a terminal acts on or does not show. */
const HIDDEN = /[\u007f-\u009f\u2028\u2029\p{Cf}]/gu;

const json = (value: unknown, indent?: number): string => JSON.stringify(value, null, indent).replace(HIDDEN, escaped);

const escaped = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
