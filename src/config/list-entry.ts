import { isMap, isScalar, isSeq, type Pair, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import {
  columnOf,
  contentEnd,
  indentOf,
  inlineYaml,
  inserting,
  isWritten,
  lineBreakOf,
  lineEnd,
  lineStart,
  nextLine,
  replacing,
  type Splice,
} from './splice.ts';

/**
 * How entries of a list of the file are added, changed and removed in its text, every other character left alone.
 * Undefined where the file is written in a way that this does not know; the caller checks what came out.
 */

/** An entry as it is written. */
export interface EntryText {
  /** Lines of a block entry, without the dash. */
  block: readonly string[];
  /** In a list in brackets. */
  inline: string;
}

type Range = readonly [number, number, number];

export const rangeOf = (node: { range?: Range | null | undefined }): Range => node.range ?? [0, 0, 0];

export const pairOf = (map: YAMLMap, key: string): Pair | undefined =>
  map.items.find((item) => isScalar(item.key) && item.key.value === key);

const linesOf = ({ block }: EntryText, indent: string, eol: string): string =>
  block.map((line, i) => `${eol}${indent}${i === 0 ? '- ' : '  '}${line}`).join('');

/** Adds an entry to the end of the list `key`, which is made if need be. */
export function insertEntry(text: string, root: YAMLMap, key: string, entry: EntryText): Splice[] | undefined {
  const pair = pairOf(root, key);
  if (pair === undefined) return insertSection(text, root, key, entry);
  if (isSeq(pair.value)) return insertIntoList(text, root, pair, pair.value, entry);
  if (root.flow || !isScalar(pair.key) || (isScalar(pair.value) && pair.value.value !== null)) return undefined;
  return fillEmpty(text, root, pair.key, pair.value, entry);
}

/** The list at the end of a file that has none. */
function insertSection(text: string, root: YAMLMap, key: string, entry: EntryText): Splice[] {
  if (root.flow) return [inserting(contentEnd(text, root.items.at(-1)), `, ${key}: [${entry.inline}]`)];
  const eol = lineBreakOf(text);
  const column = ' '.repeat(columnOf(text, rangeOf(root)[0]));
  const section = `${column}${key}:${linesOf(entry, column + childIndent(text, root), eol)}`;
  return [inserting(text.length, text.endsWith('\n') ? section + eol : eol + section)];
}

/** How far lists, or else sections, are indented in this file. */
function childIndent(text: string, root: YAMLMap): string {
  const values = root.items.map(({ value }) => value);
  const child =
    values.find((value) => isSeq(value) && !value.flow) ?? values.find((value) => isMap(value) && !value.flow);
  if (!isSeq(child) && !isMap(child)) return '  ';
  return ' '.repeat(Math.max(0, columnOf(text, rangeOf(child)[0]) - columnOf(text, rangeOf(root)[0])));
}

/** A first entry for `list:`, `list: []` or `list: null`; a comment on that line stays there. */
function fillEmpty(text: string, root: YAMLMap, key: Scalar, value: unknown, added: EntryText): Splice[] {
  const indent = ' '.repeat(columnOf(text, rangeOf(root)[0])) + childIndent(text, root);
  const entry = linesOf(added, indent, lineBreakOf(text));
  const keyEnd = rangeOf(key)[1];
  if (!isWritten(value) || !(isScalar(value) || isSeq(value))) return [inserting(lineEnd(text, keyEnd), entry)];
  const [start, end] = rangeOf(value);
  const from = text.slice(0, start).trimEnd().length;
  return [replacing([from, end], ''), inserting(lineEnd(text, end), entry)];
}

function insertIntoList(
  text: string,
  root: YAMLMap,
  pair: Pair,
  list: YAMLSeq,
  entry: EntryText,
): Splice[] | undefined {
  const [start, end] = rangeOf(list);
  const last = list.items.at(-1);
  const lines = text.slice(start, end).includes('\n');
  if (last === undefined) {
    if (root.flow || lines || !isScalar(pair.key)) return [inserting(end - 1, entry.inline)];
    return fillEmpty(text, root, pair.key, list, entry);
  }
  const lastEnd = contentEnd(text, last);
  if (list.flow) return insertIntoFlow(text, list, lastEnd, entry.inline);
  const indent = text.slice(lineStart(text, start), start);
  if (indent.trim() !== '') return undefined;
  return [inserting(lineEnd(text, lastEnd), linesOf(entry, indent, lineBreakOf(text)))];
}

/** After the last entry of `[a, b]`; on a line of its own where that entry has one. */
function insertIntoFlow(text: string, list: YAMLSeq, lastEnd: number, entry: string): Splice[] {
  const [start, end] = rangeOf(list);
  const tail = text.slice(lastEnd, end - 1);
  if (!tail.includes('\n') || lineStart(text, lastEnd) === lineStart(text, start))
    return [inserting(lastEnd, `, ${entry}`)];
  const hasComma = tail.replace(/#[^\n]*/g, '').includes(',');
  const line = `${lineBreakOf(text)}${indentOf(text, lastEnd)}${entry}${hasComma ? ',' : ''}`;
  return [...(hasComma ? [] : [inserting(lastEnd, ',')]), inserting(lineEnd(text, lastEnd), line)];
}

export const newLines = (text: string, column: number, lines: readonly string[]): string =>
  lines.map((line) => `${lineBreakOf(text)}${' '.repeat(column)}${line}`).join('');

/** Gives keys of a mapping new values; those that it does not have go to its end. */
export function setPairs(text: string, map: YAMLMap, values: Record<string, unknown>): Splice[] | undefined {
  const splices: Splice[] = [];
  const added: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(values)) {
    const pair = pairOf(map, key);
    if (pair === undefined) added[key] = value;
    else if (isScalar(pair.value) && isWritten(pair.value))
      splices.push(replacing(rangeOf(pair.value), inlineYaml(value)));
    else return undefined;
  }
  return [...splices, ...addPairs(text, map, added)];
}

function addPairs(text: string, map: YAMLMap, values: Record<string, unknown>): Splice[] {
  const pairs = Object.entries(values).map(([key, value]) => `${inlineYaml(key)}: ${inlineYaml(value)}`);
  return addLines(text, map, pairs, pairs);
}

/** Lines at the end of a mapping, or what stands for them in braces. */
export function addLines(text: string, map: YAMLMap, block: readonly string[], inline: readonly string[]): Splice[] {
  if (inline.length === 0) return [];
  const end = contentEnd(text, map.items.at(-1));
  if (map.flow) return [inserting(end, `, ${inline.join(', ')}`)];
  return [inserting(lineEnd(text, end), newLines(text, columnOf(text, rangeOf(map)[0]), block))];
}

/** Takes the entry at `position` out; comments beside it stay, except those on its own lines. */
export function removeEntry(text: string, root: YAMLMap, key: string, position: number): Splice[] | undefined {
  const pair = pairOf(root, key);
  const list = pair?.value;
  if (!isSeq(list) || !isScalar(pair?.key)) return undefined;
  if (list.flow) return removeFromFlow(text, list, position);
  const dash = dashOffset(list, position);
  if (dash === undefined || text.slice(lineStart(text, dash), dash).trim() !== '') return undefined;
  const lines = removedLines(text, lineStart(text, dash), nextLine(text, contentEnd(text, list.items[position])));
  if (list.items.length > 1) return [lines];
  const colon = text.indexOf(':', rangeOf(pair.key)[1]);
  return [inserting(colon + 1, ' []'), lines];
}

/** Where lines up to the end of the file go, the file keeps its way to end: with a line break or without. */
function removedLines(text: string, from: number, to: number): Splice {
  const unended = to === text.length && !text.endsWith('\n');
  return replacing(unended ? [text.slice(0, from).replace(/\r?\n$/, '').length, to] : [from, to], '');
}

function dashOffset(list: YAMLSeq, position: number): number | undefined {
  const token = list.srcToken;
  if (token?.type !== 'block-seq') return undefined;
  return token.items[position]?.start.find(({ type }) => type === 'seq-item-ind')?.offset;
}

/** With its comma; on its own lines, with these. */
function removeFromFlow(text: string, list: YAMLSeq, position: number): Splice[] | undefined {
  const [start, end] = entryRange(text, list, position);
  const from = lineStart(text, start);
  const tail = /^\s*,?[ \t]*(?:#[^\n]*)?\r?\n/.exec(text.slice(end))?.[0];
  if (text.slice(from, start).trim() === '' && tail !== undefined && from > 0)
    return [replacing([from, end + tail.length], '')];
  if (position > 0) return [replacing([entryRange(text, list, position - 1)[1], end], '')];
  if (list.items.length > 1) return [replacing([start, entryRange(text, list, 1)[0]], '')];
  return [replacing([start, rangeOf(list)[1] - 1], '')];
}

function entryRange(text: string, list: YAMLSeq, position: number): [number, number] {
  const entry = list.items[position];
  return isMap(entry) || isScalar(entry) ? [rangeOf(entry)[0], contentEnd(text, entry)] : [0, 0];
}
