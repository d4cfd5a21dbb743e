import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../command.ts';
import type { Measure } from '../measure.ts';
import { createStack } from '../stack.ts';
import { median, summary } from '../stats.ts';

const GOAL_MIB = 80;
const PRELOAD = 'bench/peak-memory.cjs';

/** The most memory that a no-op `up` has at once, as the system counts it, with all of Node in it. */
export const memory: Measure = async (lab) => {
  const stack = await createStack(lab, 'memory');
  await stack.monitor('up');
  const file = join(lab.folder('peak-memory'), 'kib');
  const samples = await inTurn(lab.rounds, async () => {
    const line = stack.command(['up'], ['--require', join(lab.root, PRELOAD)]);
    await runCommand({ ...line, env: { PEAK_MEMORY_FILE: file } });
    return Number(readFileSync(file, 'utf8')) / 1024;
  });
  return [
    {
      what: 'peak memory of a no-op monitor up',
      value: median(samples),
      unit: 'MiB',
      goal: GOAL_MIB,
      detail: summary(samples, 'MiB'),
    },
  ];
};

const inTurn = async (rounds: number, take: () => Promise<number>): Promise<number[]> => {
  const samples: number[] = [];
  for (let round = 0; round < rounds; round++) samples.push(await take());
  return samples;
};
