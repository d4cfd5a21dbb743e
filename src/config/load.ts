import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve as resolvePath } from 'node:path';
import { codeOf, errorText, mistake } from '../errors.ts';
import { shellWord } from '../words.ts';
import type { LoadedConfig } from './model.ts';
import { MAX_CHARACTERS, resolve } from './resolve.ts';

export const CONFIG_FILE = 'monitor.yml';

/**
 * Absolute path of monitor.yml: `explicit` as given, else the nearest one, from `cwd` upwards.
 * @throws MonitorError `config-missing`, which lists where it was looked for; `config-unreadable`
 */
export async function findConfig(cwd: string, explicit?: string): Promise<string> {
  if (explicit !== undefined) {
    const path = resolvePath(cwd, explicit);
    const problem = await problemWith(path);
    if (problem !== undefined) throw unreadable(path, problem, insteadOf(explicit, problem));
    return path;
  }
  const looked: string[] = [];
  for (let folder = resolvePath(cwd); ; folder = dirname(folder)) {
    const path = join(folder, CONFIG_FILE);
    const problem = await problemWith(path);
    if (problem === undefined) return path;
    // Something else has that name: a file from further up would be a surprise.
    if (problem.startsWith('is ')) throw unreadable(path, problem);
    looked.push(`${path}: ${problem}`);
    if (folder === dirname(folder)) break;
  }
  throw mistake({
    code: 'config-missing',
    message: `${CONFIG_FILE} not found in ${resolvePath(cwd)} or any folder above it`,
    detail: looked,
    suggestion: CREATE,
  });
}

const CREATE = 'run `monitor init` to create one, or name another with --config FILE';
const MISSING = 'does not exist';
const FOLDER = 'is a folder';

const PROBLEMS: Record<string, string> = {
  ENOENT: MISSING,
  ENOTDIR: MISSING,
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: FOLDER,
  ELOOP: 'is a symbolic link to itself',
};

const problemOf = (error: unknown): string => PROBLEMS[codeOf(error)] ?? errorText(error);

/** Why there is no file to read at `path`; undefined where there is one. */
async function problemWith(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(problemOf);
  if (typeof found === 'string') return found;
  if (found.isDirectory()) return FOLDER;
  return found.isFile() ? undefined : 'is not a regular file';
}

function insteadOf(explicit: string, problem: string): string | undefined {
  if (problem === FOLDER) return `name the file: --config ${join(explicit, CONFIG_FILE)}`;
  if (problem !== MISSING) return undefined;
  return `create it with \`monitor --config ${shellWord(explicit)} init\`, or name another: --config FILE`;
}

const unreadable = (path: string, problem: string, suggestion?: string, cause?: unknown) =>
  mistake({
    code: problem === MISSING ? 'config-missing' : 'config-unreadable',
    message: `${path} cannot be read`,
    detail: [problem],
    suggestion: suggestion ?? (problem === MISSING ? CREATE : 'correct that, or name another file with --config FILE'),
    cause,
  });

/**
 * monitor.yml, read and resolved; `known` where its text is still that.
 * @throws MonitorError `config-missing`, `config-unreadable` or `invalid-config`
 */
export async function loadConfig(path: string, known?: LoadedConfig): Promise<LoadedConfig> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw unreadable(path, problemOf(error), undefined, error);
  });
  const text = decode(bytes, path);
  return known?.text === text ? known : { path, text, config: resolve(text, basename(path)) };
}

/** A character of UTF-8 has up to four bytes. */
const MAX_BYTES = 4 * MAX_CHARACTERS;

/** Strictly UTF-8, as a file that is read with replaced characters would be written back with them. */
function decode(bytes: Buffer, path: string): string {
  const size = `${(bytes.length / 2 ** 20).toFixed(1)} MiB, the limit is ${MAX_CHARACTERS / 1024} KiB`;
  if (bytes.length > MAX_BYTES) throw notAConfig(`${path} is too large to be a monitor.yml`, size);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    const message = `${path} is not UTF-8 text`;
    const isUtf16 = /^(fffe|feff)/.test(bytes.toString('hex', 0, 2));
    throw isUtf16
      ? notAConfig(message, 'it is UTF-16, which PowerShell and Notepad write by default', 'save it as UTF-8', cause)
      : notAConfig(message, 'it has bytes that UTF-8 does not allow', undefined, cause);
  }
}

const notAConfig = (message: string, why: string, suggestion?: string, cause?: unknown) =>
  mistake({
    code: 'invalid-config',
    message,
    detail: [why],
    suggestion:
      suggestion ?? 'restore it, name another with --config FILE, or overwrite it with `monitor init --force`',
    cause,
  });
