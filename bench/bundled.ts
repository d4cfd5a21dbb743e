import { join } from 'node:path';
import { build } from 'esbuild';
import { runCommand } from './command.ts';
import type { Lab } from './measure.ts';

/** Runs a script of this folder as often as the lab wants, each time in a fresh process, bundled as the product is. */
export const bundledRuns = async <T>(lab: Lab, name: string, read: (output: string) => T): Promise<T[]> => {
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
  const results: T[] = [];
  for (let round = 0; round < lab.rounds; round++) {
    results.push(read(await runCommand({ program: process.execPath, args: [script] })));
  }
  return results;
};
