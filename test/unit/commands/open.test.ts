import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runOpen } from '../../../src/commands/open.ts';
import { EngineError } from '../../../src/docker/engine.ts';
import { plainReporter } from '../../../src/output/plain.ts';
import { depsIn } from '../../support/deps.ts';
import { fakeEngine } from '../../support/fake-engine.ts';
import { recordedOutput } from '../../support/output.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'monitor-open-'));
  await writeFile(join(folder, 'monitor.yml'), 'version: 1\n');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** An engine without a container of the stack. */
const engine = fakeEngine({
  execStream: () => Promise.reject(new EngineError(404, 'no such container')),
});

/** What `open` says where xdg-open is this script. */
const openedBy = async (script: string, env: Record<string, string> = { DISPLAY: ':9' }): Promise<boolean> => {
  const program = join(folder, 'xdg-open');
  await writeFile(program, `#!/bin/sh\n${script}\n`);
  await chmod(program, 0o755);
  const report = await runOpen(
    depsIn(folder, { env: { PATH: `${folder}:${process.env['PATH']}`, ...env }, connect: async () => engine }),
    'grafana',
  );
  expect(report).toMatchObject({ kind: 'open', url: 'http://localhost:3000' });
  return report.opened;
};

it.skipIf(process.platform !== 'linux').each<[string, string, boolean]>([
  ['ends well', 'exit 0', true],
  ['stays, as the browser itself', 'exec sleep 3', true],
  ['fails', 'exit 3', false],
  ['fails after a look around', 'sleep 0.3; exit 4', false],
])('where xdg-open %s', async (_, script, opened) => {
  expect(await openedBy(script)).toBe(opened);
});

it.skipIf(process.platform !== 'linux')('without a display nothing is opened', async () => {
  expect(await openedBy('exit 0', {})).toBe(false);
});

it('says that nothing answers at the address', async () => {
  const output = recordedOutput();
  await runOpen(depsIn(folder, { connect: async () => engine, reporter: plainReporter(output) }), 'grafana');
  expect(output.written.stderr).toBe('! Grafana does not answer at http://localhost:3000; `monitor up` starts it\n');
});
