import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runAddExporter } from '../../../src/commands/add-exporter.ts';
import { MonitorError } from '../../../src/errors.ts';
import { depsIn } from '../../support/deps.ts';
import { rejectionOf } from '../config/support.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'monitor-add-exporter-'));
  await writeFile(join(folder, 'monitor.yml'), 'version: 1\n');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const connect = () => Promise.reject(new MonitorError({ code: 'no-engine', message: 'No engine' }));
const add = (stdin: string, name = 'redis', server = 'cache') =>
  runAddExporter(depsIn(folder, { connect, readPassword: async () => stdin }), name, {
    for: server,
    passwordStdin: true,
  });

describe('--password-stdin', () => {
  it.each(['s3 cret\n', 's3 cret\r\n', 's3 cret'])(
    'takes %j without its line end, and keeps it out of monitor.yml',
    async (stdin) => {
      await add(stdin);
      const stored = await readFile(join(folder, '.monitor/exporters/redis-cache.json'), 'utf8');
      expect(JSON.parse(stored)).toMatchObject({ values: { password: 's3 cret' } });
      expect(await readFile(join(folder, 'monitor.yml'), 'utf8')).not.toContain('s3');
    },
  );

  it('refuses an empty stdin', async () => {
    expect(await rejectionOf(add('\n'))).toMatchObject({ code: 'invalid-option', exitCode: 2 });
  });

  it('is refused for an exporter without a password', async () => {
    const error = await rejectionOf(add('p', 'nginx', 'web'));
    expect(error).toMatchObject({ code: 'invalid-option', message: expect.stringContaining('--password-stdin') });
  });
});
