import { isMap, isScalar, isSeq, type Pair, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import { addLines, type EntryText, newLines, pairOf, rangeOf, setPairs } from './list-entry.ts';
import type { LongTarget } from './schema.ts';
import { columnOf, inlineYaml, inserting, isWritten, lineEnd, replacing, type Splice } from './splice.ts';

/** How a target is written, and changed where it stands, every other character of the file left alone. */

/** A key of a target and its new value. */
export type TargetKeys = Omit<LongTarget, 'address'>;

/** A target as the lines of a block entry, without the dash: its short form where the address says it all. */
export function blockLines({ address, ...keys }: LongTarget): string[] {
  const lines = keyLines(keys);
  return lines.length === 0 ? [inlineYaml(address)] : [`address: ${inlineYaml(address)}`, ...lines];
}

function keyLines({ labels, ...keys }: TargetKeys): string[] {
  const plain = Object.entries(keys).map(([key, value]) => `${key}: ${inlineYaml(value)}`);
  const ofLabels = Object.entries(labels ?? {}).map(([name, value]) => `  ${inlineYaml(name)}: ${inlineYaml(value)}`);
  return ofLabels.length === 0 ? plain : [...plain, 'labels:', ...ofLabels];
}

const inlineKeys = ({ labels, ...keys }: TargetKeys): string[] => [
  ...Object.entries(keys).map(([key, value]) => `${key}: ${inlineYaml(value)}`),
  ...(Object.keys(labels ?? {}).length === 0 ? [] : [`labels: ${inlineYaml(labels)}`]),
];

function inlineEntry({ address, ...keys }: LongTarget): string {
  const inner = inlineKeys(keys);
  return inner.length === 0 ? inlineYaml(address) : `{address: ${inlineYaml(address)}, ${inner.join(', ')}}`;
}

export const targetText = (target: LongTarget): EntryText => ({
  block: blockLines(target),
  inline: inlineEntry(target),
});

/** Writes `keys` into the entry at `position`, which becomes a long one if it is short. */
export function updateEntry(text: string, root: YAMLMap, position: number, keys: TargetKeys): Splice[] | undefined {
  const list = pairOf(root, 'targets')?.value;
  const entry = isSeq(list) ? list.items[position] : undefined;
  if (isSeq(list) && isScalar(entry)) return lengthen(text, list, entry, keys);
  return isMap(entry) ? setKeys(text, entry, keys) : undefined;
}

function lengthen(text: string, list: YAMLSeq, entry: Scalar, keys: TargetKeys): Splice[] {
  const [start, end] = rangeOf(entry);
  const opening = inserting(start, `${list.flow ? '{' : ''}address: `);
  if (list.flow) return [opening, inserting(end, `, ${inlineKeys(keys).join(', ')}}`)];
  return [opening, inserting(lineEnd(text, end), newLines(text, columnOf(text, start), keyLines(keys)))];
}

function setKeys(text: string, map: YAMLMap, { labels, ...plain }: TargetKeys): Splice[] | undefined {
  const splices = setPairs(text, map, plain);
  if (labels === undefined || labels === null) return splices;
  const written = pairOf(map, 'labels');
  const inner =
    isMap(written?.value) && written.value.items.length > 0 ? setPairs(text, written.value, labels) : undefined;
  const outer = inner ?? (written === undefined ? addKeys(text, map, { labels }) : refill(written, labels));
  return splices === undefined || outer === undefined ? undefined : [...splices, ...outer];
}

/** `labels:` or `labels: {}`, given their first ones. */
function refill({ key, value }: Pair, labels: TargetKeys['labels']): Splice[] | undefined {
  const inline = inlineYaml(labels);
  if (isWritten(value) && (isMap(value) || isScalar(value))) return [replacing(rangeOf(value), inline)];
  return isScalar(key) ? [inserting(rangeOf(key)[1] + 1, ` ${inline}`)] : undefined;
}

const addKeys = (text: string, map: YAMLMap, keys: TargetKeys): Splice[] =>
  addLines(text, map, keyLines(keys), inlineKeys(keys));
