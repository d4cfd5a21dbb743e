import { defineConfig } from 'vitest/config';

/** Tells by their time what an endpoint is: what else this machine does would show. */
const ALONE = ['test/integration/detect-probe.test.ts'];

const onEngine = {
  globalSetup: ['test/support/sandbox-setup.ts'],
  testTimeout: 60_000,
  hookTimeout: 120_000,
};

/** Unit tests need no engine, and leave nothing behind in their process; the others share an engine, two files at a time. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], isolate: false } },
      {
        test: {
          ...onEngine,
          name: 'engine',
          include: ['test/integration/**/*.test.ts', 'test/e2e/**/*.test.ts'],
          exclude: ALONE,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: { ...onEngine, name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
