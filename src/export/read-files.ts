import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { NamedFile, NamedFiles } from './passthrough.ts';

/** A Secret carries 1 MiB in all. */
const LARGEST = 512 * 1024;

/**
 * The files that scrape configs name, relative to the folder of monitor.yml; the last part of a path may be a pattern, as
 * in `targets/*.json`. What cannot be read is not in the answer.
 */
export const readNamedFiles = async (folder: string, paths: readonly string[]): Promise<NamedFiles> => {
  const read = await Promise.all(
    paths.map(async (path): Promise<[string, NamedFile[]]> => [path, await readAll(resolve(folder, path))]),
  );
  return new Map(read.filter(([, files]) => files.length > 0));
};

const readAll = async (path: string): Promise<NamedFile[]> => {
  const found = basename(path).includes('*') ? await matching(path) : [path];
  const files = await Promise.all(
    found.map(async (one): Promise<NamedFile[]> => {
      const content = await readFile(one, 'utf8').catch(() => undefined);
      return content === undefined || content.length > LARGEST ? [] : [{ path: one, content }];
    }),
  );
  return files.flat();
};

const matching = async (pattern: string): Promise<string[]> => {
  const names = await readdir(dirname(pattern)).catch(() => []);
  const parts = basename(pattern)
    .split('*')
    .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const wanted = new RegExp(`^${parts.join('.*')}$`);
  return names
    .filter((name) => wanted.test(name))
    .sort()
    .map((name) => join(dirname(pattern), name));
};
