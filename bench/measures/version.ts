import { monitor, runCommand } from '../command.ts';
import { compare } from '../interleave.ts';
import type { Measure } from '../measure.ts';

const GOAL = 1.25;

/** Short and noisy, so each gets more samples than the others do. */
const MORE = 3;

/** What the program adds to the start of Node itself. */
export const version: Measure = async ({ root, rounds }) => {
  const bare = { program: process.execPath, args: ['-e', '0'] };
  return [
    await compare(
      MORE * rounds,
      GOAL,
      { name: 'monitor --version', run: () => quietly(monitor(root, ['--version'], root)) },
      { name: 'node -e 0', run: () => quietly(bare) },
    ),
  ];
};

const quietly = async (line: Parameters<typeof runCommand>[0]): Promise<void> => {
  await runCommand(line);
};
