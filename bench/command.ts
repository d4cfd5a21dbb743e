import { join } from 'node:path';
import { run } from '../scripts/sandbox/run.ts';

/** A command line that is run over and over. */
export interface CommandLine {
  program: string;
  args: readonly string[];
  cwd?: string;
  env?: NodeJS.ProcessEnv;
}

/** Runs it to its end, and gives its stdout. @throws Error with its last lines where it fails */
export const runCommand = ({ program, args, cwd, env }: CommandLine): Promise<string> =>
  run(program, [...args], { ...(cwd === undefined ? {} : { cwd }), ...(env === undefined ? {} : { env }) });

/** The built program, as its bin starts it. `nodeArgs` are node's own. */
export const monitor = (
  root: string,
  args: readonly string[],
  cwd: string,
  nodeArgs: readonly string[] = [],
): CommandLine => ({ program: process.execPath, args: [...nodeArgs, join(root, 'bin', 'monitor.js'), ...args], cwd });
