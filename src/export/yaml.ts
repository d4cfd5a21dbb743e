import { UNREADABLE } from '../prometheus/yaml-text.ts';

/**
 * YAML of plain data that readers of YAML 1.1 (kubectl, Prometheus) and of 1.2 (Compose) take for the same: text is plain
 * only where it is a word beyond doubt, a block where it has lines, and as in JSON otherwise. The YAML library takes three
 * times as long for an export of 30 dashboards, which is more than the 150 ms that one may take.
 */
export const yamlText = (data: unknown, comment?: string): string => {
  const head = comment === undefined ? '' : `${comment.replaceAll(/^/gm, '# ')}\n`;
  return `${head}${block(data, '').replace(/^\n/, '')}\n`;
};

/** What follows a key or a dash: a word behind a space, or lines of their own. */
const block = (data: unknown, indent: string): string => {
  if (typeof data === 'string') return ` ${scalar(data, indent)}`;
  if (typeof data !== 'object' || data === null) return ` ${String(data)}`;
  if (Array.isArray(data)) {
    if (data.length === 0) return ' []';
    return data.map((item: unknown) => `\n${indent}-${itemOf(item, `${indent}  `)}`).join('');
  }
  const entries = Object.entries(data).filter(([, value]) => value !== undefined);
  if (entries.length === 0) return ' {}';
  return entries.map(([key, value]) => `\n${indent}${word(key)}:${block(value, `${indent}  `)}`).join('');
};

/** An item of a list begins on the line of its dash. */
const itemOf = (item: unknown, indent: string): string => block(item, indent).replace(/^\n */, ' ');

const scalar = (text: string, indent: string): string => {
  if (!isBlock(text)) return word(text);
  const lines = text.replace(/\n$/, '').replaceAll(/^(?=.)/gm, indent === '' ? '  ' : indent);
  return `${text.endsWith('\n') ? '|' : '|-'}\n${lines}`;
};

/** Lines that a block keeps: the first begins with a character, none is of spaces alone, and only one end is at the end. */
const isBlock = (text: string): boolean =>
  text.includes('\n') &&
  /^\S/.test(text) &&
  !/[\t\r]|^ +$/m.test(text) &&
  !/\n\n$/.test(text) &&
  !unreadable.test(text);

const word = (text: string): string =>
  PLAIN.test(text)
    ? text
    : JSON.stringify(text.replaceAll(/\p{Cs}/gu, '\ufffd')).replaceAll(
        everyUnreadable,
        (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );

/** Words and addresses that no YAML reader takes for anything else. */
const PLAIN = /^(?!e\d)(?!(?:true|false|yes|no|on|off|y|n|null|nan|inf)$)[a-z_][\w./-]*(?::\d+)?$/i;
const unreadable = new RegExp(UNREADABLE, 'u');
const everyUnreadable = new RegExp(UNREADABLE, 'gu');
