import { open, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve as resolvePath } from 'node:path';
import { errorText, MonitorError } from '../errors.ts';
import type { LoadedConfig } from './model.ts';
import { MAX_CHARACTERS, resolve } from './resolve.ts';
import { shellWord } from './words.ts';

export const CONFIG_FILE = 'monitor.yml';

/**
 * Absolute path of monitor.yml: `explicit` as given, else the nearest one, from `cwd` upwards.
 * @throws MonitorError `config-missing`, which lists where it was looked for
 */
export async function findConfig(cwd: string, explicit?: string): Promise<string> {
  if (explicit !== undefined) return explicitConfig(cwd, explicit);
  const looked: string[] = [];
  for (let folder = resolvePath(cwd); ; folder = dirname(folder)) {
    const path = join(folder, CONFIG_FILE);
    const found = await kindOfFile(path);
    if (found === 'file') return path;
    if (IN_PLACE.has(found)) throw notAFile(path, found);
    looked.push(`${path}: ${found}`);
    if (folder === dirname(folder)) break;
  }
  throw new MonitorError({
    code: 'config-missing',
    message: `${CONFIG_FILE} not found in ${resolvePath(cwd)} or any folder above it`,
    detail: looked,
    suggestion: 'run `monitor init` to create one, or name another with --config FILE',
    exitCode: 2,
  });
}

/** Something else of that name. Taking a file from further up instead would be a surprise. */
const IN_PLACE = new Set(['is a folder', 'is not a regular file', 'is a symbolic link to itself']);

const notAFile = (path: string, found: string) =>
  new MonitorError({
    code: 'config-unreadable',
    message: `${path} ${found}, not a configuration file`,
    suggestion: 'move it away, or name another file with --config FILE',
    exitCode: 2,
  });

async function explicitConfig(cwd: string, explicit: string): Promise<string> {
  const path = resolvePath(cwd, explicit);
  const found = await kindOfFile(path);
  if (found === 'file') return path;
  const folder = found === 'is a folder';
  throw new MonitorError({
    code: 'config-missing',
    message: `${path} ${folder ? 'is a folder, not a file' : 'cannot be read'}`,
    detail: folder ? [] : [found],
    suggestion: insteadOf(explicit, found),
    exitCode: 2,
  });
}

function insteadOf(explicit: string, found: string): string {
  if (found === 'is a folder') return `name the file: --config ${join(explicit, CONFIG_FILE)}`;
  if (found !== MISSING) return 'name a readable file: --config FILE';
  return `create it with \`monitor --config ${shellWord(explicit)} init\`, or name another: --config FILE`;
}

/** `file`, or in words what it is instead. */
async function kindOfFile(path: string): Promise<string> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return 'is a folder';
    return found.isFile() ? 'file' : 'is not a regular file';
  } catch (error) {
    return reasonOf(error);
  }
}

const MISSING = 'does not exist';

const REASONS: Record<string, string> = {
  ENOENT: MISSING,
  ENOTDIR: MISSING,
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'is a folder',
  ELOOP: 'is a symbolic link to itself',
};

const reasonOf = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? errorText(error);
};

/**
 * monitor.yml, read and resolved.
 * @param cwd problems name the file relative to this folder
 * @throws MonitorError `config-missing`, `config-unreadable` or `invalid-config`
 */
export async function loadConfig(path: string, cwd: string = dirname(path)): Promise<LoadedConfig> {
  const absolute = resolvePath(cwd, path);
  const name = relative(cwd, absolute);
  const text = decode(await readLimited(absolute), name);
  return { path: absolute, text, config: resolve(text, name) };
}

/** A character of UTF-8 has up to four bytes. */
const MAX_BYTES = 4 * MAX_CHARACTERS;

async function readLimited(path: string): Promise<Buffer> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      if (size > MAX_BYTES) throw tooLarge(path, size);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof MonitorError) throw error;
    throw unreadable(path, error);
  }
}

const tooLarge = (path: string, bytes: number) =>
  new MonitorError({
    code: 'invalid-config',
    message: `${path} is too large to be a monitor.yml`,
    detail: [`${(bytes / 2 ** 20).toFixed(1)} MiB, the limit is ${MAX_CHARACTERS / 1024} KiB`],
    suggestion: 'name another with --config FILE, or overwrite it with `monitor init --force`',
    exitCode: 2,
  });

function unreadable(path: string, error: unknown): MonitorError {
  const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  return new MonitorError({
    code: missing ? 'config-missing' : 'config-unreadable',
    message: `${path} cannot be read: ${reasonOf(error)}`,
    suggestion: missing
      ? 'run `monitor init` in its folder to create one'
      : 'check its permissions, or name another with --config FILE',
    exitCode: 2,
    cause: error,
  });
}

/** Strictly UTF-8, as a file that is read with replaced characters would be written back with them. */
function decode(bytes: Buffer, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    throw new MonitorError({
      code: 'invalid-config',
      message: `${name} is not UTF-8 text`,
      detail: [
        utf16
          ? 'it is UTF-16, which PowerShell and Notepad write by default'
          : 'it has bytes that UTF-8 does not allow',
      ],
      suggestion: utf16 ? 'save it as UTF-8' : 'restore it, or write a new one with `monitor init --force`',
      exitCode: 2,
      cause,
    });
  }
}
