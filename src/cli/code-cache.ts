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
  /** Keeps what V8 has compiled by now for the next start; does nothing where that is there already. */
  store(): void;
}

/**
 * Loads a CommonJS file with the code that V8 compiled of it at an earlier start, which spares a third of the time of
 * an `up` with nothing to do. Node has this itself from 22.8 on (`module.enableCompileCache`), but keeps only what a
 * first run happens to compile. `cacheFile`: in a folder of its own; its name has to change with Node, and, behind its
 * last dot, with `file`. V8 refuses what another V8 made, and a cache that cannot be read or written is none.
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

/** Only what this user, and nobody else, can have written: it is run. */
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

/** That folder alone: to make all above it, Node tries for ever where the system says that they do not exist (/proc). */
const makeFolder = (path: string): void => {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch {
    // It is there, or what is written into it fails.
  }
};

/** In one step, so that nobody reads half of it; takes away what other builds left, whose names differ in the end. */
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
