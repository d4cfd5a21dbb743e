import { createComposeStack } from '../compose.ts';
import { compare } from '../interleave.ts';
import type { Measure } from '../measure.ts';
import { createStack } from '../stack.ts';

const GOAL = 1.5;
const WHAT = ['no-op monitor up', 'no-op docker compose up -d'] as const;

/** Both stacks run, side by side, and nothing is to be done. */
export const noOpUp: Measure = async (lab) => {
  const peer = await createComposeStack(lab, 'noop');
  if (typeof peer === 'string') return [{ what: WHAT.join(' / '), because: peer }];
  const stack = await createStack(lab, 'noop');
  await stack.monitor('up');
  await peer.compose('up', '-d');
  const ours = { name: WHAT[0], run: async () => void (await stack.monitor('up')) };
  const theirs = { name: WHAT[1], run: async () => void (await peer.compose('up', '-d')) };
  return [await compare(lab.rounds, GOAL, ours, theirs, peer.note)];
};
