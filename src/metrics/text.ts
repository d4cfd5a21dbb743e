/** A help text on one line, without anything that moves a cursor: Prometheus hands on what the target wrote. */
const plainText = (text: string, longest = 400): string => {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  if (line.length <= longest) return line;
  // Half a character would come back from Grafana as another one.
  const cut = line.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, '');
  return `${cut.trimEnd()}…`;
};

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
  plainText(text).replace(/[&<>"$[\]`*\\|]/g, (c) => ENTITIES[c] ?? c);

/** Foreign text for a title, where Grafana resolves variables and shows the rest as it is. */
export const titleText = (text: string): string =>
  plainText(text, 120)
    .replace(/\$|\[\[|\]\]/g, ' ')
    .trim();

export const sentence = (text: string): string => (text === '' || /[.!?\u2026]$/.test(text) ? text : `${text}.`);
