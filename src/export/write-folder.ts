import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type AsideFile, writeAside, writeFailed } from '../config/write.ts';
import { MonitorError } from '../errors.ts';
import { type ExportFile, HEADER } from './model.ts';

/**
 * Writes files into a folder, which is created if need be: all of them, or none. Other files in it stay.
 * Answers the names of those.
 * @throws MonitorError `write-failed`
 */
export const writeFolder = async (folder: string, files: readonly ExportFile[]): Promise<string[]> => {
  const made: string[] = [];
  const aside: AsideFile[] = [];
  try {
    await makeFolder(folder, undefined, made);
    const before = await readdir(folder);
    for (const { path, folderMode, text } of files) {
      await makeFolder(dirname(join(folder, path)), folderMode, made);
      await refuseFolder(join(folder, path));
      if (text.startsWith(HEADER)) await refuseOthers(join(folder, path));
    }
    for (const { path, text, mode } of files) aside.push(await writeAside(join(folder, path), text, mode));
    for (const file of aside) await file.takePlace();
    const own = new Set(files.map(({ path }) => path.split('/')[0]));
    return before.filter((name) => !own.has(name)).sort();
  } catch (error) {
    await Promise.all(aside.map((file) => file.discard()));
    for (const path of made.reverse()) await rm(path, { recursive: true, force: true });
    throw ofWhole(error instanceof MonitorError ? error : writeFailed(folder, error));
  }
};

/**
 * With the folders above it; those that are new are added to `made`. Not by `recursive`, which never ends where a folder that
 * is there takes no new one, such as /proc (Node 20).
 */
const makeFolder = async (path: string, mode: number | undefined, made: string[]): Promise<void> => {
  if ((await stat(path).catch(() => undefined))?.isDirectory()) return;
  if (dirname(path) !== path) await makeFolder(dirname(path), mode, made);
  await mkdir(path, { mode });
  made.push(path);
};

/** Checked before anything is written: replacing a folder would fail only once other files are in place. */
const refuseFolder = async (path: string): Promise<void> => {
  const there = await stat(path).catch(() => undefined);
  if (there?.isDirectory()) throw writeFailed(path, Object.assign(new Error('it is a folder'), { code: 'EISDIR' }));
};

/** What is said of one file holds of all. */
const ofWhole = ({ code, message, detail, suggestion }: MonitorError): MonitorError =>
  new MonitorError({ code, message, detail: [...detail.slice(0, 1), 'no file was written'], suggestion });

/** A compose.yaml may be the user's own. */
const refuseOthers = async (path: string): Promise<void> => {
  const text = await readFile(path, 'utf8').catch(() => HEADER);
  if (text.startsWith(HEADER)) return;
  throw new MonitorError({
    code: 'file-exists',
    message: `${path} exists and is not from an export`,
    detail: [`a file of an export begins with "${HEADER.trim()}"`],
    suggestion: 'choose another folder: --out DIR, or move the file away',
  });
};
