import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Loaded, loadCached } from './cli/code-cache.ts';

type Program = typeof import('./cli/run-program.ts');

declare const MONITOR_VERSION: string;
/** Changes with every byte of the built program. */
declare const MONITOR_BUILD: string;

/**
 * Starts the program. `--version` alone is answered before anything else is loaded.
 * `packageRoot`: the folder that holds dist/, templates/ and schema/.
 */
export const main = async (argv: readonly string[], packageRoot: string): Promise<void> => {
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
    process.stdout.once('error', unwritten);
    process.stdout.write(`${MONITOR_VERSION}\n`);
    return;
  }
  const { exports, store } = load(argv, join(packageRoot, 'dist', 'program.cjs'));
  if (exports.runProgram === undefined) throw new Error('dist/ is incomplete: install monitor again');
  process.exitCode = await exports.runProgram({ argv, packageRoot, version: MONITOR_VERSION });
  if (process.exitCode === 0 || process.exitCode === 3) store();
  // All output is written: what is still open, such as a kept connection, is not waited for.
  process.exit();
};

/** A closed pipe is not an error; a full disk is one. */
const unwritten = ({ code, message }: NodeJS.ErrnoException): void => {
  if (code === 'EPIPE') return;
  process.exitCode = 1;
  process.stderr.write(`✘ The version could not be written to stdout\n  ${message}\n→ write it somewhere else\n`);
};

const load = (argv: readonly string[], file: string): Loaded<Partial<Program>> => {
  const verbose = argv.includes('--verbose') || argv.includes('-v');
  if (!verbose && !process.env['NODE_DISABLE_COMPILE_CACHE']) return loadCached<Program>(file, cacheFileFor(argv));
  // Before the program is loaded: a stack trace is mapped to our sources only for files that are loaded after this.
  process.setSourceMapsEnabled(verbose);
  const exports: Program = createRequire(file)(file);
  return { exports, store: () => {} };
};

/** One for each command, as each compiles another part of the program. */
const cacheFileFor = ([first = '']: readonly string[]): string => {
  const command = /^[a-z-]+$/.test(first) && !first.startsWith('-') ? first : 'monitor';
  const folder = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(folder, 'monitor', `${command}-${process.version}-${process.arch}.${MONITOR_BUILD}`);
};
