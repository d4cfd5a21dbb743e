import type { Finding } from './measure.ts';
import { median, summary } from './stats.ts';

/** Something whose duration is measured. */
export interface Contestant {
  name: string;
  /** Not part of the duration. */
  before?: () => Promise<void>;
  run: () => Promise<void>;
}

/**
 * Durations of each contestant in milliseconds, taken in turns, so that a machine that gets slower or busier on the way
 * does so for all of them. The first round warms the caches and does not count; every other round goes backwards.
 */
export const interleave = async (rounds: number, contestants: readonly Contestant[]): Promise<number[][]> => {
  const samples = contestants.map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    const turns = contestants.map((contestant, i) => ({ contestant, samples: samples[i] }));
    for (const turn of round % 2 === 0 ? turns : turns.reverse()) {
      const duration = await durationOf(turn.contestant);
      if (round > 0) turn.samples?.push(duration);
    }
  }
  return samples;
};

const durationOf = async ({ before, run }: Contestant): Promise<number> => {
  await before?.();
  const start = performance.now();
  await run();
  return performance.now() - start;
};

/** How many times as long the first one takes, by medians. */
export const compare = async (
  rounds: number,
  goal: number,
  ours: Contestant,
  peer: Contestant,
  note = '',
): Promise<Finding> => {
  const [mine = [], theirs = []] = await interleave(rounds, [ours, peer]);
  return {
    what: `${ours.name} / ${peer.name}`,
    value: median(mine) / median(theirs),
    unit: 'x',
    goal,
    detail: `${summary(mine, 'ms')} / ${summary(theirs, 'ms')}${note && `; ${note}`}`,
  };
};
