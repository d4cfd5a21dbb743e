import { createComposeStack } from '../compose.ts';
import { compare } from '../interleave.ts';
import type { Measure } from '../measure.ts';
import { createStack } from '../stack.ts';

const GOAL = 1.0;
const WHAT = ['cold monitor up', 'docker compose up -d --wait'] as const;

/**
 * From nothing but the images: ours until the datasource is there and answers, theirs until the healthchecks say
 * healthy. The other stack is down meanwhile.
 */
export const coldUp: Measure = async (lab) => {
  const peer = await createComposeStack(lab, 'cold');
  if (typeof peer === 'string') return [{ what: WHAT.join(' / '), because: peer }];
  const stack = await createStack(lab, 'cold');
  const before = async () => {
    await stack.monitor('down', '--volumes', '--yes');
    await peer.compose('down', '--volumes');
  };
  const ours = { name: WHAT[0], before, run: async () => void (await stack.monitor('up')) };
  const theirs = { name: WHAT[1], before, run: async () => void (await peer.compose('up', '-d', '--wait')) };
  return [await compare(lab.rounds, GOAL, ours, theirs, peer.note)];
};
