import { isDeepStrictEqual } from 'node:util';
import { type MonitorError, mistake } from '../errors.ts';
import { isRecord } from '../json.ts';
import { findClashes } from './clashes.ts';
import type { LoadedConfig, MonitorConfig } from './model.ts';
import { readConfig, resolve } from './resolve.ts';
import { problemText, read, type Shape } from './shape.ts';
import { append, blockLines, type Edited, lengthen, remove, set } from './yaml-edit.ts';
import { parseYaml } from './yaml-source.ts';

/** A list of monitor.yml that commands write to. */
export interface EditedList<T> {
  key: 'targets' | 'exporters' | 'dashboards';
  entriesOf: (config: MonitorConfig) => readonly T[];
  /** The entry as a person would write it. */
  shortest: (entry: T, config: MonitorConfig) => unknown;
  refused: (entry: T, lines: readonly string[]) => MonitorError;
}

export interface Put<T> {
  /** The file's new text; the old one, byte for byte, where nothing changed. */
  text: string;
  change: 'added' | 'updated' | 'unchanged';
  entry: T;
  /** What an updated one was. */
  before?: T;
}

export interface Removed<T> {
  text: string;
  change: 'removed' | 'absent';
  removed: T[];
}

/** What is given of `wanted`, as an entry of this shape. @throws MonitorError as `refused`, with a line for each problem */
export function checked<T>(shape: Shape<T>, wanted: object, refused: (lines: string[]) => MonitorError): T {
  const given = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
  const { value, problems } = read(shape, given);
  if (value !== undefined && problems.length === 0) return value;
  throw refused(problems.map(problemText));
}

/**
 * The text with `entry` in it: the one at `position` with what is `written`, or a new one at the end of the list where none
 * is there. @throws MonitorError as `refused`, or `config-not-editable`
 */
export function putEntry<T extends object | string>(
  list: EditedList<T>,
  file: LoadedConfig,
  position: number,
  entry: T,
  written: object | string,
): Put<T> {
  const entries = list.entriesOf(file.config);
  const before = entries[position];
  if (before === undefined) {
    const added = append(file.text, list.key, list.shortest(entry, file.config));
    return { text: edit(list, file, 'add', [entry], [...entries, entry], added), change: 'added', entry };
  }
  if (isDeepStrictEqual(entry, before)) return { text: file.text, change: 'unchanged', entry };
  const old = keysOf(before);
  const updated = [...keysOf(written)]
    .filter(([key, value]) => old.get(key) !== value)
    .reduce<Edited>(
      (text, [key, value]) => text && set(text, [list.key, position, ...key.split('.')], value),
      lengthen(file.text, list.key, position, 'address'),
    );
  const text = edit(list, file, 'update', [entry], entries.with(position, entry), updated);
  return { text, change: 'updated', entry, before };
}

/** What an entry says by key: `labels.team` of a label. */
export const keysOf = (entry: object | string): Map<string, unknown> =>
  new Map(
    Object.entries(entry).flatMap(([key, value]) =>
      isRecord(value) ? Object.entries(value).map(([name, inner]) => [`${key}.${name}`, inner]) : [[key, value]],
    ),
  );

/** The text without the entries that `match`. @throws MonitorError `invalid-config` or `config-not-editable` */
export function removeEntries<T>(
  list: EditedList<T>,
  text: string,
  fileName: string,
  match: (entry: T) => boolean,
): Removed<T> {
  const file = { path: fileName, text, config: resolve(text, fileName) };
  const entries = list.entriesOf(file.config);
  const removed = entries.filter(match);
  if (removed.length === 0) return { text, change: 'absent', removed };
  const rest = entries.filter((entry) => !removed.includes(entry));
  const edited = entries.reduceRight<Edited>(
    (edited, entry, position) => (removed.includes(entry) ? edited && remove(edited, list.key, position) : edited),
    text,
  );
  return { text: edit(list, file, 'remove', removed, rest, edited), change: 'removed', removed };
}

/** `edited`, if it has exactly these `entries`; `own`: those that are added, changed or removed. */
function edit<T>(
  list: EditedList<T>,
  file: LoadedConfig,
  todo: keyof typeof BY_HAND,
  own: readonly T[],
  entries: T[],
  edited: Edited,
): string {
  const expected = { ...file.config, [list.key]: entries };
  for (const entry of own) {
    const clashes = clashesWith(expected, file.text, list.key, entries.indexOf(entry));
    if (clashes.length > 0) throw list.refused(entry, clashes);
  }
  const reading = edited === undefined ? undefined : readConfig(edited, file.path);
  if (edited !== undefined && isDeepStrictEqual(reading?.config, expected)) return edited;
  throw mistake({
    code: 'config-not-editable',
    message: `${file.path} cannot be edited here without changing other lines`,
    detail: blockLines(own.map((entry) => list.shortest(entry, file.config))),
    suggestion: BY_HAND[todo](list.key),
  });
}

const BY_HAND = {
  add: (list: string) => `add this entry to \`${list}\` by hand`,
  update: (list: string) => `change the entry under \`${list}\` to this one by hand`,
  remove: (list: string) => `remove this entry from \`${list}\` by hand`,
};

/** What clashes in `expected`, each with the line of the entry that was in the file before. */
function clashesWith(expected: MonitorConfig, text: string, key: string, position: number): string[] {
  const clashes = findClashes(expected);
  if (clashes.length === 0) return [];
  const source = parseYaml(text);
  return clashes.map(({ path, with: other, message }) => {
    const isOwn = other[0] === key && other[1] === position;
    return message(`line ${source.position(source.offsetOf(isOwn ? path : other)).line}`, other);
  });
}
