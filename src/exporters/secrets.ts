import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { OptionValues } from '../config/exporter-table.ts';
import type { ExporterId } from '../config/model.ts';
import { makeFolder, readText, type StateFolder } from '../config/state-folder.ts';
import { writeFileAtomically } from '../config/write.ts';
import { isRecord, parseJson, textMap } from '../json.ts';

/** What an exporter is told that monitor.yml does not say: kept in `.monitor/exporters/`, readable by its owner alone. */
export interface StoredValues {
  values: OptionValues;
  /** Changes with the values, so that a label can tell which values a container has without showing them. */
  revision: string;
}

export const secretsPathOf = ({ path }: StateFolder, { name, for: server }: ExporterId): string =>
  join(path, 'exporters', `${server === undefined ? name : `${name}-${server}`}.json`);

/** Empty if the file does not exist or has another format. */
export const readSecrets = async (folder: StateFolder, whose: ExporterId): Promise<StoredValues | undefined> => {
  const parsed = parseJson((await readText(secretsPathOf(folder, whose))) ?? '');
  if (!isRecord(parsed) || !isRecord(parsed['values']) || typeof parsed['revision'] !== 'string') return undefined;
  return { values: textMap(parsed['values']), revision: parsed['revision'] };
};

/** What is stored after this for `values`; the revision stays where they do. */
export const revised = (stored: StoredValues | undefined, values: OptionValues): StoredValues =>
  stored !== undefined && isDeepStrictEqual(stored.values, values)
    ? stored
    : { values, revision: randomBytes(6).toString('hex') };

export const writeSecrets = async (
  folder: StateFolder,
  whose: ExporterId,
  { values, revision }: StoredValues,
): Promise<void> => {
  const path = secretsPathOf(folder, whose);
  await makeFolder(folder);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFileAtomically(path, `${JSON.stringify({ revision, values })}\n`, 0o600);
};

/** With their folder, where they were the last ones. */
export const removeSecrets = async (folder: StateFolder, whose: ExporterId): Promise<void> => {
  const path = secretsPathOf(folder, whose);
  await rm(path, { force: true });
  const rest = await readdir(dirname(path)).catch(() => ['unknown']);
  if (rest.length === 0) await rmdir(dirname(path));
};
