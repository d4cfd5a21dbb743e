import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type AddTargetOptions, runAddTarget } from '../../../src/commands/add-target.ts';
import { MonitorError } from '../../../src/errors.ts';
import { depsIn } from '../../support/deps.ts';
import { failureOf } from '../config/support.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'monitor-add-target-'));
  await writeFile(join(folder, 'monitor.yml'), 'targets: [events:9100]\n');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const connect = () => Promise.reject(new MonitorError({ code: 'no-engine', message: 'No engine' }));
const add = (options: Partial<AddTargetOptions> = {}) =>
  runAddTarget(depsIn(folder, { connect }), 'events:9100', { label: [], ...options });

it('an update is reported with what it changed', async () => {
  expect(await add({ metricsPath: '/other' })).toMatchObject({
    change: 'updated',
    changes: [{ key: 'metrics_path', from: '/metrics', to: '/other' }],
  });
  expect((await add()).changes).toBeUndefined();
});

it('a label `job` is refused with the option to use', () => {
  expect(failureOf(() => add({ label: ['job=my shop'] }))).toMatchObject({
    code: 'invalid-label',
    exitCode: 2,
    suggestion: "name the job: --job-name 'my shop'",
  });
});
