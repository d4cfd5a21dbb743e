import { bundled } from '../bundled.ts';
import type { Measure } from '../measure.ts';
import { median, summary } from '../stats.ts';

/** Milliseconds of our own CPU for 1,000 containers. */
const GOAL_MS = 100;
/** Twice the containers may take this many times as long; 2 would be exactly linear. */
const GOAL_GROWTH = 2.5;

interface Sample {
  cold: number;
  warm: number;
}

/** Each sample in a process of its own, bundled as the product is. */
export const detectThousand: Measure = async (lab) => {
  const run = await bundled(lab, 'simulated-engine');
  const take = async (containers: number): Promise<Sample> => JSON.parse(await run(`${containers}`, '1'));
  const samples: Record<'1000' | '2000' | '4000', Sample[]> = { 1000: [], 2000: [], 4000: [] };
  for (let round = 0; round < lab.rounds; round++) {
    for (const count of ['1000', '2000', '4000'] as const) samples[count].push(await take(Number(count)));
  }
  const cold = samples[1000].map((s) => s.cold);
  const warm = samples[1000].map((s) => s.warm);
  const [two, four] = [samples[2000], samples[4000]].map((taken) => taken.map((s) => s.warm));
  return [
    {
      what: 'CPU for detection and rendering of 1,000 containers',
      value: median(warm),
      unit: 'ms',
      goal: GOAL_MS,
      detail: `${summary(warm, 'ms')} in a process that has done it before; ${summary(cold, 'ms')} in a fresh one`,
    },
    {
      what: '4,000 containers / 2,000 containers',
      value: median(four ?? []) / median(two ?? []),
      unit: 'x',
      goal: GOAL_GROWTH,
      detail: `${summary(four ?? [], 'ms')} / ${summary(two ?? [], 'ms')}`,
    },
  ];
};
