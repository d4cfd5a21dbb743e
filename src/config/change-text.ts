import { isDeepStrictEqual } from 'node:util';
import { isMap, type YAMLMap } from 'yaml';
import { MonitorError } from '../errors.ts';
import { findClashes } from './cross-checks.ts';
import type { MonitorConfig } from './model.ts';
import { readConfig } from './resolve.ts';
import { applySplices, type Splice } from './splice.ts';
import { type Path, parseYaml } from './yaml-source.ts';

/** What to change of a text; undefined where it is written in a way that the change does not know. */
export type TextChange = (text: string, root: YAMLMap) => Splice[] | undefined;

export interface ChangeWords {
  /** Where the changed entry stands in `expected`: what clashes there is said of the other one's line. */
  own: Path;
  refused: (lines: readonly string[]) => MonitorError;
  notEditable: () => MonitorError;
}

/** Changes the text, and makes sure that what it says then is exactly `expected`. Pure. */
export function changeText(text: string, expected: MonitorConfig, change: TextChange, words: ChangeWords): string {
  const source = parseYaml(text);
  const isOwn = ([list, position]: Path) => list === words.own[0] && position === words.own[1];
  const clashes = findClashes(expected).map((clash) => {
    const other = isOwn(clash.with) ? clash.path : clash.with;
    return clash.message(`line ${source.position(source.offsetOf(other)).line}`);
  });
  if (clashes.length > 0) throw words.refused(clashes);
  const root = source.doc.contents;
  const splices = isMap(root) ? change(text, root) : undefined;
  const edited = splices === undefined ? text : applySplices(text, splices);
  const reading = readConfig(edited);
  if ('config' in reading && isDeepStrictEqual(reading.config, expected)) return edited;
  throw words.notEditable();
}

/** What the user is asked to do with an entry, by hand. */
const BY_HAND = {
  add: (list: string) => `put this entry under \`${list}\` by hand`,
  update: (list: string) => `change the entry under \`${list}\` to this one by hand`,
  remove: (list: string) => `remove this entry from \`${list}\` by hand`,
};

/** The entry as its lines would be, for the user to put there, or to take out. */
export function notEditable(
  fileName: string,
  list: string,
  entry: readonly string[],
  todo: keyof typeof BY_HAND,
): MonitorError {
  const [first = '', ...rest] = entry;
  return new MonitorError({
    code: 'config-not-editable',
    message: `${fileName} is written in a way that cannot be changed here without disturbing it`,
    detail: [`- ${first}`, ...rest.map((line) => `  ${line}`)],
    suggestion: BY_HAND[todo](list),
    exitCode: 2,
  });
}

/** What a change of a list that had so many entries, and has so many then, does to the one. */
export const todoOf = (before: number, after: number): keyof typeof BY_HAND =>
  after === before ? 'update' : after > before ? 'add' : 'remove';
