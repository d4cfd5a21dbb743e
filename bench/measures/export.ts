import { join } from 'node:path';
import { build } from 'esbuild';
import { runCommand } from '../command.ts';
import type { Measure } from '../measure.ts';
import { median, summary } from '../stats.ts';

/** Milliseconds of our own for 100 targets and 30 dashboards. */
const GOAL_MS = 150;

/** Each sample in a process of its own, bundled as the product is. */
export const exportKubernetes: Measure = async (lab) => {
  const script = join(lab.folder('export'), 'export-work.mjs');
  await build({
    entryPoints: [join(lab.root, 'bench', 'export-work.ts')],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  const samples: number[] = [];
  let bytes = 0;
  for (let round = 0; round < lab.rounds; round++) {
    const sample = JSON.parse(await runCommand({ program: process.execPath, args: [script] }));
    samples.push(sample.ms);
    bytes = sample.bytes;
  }
  return [
    {
      what: 'export to Kubernetes of 100 targets and 30 dashboards',
      value: median(samples),
      unit: 'ms',
      goal: GOAL_MS,
      detail: `${summary(samples, 'ms')} for ${Math.round(bytes / 1024)} KiB in a fresh process`,
    },
  ];
};
