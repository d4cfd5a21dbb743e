import { oneLine } from '../words.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  $: '&#36;',
  '[': '&#91;',
  ']': '&#93;',
  '`': '&#96;',
  '*': '&#42;',
  '\\': '&#92;',
  '|': '&#124;',
};

/**
 * Foreign text for a description, which Grafana reads as Markdown with HTML and with variables in it (`$job`, `[[job]]`):
 * shown as it was written, and never more than that.
 */
export const markdownText = (text: string): string =>
  oneLine(text, 400).replace(/[&<>"$[\]`*\\|]/g, (c) => ENTITIES[c] ?? c);

/** Foreign text for a title, where Grafana resolves variables and shows the rest as it is. */
export const titleText = (text: string): string =>
  oneLine(text, 120)
    .replace(/\$|\[\[|\]\]/g, ' ')
    .trim();

export const sentence = (text: string): string => (text === '' || /[.!?\u2026]$/.test(text) ? text : `${text}.`);
