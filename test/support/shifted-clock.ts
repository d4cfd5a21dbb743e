import { fileURLToPath } from 'node:url';

const SHIFT = fileURLToPath(new URL('shift-clock.cjs', import.meta.url));

/** For a run of the built program whose clock is so many minutes ahead of the engine's, or behind it. */
export const clockAhead = (minutes: number): Record<string, string> => ({
  NODE_OPTIONS: `--require ${SHIFT}`,
  CLOCK_AHEAD_MS: `${minutes * 60_000}`,
});
