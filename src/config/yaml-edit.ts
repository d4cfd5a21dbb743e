import {
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Pair,
  parseDocument,
  stringify,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Path } from './shape.ts';
import { isWritten, startOf } from './yaml-source.ts';

/**
 * Edits of a YAML text that leave every other character alone. Printing the Document would keep comments and order, but
 * neither indentation nor quotes nor spaces: so it says where things are, and only what is new is printed.
 * Each edit answers undefined where the text is written in a way that it does not know, such as an alias.
 */
export type Edited = string | undefined;

const OPTIONS = {
  // Quotes what YAML 1.1 does not read as text, such as `yes`.
  compat: 'yaml-1.1',
  lineWidth: 0,
  singleQuote: false,
  blockQuote: false,
  doubleQuotedAsJSON: true,
  flowCollectionPadding: false,
} as const;

export const blockLines = (value: unknown): string[] => stringify(value, OPTIONS).trimEnd().split('\n');

/** A value on one line that can stand anywhere, inside `[]` and `{}` too. */
export const inlineYaml = (value: unknown): string => {
  const inside = stringify([value], { ...OPTIONS, collectionStyle: 'flow' }).trimEnd();
  // The library breaks lines in a text that has some; JSON is YAML too.
  return inside.includes('\n') ? JSON.stringify(value) : inside.slice(1, -1);
};

/** Adds `entry` to the end of the list `key`, which is created if it is missing. */
export function append(text: string, key: string, entry: unknown): Edited {
  const root = rootOf(text);
  if (root === undefined) return undefined;
  const pair = pairOf(root, key);
  if (pair === undefined) return root.flow ? addPair(text, root, key, [entry]) : addSection(text, root, key, entry);
  const list = pair.value;
  const isList = isSeq(list);
  if (isList && (list.items.length > 0 || root.flow || text.slice(startOf(list), endOf(text, list)).includes('\n')))
    return list.flow ? addToFlow(text, list, inlineYaml(entry)) : addToBlock(text, list, entry);
  if (root.flow || !(isList || isEmpty(list))) return undefined;
  return fillEmpty(text, pair, entryLines(text, childColumn(text, root), entry));
}

/** Gives the value at `path` another one; the mappings that lead to it are made where they are missing or empty. */
export function set(text: string, path: Path, value: unknown): Edited {
  let node: unknown = rootOf(text);
  for (const [depth, step] of path.entries()) {
    if (isSeq(node) && typeof step === 'number') {
      node = node.items[step];
      continue;
    }
    if (!isMap(node)) return undefined;
    const pair = pairOf(node, step);
    const rest = path.slice(depth + 1).reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
    if (pair === undefined) return addPair(text, node, String(step), rest);
    if (!isCollection(pair.value) || pair.value.items.length === 0) return replaceValue(text, pair, rest);
    node = pair.value;
  }
  return undefined;
}

/** Makes a text in the list `key` a mapping with that text at `inner`; a mapping stays as it is. */
export function lengthen(text: string, key: string, position: number, inner: string): Edited {
  const list = pairOf(rootOf(text), key)?.value;
  const entry = isSeq(list) ? list.items[position] : undefined;
  if (!isSeq(list) || !isScalar(entry)) return isMap(entry) ? text : undefined;
  const [start, end] = [startOf(entry), endOf(text, entry)];
  const pair = `${inner}: ${text.slice(start, end)}`;
  return splice(text, start, end, list.flow ? `{${pair}}` : pair);
}

/** Removes an entry of the list `key`; comments stay, except those on its own lines. */
export function remove(text: string, key: string, position: number): Edited {
  const pair = pairOf(rootOf(text), key);
  const list = pair?.value;
  if (!isSeq(list)) return undefined;
  if (list.flow) return removeFromFlow(text, list, position);
  const token = list.srcToken?.type === 'block-seq' ? list.srcToken.items[position] : undefined;
  const dash = token?.start.find(({ type }) => type === 'seq-item-ind')?.offset ?? 0;
  const start = lineStart(text, dash);
  if (text.slice(start, dash).trim() !== '') return undefined;
  const end = nextLine(text, endOf(text, list.items[position]));
  const [before, after] = [text.slice(0, start), text.slice(end)];
  // A file that ends without a line break still does.
  const kept = after === '' && !text.endsWith('\n') ? before.replace(/\r?\n$/, '') : before;
  if (list.items.length > 1) return kept + after;
  const colon = text.indexOf(':', endOf(text, pair?.key)) + 1;
  return splice(kept, colon, colon, ' []') + after;
}

const rootOf = (text: string): YAMLMap | undefined => {
  const { contents } = parseDocument(text, { keepSourceTokens: true, logLevel: 'silent' });
  return isMap(contents) ? contents : undefined;
};

const pairOf = (map: YAMLMap | undefined, key: string | number): Pair | undefined =>
  map?.items.find((item) => isScalar(item.key) && item.key.value === key);

/** Whether nothing is written there, or no more than `null`. */
const isEmpty = (node: unknown): boolean =>
  !isAlias(node) && !isCollection(node) && !(isScalar(node) && node.value !== null);

const addSection = (text: string, root: YAMLMap, key: string, entry: unknown): string => {
  const eol = lineBreakOf(text);
  const section = `${' '.repeat(columnOf(text, root))}${key}:${entryLines(text, childColumn(text, root), entry)}`;
  return text.endsWith('\n') ? text + section + eol : text + eol + section;
};

