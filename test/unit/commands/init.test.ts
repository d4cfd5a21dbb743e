import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type InitOptions, runInit } from '../../../src/commands/init.ts';
import { MonitorError } from '../../../src/errors.ts';
import { LABEL } from '../../../src/stack/labels.ts';
import { depsIn } from '../../support/deps.ts';
import { fakeEngine } from '../../support/fake-engine.ts';
import { rejectionOf } from '../config/support.ts';

let folder: string;
const servers: Server[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'monitor-init-'));
});

afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await rm(folder, { recursive: true, force: true });
});

const connect = () => Promise.reject(new MonitorError({ code: 'no-engine', message: 'No engine' }));
const init = (options: Partial<InitOptions> = {}, configPath?: string) =>
  runInit(depsIn(folder, { connect, configPath }), { force: false, ...options });

const config = () => join(folder, 'monitor.yml');
const passwordFile = () => join(folder, '.monitor', 'grafana-admin-password');

/** A port that is busy, with free ones behind it as far as anybody can tell. */
const busyPort = async (): Promise<number> => {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

describe('`init --force`', () => {
  it('keeps an existing password, says so, and makes its file private', async () => {
    const first = await init();
    expect(first).toMatchObject({ files: ['monitor.yml', '.monitor/grafana-admin-password'], kept: [] });
    await chmod(passwordFile(), 0o644);
    const password = await readFile(passwordFile(), 'utf8');
    const second = await init({ force: true });
    expect(second).toMatchObject({ files: ['monitor.yml'], kept: ['.monitor/grafana-admin-password'] });
    expect(await readFile(passwordFile(), 'utf8')).toBe(password);
    expect((await stat(passwordFile())).mode & 0o777).toBe(0o600);
  });

  it('creates a password if its file is empty', async () => {
    await mkdir(join(folder, '.monitor'));
    await writeFile(passwordFile(), '');
    expect((await init()).kept).toEqual([]);
    expect(await readFile(passwordFile(), 'utf8')).not.toBe('');
  });
});

describe('an `init` that fails on .monitor', () => {
  it('writes no monitor.yml', async () => {
    await writeFile(join(folder, '.monitor'), 'mine');
    expect(await rejectionOf(init())).toMatchObject({
      code: 'state-folder',
      suggestion: expect.stringContaining('move it away'),
    });
    expect(await readdir(folder)).toEqual(['.monitor']);
  });

  it('does not create the folder of a monitor.yml', async () => {
    expect(await rejectionOf(init({}, 'none/monitor.yml'))).toMatchObject({
      message: expect.stringContaining('its folder does not exist'),
      suggestion: 'create the folder first',
    });
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('the ports of `init`', () => {
  const moved = (notices: readonly string[]) => notices.filter((notice) => notice.startsWith('port '));

  it('may be the default of the other server, which then gets another port with a notice', async () => {
    const port = 3000;
    const { ports, notices } = await init({ prometheusPort: port });
    expect(ports.grafana).toBeGreaterThan(port);
    const expected =
      ports.prometheus === port ? `port 3000 is given to Prometheus, so grafana.port is ${ports.grafana}` : 'is in use';
    expect(moved(notices).join('\n')).toContain(expected);
  });

  it('that are given as options come before defaults', async () => {
    const { ports, notices } = await init({ grafanaPort: 9090 });
    expect(ports.prometheus).toBeGreaterThan(9090);
    if (ports.grafana === 9090)
      expect(moved(notices)).toEqual([`port 9090 is given to Grafana, so prometheus.port is ${ports.prometheus}`]);
  });

  it('that are in use are reported', async () => {
    const busy = await busyPort();
    const { ports, notices } = await init({ prometheusPort: busy });
    expect(moved(notices)).toContain(`port ${busy} is in use, so prometheus.port is ${ports.prometheus}`);
    expect(await readFile(config(), 'utf8')).toContain(`port: ${ports.prometheus} `);
  });

  it('cannot be the same for both servers', async () => {
    expect(await rejectionOf(init({ prometheusPort: 9191, grafanaPort: 9191 }))).toMatchObject({
      code: 'invalid-option',
      exitCode: 2,
    });
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('where the volumes of an earlier stack are left', () => {
  const engine = fakeEngine({
    listContainers: async () => [],
    listNetworks: async () => [],
    inspectVolume: async (name) => ({ name, labels: { [LABEL.stack]: 'monitoring' } }),
  });
  /** Without those on the ports that this machine uses. */
  const notices = async (force: boolean) =>
    (await runInit(depsIn(folder, { connect: async () => engine }), { force })).notices.filter(
      (notice) => !notice.startsWith('port '),
    );

  it('`init` says that Grafana has another password than the new one', async () => {
    expect(await notices(false)).toEqual([expect.stringContaining('`monitor password --reset`')]);
    expect(await notices(true)).toEqual([]);
  });
});
