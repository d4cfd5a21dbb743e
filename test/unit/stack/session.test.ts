import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { exclusively, sessionOn } from '../../../src/stack/session.ts';
import { depsIn } from '../../support/deps.ts';
import { fakeEngine } from '../../support/fake-engine.ts';

it('a command that waits for another one goes by monitor.yml as that one leaves it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'session-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'monitor.yml');
  writeFileSync(file, 'name: shop\n');
  const deps = depsIn(folder, { env: { XDG_RUNTIME_DIR: folder } });
  const session = sessionOn(deps, await loadConfig(file), fakeEngine());
  const targets = () => exclusively(session, 1000, async ({ loaded }) => loaded.config.targets.map((t) => t.address));
  expect(await targets()).toEqual([]);
  const both = Promise.all([
    exclusively(session, 1000, async () => writeFileSync(file, 'name: shop\ntargets: [events:9100]\n')),
    targets(),
  ]);
  expect((await both)[1]).toEqual(['events:9100']);
});