/** The column of the lists, or else of the sections, of this file. */
function childColumn(text: string, root: YAMLMap): number {
  const blocks = root.items.map(({ value }) => value).filter((value) => isCollection(value) && !value.flow);
  const child = blocks.find(isSeq) ?? blocks[0];
  return isNode(child) ? columnOf(text, child) : columnOf(text, root) + 2;
}

/** A first entry for `list:`, `list: []` or `list: null`; a comment on that line stays there. */
function fillEmpty(text: string, { key, value }: Pair, lines: string): string {
  const colon = text.indexOf(':', endOf(text, key)) + 1;
  const end = Math.max(colon, endOf(text, value));
  const rest = text.slice(end, lineEnd(text, end));
  return splice(text, colon, lineEnd(text, end), rest + lines);
}

function addToBlock(text: string, list: YAMLSeq, entry: unknown): Edited {
  const at = lineEnd(text, endOf(text, list));
  const isOnLines = text.slice(lineStart(text, startOf(list)), startOf(list)).trim() === '';
  return isOnLines ? splice(text, at, at, entryLines(text, columnOf(text, list), entry)) : undefined;
}

/** After the last item of `[a, b]` or `{a: b}`; on a line of its own where that item has one. */
function addToFlow(text: string, collection: YAMLSeq | YAMLMap, item: string): string {
  const [start, close] = [startOf(collection), endOf(text, collection) - 1];
  const last = collection.items.at(-1);
  if (last === undefined) return splice(text, close, close, item);
  const end = endOf(text, last);
  const tail = text.slice(end, close);
  const line = lineStart(text, end);
  if (!tail.includes('\n') || line === lineStart(text, start)) return splice(text, end, end, `, ${item}`);
  const hasComma = tail.replace(/#[^\n]*/g, '').includes(',');
  const indent = /^ */.exec(text.slice(line))?.[0] ?? '';
  const rest = text.slice(end, lineEnd(text, end));
  const added = `${hasComma ? '' : ','}${rest}${lineBreakOf(text)}${indent}${item}${hasComma ? ',' : ''}`;
  return splice(text, end, end + rest.length, added);
}

function addPair(text: string, map: YAMLMap, key: string, value: unknown): string {
  if (map.flow) return addToFlow(text, map, inlineYaml({ [key]: value }).slice(1, -1));
  const at = lineEnd(text, endOf(text, map));
  return splice(text, at, at, linesAt(text, columnOf(text, map), blockLines({ [key]: value })));
}

function replaceValue(text: string, { key, value }: Pair, now: unknown): Edited {
  if (isAlias(value)) return undefined;
  const colon = text.indexOf(':', endOf(text, key)) + 1;
  const [start, end] = [startOf(value), endOf(text, value)];
  return end > colon ? splice(text, start, end, inlineYaml(now)) : splice(text, colon, colon, ` ${inlineYaml(now)}`);
}

/** With its comma; where it has lines of its own, with these. */
function removeFromFlow(text: string, list: YAMLSeq, position: number): string {
  const [before, entry, after] = [-1, 0, 1].map((step) => list.items[position + step]);
  const [start, end] = [startOf(entry), endOf(text, entry)];
  const line = lineStart(text, start);
  const tail = /^\s*,?[ \t]*(?:#[^\n]*)?\r?\n/.exec(text.slice(end))?.[0];
  if (line > 0 && text.slice(line, start).trim() === '' && tail !== undefined)
    return splice(text, line, end + tail.length, '');
  if (position > 0) return splice(text, endOf(text, before), end, '');
  return splice(text, start, after === undefined ? endOf(text, list) - 1 : startOf(after), '');
}

/** Where the last character of `node` is written: before the comments and line breaks that follow. */
function endOf(text: string, node: unknown): number {
  if (isPair(node)) return Math.max(endOf(text, node.key), endOf(text, node.value));
  if (isCollection(node) && !node.flow && node.items.length > 0) return endOf(text, node.items.at(-1));
  return isNode(node) && isWritten(node) ? text.slice(0, node.range?.[1] ?? 0).trimEnd().length : 0;
}

const splice = (text: string, from: number, to: number, insert: string): string =>
  text.slice(0, from) + insert + text.slice(to);

const lineBreakOf = (text: string): string => (text.includes('\r\n') ? '\r\n' : '\n');

const lineStart = (text: string, offset: number): number =>
  text.lastIndexOf('\n', offset - 1) + 1 || (text.startsWith('\uFEFF') ? 1 : 0);

const nextLine = (text: string, offset: number): number => text.indexOf('\n', offset) + 1 || text.length;

/** Where the line's text ends, before its line break. */
const lineEnd = (text: string, offset: number): number => {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end > offset && text[end - 1] === '\r' ? end - 1 : end;
};

const columnOf = (text: string, node: unknown): number => startOf(node) - lineStart(text, startOf(node));

const linesAt = (text: string, column: number, lines: readonly string[]): string =>
  lines.map((line) => `${lineBreakOf(text)}${' '.repeat(column)}${line}`).join('');

const entryLines = (text: string, column: number, entry: unknown): string =>
  linesAt(
    text,
    column,
    blockLines(entry).map((line, i) => `${i === 0 ? '- ' : '  '}${line}`),
  );
