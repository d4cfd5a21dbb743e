import { mkdir, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { runPassword } from '../../../src/commands/password.ts';
import type { ExecResult } from '../../../src/docker/engine.ts';
import { container } from '../../support/containers.ts';
import { depsIn } from '../../support/deps.ts';
import { fakeEngine } from '../../support/fake-engine.ts';
import { rejectionOf } from '../config/support.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'monitor-password-'));
  file = join(folder, '.monitor', 'grafana-admin-password');
  // Nothing listens on port 1: no Grafana tells its version.
  await writeFile(join(folder, 'monitor.yml'), 'name: password-test\ngrafana: {port: 1}\nversion: 1\n');
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

/** A running Grafana whose CLI ends like this, and the passwords that it was told. */
const grafana = (result: Partial<ExecResult> = {}) => {
  const told: string[] = [];
  const labels = { 'monitor.stack': 'password-test', 'monitor.role': 'grafana' };
  const engine = fakeEngine({
    endpoint: { host: 'unix:///fake.sock', source: 'a test', local: true },
    listContainers: async () => [container('g', { labels })],
    exec: async (_id, _command, options) => {
      told.push(String(options?.stdin).trim());
      return { exitCode: 0, stdout: '', stderr: '', ...result };
    },
  });
  return { told, engine };
};

const stored = () => readFile(file, 'utf8');
const store = async (text: string) => {
  await mkdir(join(folder, '.monitor'));
  await writeFile(file, text);
};

describe('`password --reset`', () => {
  const reset = ({ engine }: ReturnType<typeof grafana>, env = {}) =>
    runPassword(depsIn(folder, { connect: async () => engine, env }), { reset: true });

  it('stores the password that was set in Grafana, readable by this user only', async () => {
    await store('old\n');
    const running = grafana();
    const { password } = await reset(running);
    expect(running.told).toEqual([password]);
    expect(await stored()).toBe(`${password}\n`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('says so where Grafana does not let the user of monitor.yml in after that', async () => {
    const server = createServer((request, response) => {
      const isHealth = request.url === '/api/health';
      response.writeHead(isHealth ? 200 : 401, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ database: 'ok', version: '12.4.3', message: 'Invalid username or password' }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await writeFile(join(folder, 'monitor.yml'), `name: password-test\ngrafana: {port: ${port}, admin_user: boss}\n`);
    expect((await reset(grafana())).notices).toEqual([expect.stringMatching(/user "boss".*grafana\.admin_user/)]);
  });

  it('does not change Grafana if the password cannot be stored', async () => {
    await store('old\n');
    const handle = await open(folder, 'r');
    const full = Object.assign(new Error('ENOSPC: it failed'), { code: 'ENOSPC' });
    vi.spyOn(Object.getPrototypeOf(handle), 'sync').mockRejectedValue(full);
    await handle.close();
    const running = grafana();
    expect(await rejectionOf(reset(running))).toMatchObject({
      code: 'write-failed',
      message: expect.stringContaining('the disk is full'),
    });
    expect(running.told).toEqual([]);
    expect(await stored()).toBe('old\n');
  });

  it('keeps the old password if Grafana refuses the new one', async () => {
    await store('old\n');
    const refused = await rejectionOf(reset(grafana({ exitCode: 1, stderr: 'new password is too short' })));
    expect(refused).toMatchObject({ code: 'grafana-password-reset' });
    expect(refused.detail).toContain('new password is too short');
    expect(await stored()).toBe('old\n');
    expect((await readdir(join(folder, '.monitor'))).sort()).toEqual(['.gitignore', 'grafana-admin-password']);
  });

  it('names the variable of a refused password', async () => {
    const refusing = grafana({ exitCode: 1, stderr: 'new password is too short' });
    const refused = await rejectionOf(reset(refusing, { MONITOR_GRAFANA_PASSWORD: 'abc' }));
    expect(refused.detail.join('\n')).toMatch(/too short\n.*MONITOR_GRAFANA_PASSWORD/);
    expect(refused.suggestion).toContain('set MONITOR_GRAFANA_PASSWORD');
  });
});

describe('`password`', () => {
  const ask = () => runPassword(depsIn(folder), { reset: false });

  it('says in its report that a password is new, and only then', async () => {
    const first = await ask();
    expect(first.notices).toEqual([expect.stringContaining('this one is new')]);
    expect(await ask()).toEqual({ ...first, notices: [] });
  });
});
