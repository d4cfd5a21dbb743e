import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';

const BARE = Object.fromEntries(
  [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'mid',
    'mid-mid',
    'right',
    'right-mid',
  ].map((part) => [part, '']),
);

/** Columns side by side without lines, the way `docker ps` prints them. Cells with text of others are `printable`. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const drawn = new Table({
    chars: { ...BARE, middle: '  ' },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
  });
  drawn.push([...head], ...rows.map((row) => [...row]));
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
};

/** Text of others (errors, labels) in one line, and without escape codes that would act on the terminal. */
export const printable = (text: string): string => {
  const line = text.replace(/[\r\n\t]+/g, ' ');
  return /\p{Cc}/u.test(line) ? stripVTControlCharacters(line).replace(/\p{Cc}/gu, '') : line;
};

/** `text` cut to `length` characters, `end` at its end where something is missing. */
export const shorten = (text: string, length: number, end = '…'): string =>
  text.length > length ? `${text.slice(0, length - end.length)}${end}` : text;
