import { stripVTControlCharacters } from 'node:util';

/** `text` cut to `length` characters, `end` at its end where something is missing. */
export const shorten = (text: string, length: number, end = '…'): string =>
  // Half a character would come back from Grafana as another one.
  text.length > length ? `${text.slice(0, length - end.length).replace(/[\uD800-\uDBFF]$/, '')}${end}` : text;

/** Foreign text on one line, without anything that moves a terminal's cursor, cut to `length` characters. */
export const oneLine = (text: string, length: number): string =>
  shorten(
    stripVTControlCharacters(text)
      .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
      .trim(),
    length,
  );

/** `text` in quotes, on one line and short, so that whatever was typed can be shown. */
export const quoted = (text: string): string => JSON.stringify(shorten(text, 60));

/** `text` as a POSIX shell reads it back as one word, in quotes only where it needs them. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** What `value` is, as people who write YAML call it. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'string') return `the text ${quoted(value)}`;
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? 'a list' : 'a mapping';
}

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
