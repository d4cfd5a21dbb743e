import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { jsonReporter } from '../../../src/output/json.ts';
import { sessionOn } from '../../../src/stack/session.ts';
import type { Bell } from '../../../src/watch/bell.ts';
import { followMetrics } from '../../../src/watch/follow-metrics.ts';
import { depsIn } from '../../support/deps.ts';
import { fakeEngine } from '../../support/fake-engine.ts';
import { recordedOutput } from '../../support/output.ts';

it('what is wrong with monitor.yml is left to the rounds of the watch: it would be said twice', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'follow-metrics-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'monitor.yml');
  writeFileSync(file, 'name: shop\n');
  const end = new AbortController();
  const output = recordedOutput();
  const session = sessionOn(
    depsIn(folder, { signal: end.signal, reporter: jsonReporter(output) }),
    await loadConfig(file),
    fakeEngine(),
  );
  writeFileSync(file, 'targets: [events]\n');
  let looks = 0;
  const bell: Bell = {
    ring: () => {},
    next: async () => {
      if (looks === 1) end.abort();
      looks += 1;
      return false;
    },
  };
  await followMetrics(session, bell, () => new Map());
  expect(output.written).toEqual({ stdout: '', stderr: '' });
});
