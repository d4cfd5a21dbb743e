import { isDeepStrictEqual } from 'node:util';
import { type MonitorError, mistake } from '../errors.ts';
import { findClashes } from './clashes.ts';
import type { MonitorConfig } from './model.ts';
import { readConfig, resolve } from './resolve.ts';
import { problemText, read, type Shape } from './shape.ts';
import { append, blockLines, type Edited, remove } from './yaml-edit.ts';
import { parseYaml } from './yaml-source.ts';

/** A list of monitor.yml that commands write to. */
export interface EditedList<T> {
  key: 'targets' | 'exporters' | 'dashboards';
  entriesOf: (config: MonitorConfig) => readonly T[];
  /** The entry as a person would write it. */
  shortest: (entry: T, config: MonitorConfig) => unknown;
  refused: (entry: T, lines: readonly string[]) => MonitorError;
}

/** monitor.yml's text, and what it says. */
export interface ConfigText {
  text: string;
  config: MonitorConfig;
  fileName: string;
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

/** The text with `entry` at the end of the list. @throws MonitorError as `refused`, or `config-not-editable` */
export const addEntry = <T>(list: EditedList<T>, file: ConfigText, entry: T, written: unknown): string => {
  const entries = [...list.entriesOf(file.config), entry];
  return edit(list, file, 'add', [entry], entries, append(file.text, list.key, written));
};

/** The text in which `edited` makes the entry at `position` another one. @throws as `addEntry` */
export const updateEntry = <T>(list: EditedList<T>, file: ConfigText, position: number, entry: T, edited: Edited) =>
  edit(list, file, 'update', [entry], list.entriesOf(file.config).with(position, entry), edited);

/** The text without the entries that `match`. @throws MonitorError `invalid-config` or `config-not-editable` */
export function removeEntries<T>(
  list: EditedList<T>,
  text: string,
  fileName: string,
  match: (entry: T) => boolean,
): Removed<T> {
  const file = { text, config: resolve(text, fileName), fileName };
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
  file: ConfigText,
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
  const reading = edited === undefined ? undefined : readConfig(edited, file.fileName);
  if (edited !== undefined && isDeepStrictEqual(reading?.config, expected)) return edited;
  throw mistake({
    code: 'config-not-editable',
    message: `${file.fileName} cannot be edited here without changing other lines`,
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
