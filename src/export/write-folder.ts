import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type AsideFile, adviceOn, codeOf, writeAside } from '../config/write.ts';
import { errorText, MonitorError } from '../errors.ts';
import type { ExportFile } from './file.ts';

/**
 * Writes files into a folder, which is made where there is none: all of them, or none. What else is in it stays.
 * Answers the names of what else that is.
 * @throws MonitorError `write-failed`
 */
export const writeFolder = async (folder: string, files: readonly ExportFile[]): Promise<string[]> => {
  const made: string[] = [];
  const aside: AsideFile[] = [];
  try {
    const before = await namesIn(folder);
    const make = async (path: string, mode?: number): Promise<void> => {
      const first = await mkdir(path, { recursive: true, mode });
      if (first !== undefined) made.push(first);
    };
    await make(folder);
    for (const { path, folderMode } of files) {
      await make(dirname(join(folder, path)), folderMode);
      await refuseFolder(join(folder, path));
    }
    for (const { path, text, mode } of files) aside.push(await writeAside(join(folder, path), text, mode));
    for (const file of aside) await file.takePlace();
    const own = new Set(files.map(({ path }) => path.split('/')[0]));
    return before.filter((name) => !own.has(name)).sort();
  } catch (error) {
    await Promise.all(aside.map((file) => file.discard()));
    for (const path of made.reverse()) await rm(path, { recursive: true, force: true });
    throw error instanceof MonitorError ? error : notWritten(folder, error);
  }
};

const namesIn = async (folder: string): Promise<string[]> => {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
};

/** A folder would be found only when the files take their places, one after the other. */
const refuseFolder = async (path: string): Promise<void> => {
  const there = await stat(path).catch(() => undefined);
  if (there?.isDirectory()) throw notWritten(path, Object.assign(new Error('it is a folder'), { code: 'EISDIR' }));
};

const notWritten = (path: string, cause: unknown): MonitorError => {
  const isFile = ['ENOTDIR', 'EEXIST'].includes(codeOf(cause));
  const { reason, suggestion } = isFile
    ? { reason: 'a file is in the way', suggestion: 'name a folder, or one that does not exist yet: --out DIR' }
    : (adviceOn(cause) ?? { reason: errorText(cause), suggestion: 'name another folder: --out DIR' });
  return new MonitorError({
    code: 'write-failed',
    message: `${path} could not be written: ${reason}`,
    detail: [errorText(cause), 'no file of the export was written'],
    suggestion,
    cause,
  });
};
