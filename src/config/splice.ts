import { isAlias, isCollection, isMap, isNode, isPair, isScalar, stringify } from 'yaml';

/** One change of a text: `remove` characters at `at` give way to `insert`. */
export interface Splice {
  at: number;
  remove: number;
  insert: string;
}

export const inserting = (at: number, insert: string): Splice => ({ at, remove: 0, insert });
export const replacing = ([start, end]: readonly [number, number, ...number[]], insert: string): Splice => ({
  at: start,
  remove: end - start,
  insert,
});

/** `text` with all `splices`, which do not overlap; those at one place come out in their order. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  const ordered = [...splices].sort((a, b) => a.at - b.at);
  let result = '';
  let done = 0;
  for (const { at, remove, insert } of ordered) {
    result += text.slice(done, at) + insert;
    done = at + remove;
  }
  return result + text.slice(done);
}

/** The line break that the text uses. */
export const lineBreakOf = (text: string): string => (text.includes('\r\n') ? '\r\n' : '\n');

export const lineStart = (text: string, offset: number): number => text.lastIndexOf('\n', offset - 1) + 1;

/** Where the line's text ends, before its line break. */
export function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  if (end < 0) return text.length;
  return end > offset && text[end - 1] === '\r' ? end - 1 : end;
}

/** Where the next line begins. */
export const nextLine = (text: string, offset: number): number => {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end + 1;
};

export const columnOf = (text: string, offset: number): number => offset - lineStart(text, offset);

export const indentOf = (text: string, offset: number): string =>
  /^[ ]*/.exec(text.slice(lineStart(text, offset), offset))?.[0] ?? '';

/** Whether a value stands in `node`'s place, rather than nothing at all. */
export const isWritten = (node: unknown): boolean =>
  isAlias(node) || isCollection(node) || (isScalar(node) && (node.value !== null || (node.source ?? '') !== ''));

/** Where the last character of `node` is written: before comments and line breaks that follow it. */
export function contentEnd(text: string, node: unknown): number {
  if (isPair(node)) return contentEnd(text, isWritten(node.value) ? node.value : node.key);
  if (isMap(node) && !node.flow && node.items.length > 0) return contentEnd(text, node.items.at(-1));
  const end = isNode(node) ? (node.range?.[1] ?? 0) : 0;
  return text.slice(0, end).trimEnd().length;
}

/** A value as YAML that can stand anywhere, inside `[]` and `{}` too; quoted where YAML 1.1 reads it otherwise (`yes`). */
export function inlineYaml(value: unknown): string {
  const options = { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0, compat: 'yaml-1.1' } as const;
  const inside = stringify([value], options).trimEnd();
  return inside.includes('\n') ? JSON.stringify(value) : inside.slice(1, -1);
}
