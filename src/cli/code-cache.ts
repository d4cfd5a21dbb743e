import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { Script } from 'node:vm';

export interface Loaded<T> {
  exports: T;
  /** Stores what V8 has compiled by now for the next start, unless a cache was loaded. */
  store(): void;
}

/**
 * Loads a CommonJS file with the code that V8 compiled at an earlier start, which saves a third of the time of an `up`
 * with nothing to do. Node has this itself since 22.8 (`module.enableCompileCache`), but keeps only what a first run
 * happens to compile. `cacheFile`: in a folder of its own; its name has to change with Node's version, and after its
 * last dot with `file`. V8 refuses the cache of another V8; a cache that cannot be read or written is ignored.
 */
export const loadCached = <T extends object>(file: string, cacheFile: string): Loaded<Partial<T>> => {
  const cachedData = readOwn(cacheFile);
  // The bundle is ASCII (esbuild's default), which Latin-1 reads without a look at each byte.
  const script = new Script(
    `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, 'latin1')}\n})`,
    {
      filename: file,
      ...(cachedData === undefined ? {} : { cachedData }),
    },
  );
  const run: Wrapper<T> = script.runInThisContext();
  const module: Module<T> = { exports: {} };
  run(module.exports, createRequire(file), module, file, dirname(file));
  const known = cachedData !== undefined && script.cachedDataRejected !== true;
  return { exports: module.exports, store: () => (known ? undefined : write(cacheFile, script.createCachedData())) };
};

interface Module<T> {
  exports: Partial<T>;
}

/** What Node makes of a CommonJS file. */
type Wrapper<T> = (
  exports: Partial<T>,
  require: NodeJS.Require,
  module: Module<T>,
  filename: string,
  dirname: string,
) => void;

const OTHERS_MAY_WRITE = 0o022;

/** A file that only this user can have written, since its code is run. */
const readOwn = (path: string): Buffer | undefined => {
  try {
    const file = openSync(path, 'r');
    try {
      const { uid, mode } = fstatSync(file);
      const own = process.getuid === undefined || (uid === process.getuid() && (mode & OTHERS_MAY_WRITE) === 0);
      return own ? readFileSync(file) : undefined;
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
};

/** Not with `recursive`: Node then tries forever where the system reports that a folder above does not exist (/proc). */
const makeFolder = (path: string): void => {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch {
    // It exists, or writing into it fails.
  }
};

/** By a rename, so that half of it is never read; removes the caches of other builds, whose names end differently. */
const write = (path: string, data: Buffer): void => {
  const [folder, name] = [dirname(path), basename(path)];
  const aside = `${path}.${process.pid}`;
  try {
    makeFolder(dirname(folder));
    makeFolder(folder);
    writeFileSync(aside, data, { mode: 0o600 });
    renameSync(aside, path);
    const same = name.slice(0, name.lastIndexOf('.') + 1);
    const old = readdirSync(folder).filter((other) => other.startsWith(same) && other !== name);
    for (const other of old) rmSync(join(folder, other), { force: true });
  } catch {
    // The next start compiles again.
  }
};
