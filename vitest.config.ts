import { defineConfig } from 'vitest/config';

/** What looks at every container of the engine, and would see those of other tests come and go; or takes its time. */
const ALONE = ['test/integration/detect-probe.test.ts', 'test/e2e/dry-run.test.ts', 'test/e2e/watch.test.ts'];

const onEngine = {
  globalSetup: ['test/support/sandbox-setup.ts'],
  testTimeout: 60_000,
  hookTimeout: 120_000,
  // Other tests share the engine: its addresses, ports and names, and the machine's time.
  retry: 1,
};

/** Unit tests need no engine; the others share one, two files at a time, and after them some one file at a time. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
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
