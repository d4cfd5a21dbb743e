import { join } from 'node:path';
import { build } from 'esbuild';
import { runCommand } from './command.ts';
import type { Lab } from './measure.ts';

/** Bundles a script of this folder as the product is. Gives what runs it in a fresh process, to its output. */
export const bundled = async (lab: Lab, name: string): Promise<(...args: string[]) => Promise<string>> => {
  const script = join(lab.folder(name), `${name}.mjs`);
  await build({
    entryPoints: [join(lab.root, 'bench', `${name}.ts`)],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  return (...args) => runCommand({ program: process.execPath, args: [script, ...args] });
};

/** Runs such a script as often as the lab wants, each time in a fresh process. */
export const bundledRuns = async <T>(lab: Lab, name: string, read: (output: string) => T): Promise<T[]> => {
  const run = await bundled(lab, name);
  const results: T[] = [];
  for (let round = 0; round < lab.rounds; round++) results.push(read(await run()));
  return results;
};
