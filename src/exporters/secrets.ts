import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { OptionValues } from '../config/exporter-table.ts';
import type { ExporterConfig } from '../config/model.ts';
import { makeFolder, readText, type StateFolder } from '../config/state-folder.ts';
import { isRecord } from '../config/words.ts';
import { writeFileAtomically } from '../config/write.ts';
import { parseJson } from '../json.ts';

/** What an exporter is told that monitor.yml does not say: kept in `.monitor/exporters/`, readable by its owner alone. */
export interface StoredValues {
  values: OptionValues;
  /** Changes with the values, so that a label can tell which values a container has without showing them. */
  revision: string;
}

export const secretsPathOf = ({ path }: StateFolder, { name, for: server }: Whose): string =>
  join(path, 'exporters', `${server === undefined ? name : `${name}-${server}`}.json`);

type Whose = Pick<ExporterConfig, 'name' | 'for'>;

/** Empty if the file does not exist or has another format. */
export const readSecrets = async (folder: StateFolder, whose: Whose): Promise<StoredValues | undefined> => {
  const parsed = parseJson((await readText(secretsPathOf(folder, whose))) ?? '');
  if (!isRecord(parsed) || !isRecord(parsed['values']) || typeof parsed['revision'] !== 'string') return undefined;
  return { values: valuesIn(parsed['values']), revision: parsed['revision'] };
};

const valuesIn = (read: Record<string, unknown>): OptionValues => {
  const values: OptionValues = {};
  for (const name of ['user', 'password', 'database', 'path'] as const) {
    const value = read[name];
    if (typeof value === 'string') values[name] = value;
  }
  return values;
};

/** What is stored after this for `values`; the revision stays where they do. */
export const revised = (stored: StoredValues | undefined, values: OptionValues): StoredValues =>
  stored !== undefined && isDeepStrictEqual(stored.values, values)
    ? stored
    : { values, revision: randomBytes(6).toString('hex') };

export const writeSecrets = async (
  folder: StateFolder,
  whose: Whose,
  { values, revision }: StoredValues,
): Promise<void> => {
  const path = secretsPathOf(folder, whose);
  await makeFolder(folder);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFileAtomically(path, `${JSON.stringify({ revision, values })}\n`, 0o600);
};

/** With their folder, where they were the last ones. */
export const removeSecrets = async (folder: StateFolder, whose: Whose): Promise<void> => {
  const path = secretsPathOf(folder, whose);
  await rm(path, { force: true });
  const rest = await readdir(dirname(path)).catch(() => ['unknown']);
  if (rest.length === 0) await rmdir(dirname(path));
};
