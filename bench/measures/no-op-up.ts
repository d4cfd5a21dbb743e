import { createComposeStack } from '../compose.ts';
import { createDetectBench, momentOf } from '../detect-lab.ts';
import { compare } from '../interleave.ts';
import type { Measure } from '../measure.ts';

const GOAL = 1.5;
const WHAT = ['no-op monitor up with two detected applications', 'no-op docker compose up -d'] as const;

/** Both stacks run, side by side, and nothing is to be done. */
export const noOpUp: Measure = async (lab) => {
  const peer = await createComposeStack(lab, 'noop');
  if (typeof peer === 'string') return [{ what: WHAT.join(' / '), because: peer }];
  const bench = await createDetectBench(lab, 'noop');
  const applications = await bench.make(2, 'app');
  await Promise.all(applications.map((name) => bench.startContainer(name)));
  await bench.stack.monitor('up');
  await peer.compose('up', '-d');
  await momentOf(async () => (await bench.targets()).split('"health":"up"').length > 4, 100);
  // A young stack gets the panels of its first samples, and says how long that takes.
  await momentOf(async () => {
    const { changed, notices } = JSON.parse(await bench.stack.monitor('up', '--json'));
    return !changed && notices.length === 0;
  }, 1000);
  const ours = { name: WHAT[0], run: async () => void (await bench.stack.monitor('up')) };
  const theirs = { name: WHAT[1], run: async () => void (await peer.compose('up', '-d')) };
  // Both are so short that another process on the machine shows.
  return [await compare(3 * lab.rounds, GOAL, ours, theirs, peer.note)];
};
