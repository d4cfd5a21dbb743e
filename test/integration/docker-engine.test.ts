import { execFileSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { connect } from '../../src/docker/connect.ts';
import { createDockerodeEngine } from '../../src/docker/dockerode-engine.ts';
import {
  type CreateContainer,
  type Engine,
  EngineError,
  type EngineEvent,
  type PullProgress,
} from '../../src/docker/engine.ts';
import { networkRefusal } from '../../src/docker/refusals.ts';
import { transportTo } from '../../src/docker/transport.ts';
import { type EngineProxy, startEngineProxy } from '../support/engine-proxy.ts';
import { isPodman } from '../support/engine-view.ts';
import { startRegistry } from '../support/registry.ts';
import '../support/sandbox-context.ts';

/** A file's bytes, read by the docker command: as a tar, whose first header has 512 bytes, with the size in octal. */
const contentOf = (id: string, path: string): Buffer => {
  const archive = execFileSync('docker', ['cp', `${id}:${path}`, '-'], { maxBuffer: 8 << 20 });
  return archive.subarray(512, 512 + Number.parseInt(archive.toString('latin1', 124, 135), 8));
};

const run = `engine-test-${randomBytes(4).toString('hex')}`;
const mark = { 'monitor.test.run': run };
const busybox = inject('images').busybox;
const onPodman = await isPodman();
let engine: Engine;
/** For the tests that only run commands in a container. */
let shared = '';
let names = 0;

const named = (what: string) => `${run}-${what}-${names++}`;

function spec(changes: Partial<CreateContainer> = {}): CreateContainer {
  return {
    name: named('c'),
    image: busybox,
    env: {},
    labels: mark,
    mounts: [],
    ports: [],
    network: { name: 'bridge', aliases: [] },
    extraHosts: [],
    restart: 'no',
    capDrop: [],
    securityOpt: [],
    logOptions: {},
    ...changes,
  };
}

const sh = (script: string): Pick<CreateContainer, 'command'> => ({ command: ['sh', '-c', script] });
/** Ends at once on SIGTERM, which a shell that is process 1 would not. */
const idle = sh('trap "exit 0" TERM; while :; do sleep 0.1; done');

async function started(changes: Partial<CreateContainer> = idle): Promise<string> {
  const id = await engine.createContainer(spec(changes));
  await engine.startContainer(id);
  return id;
}

beforeAll(async () => {
  engine = await connect({ env: process.env, homedir: homedir(), platform: process.platform });
  shared = await started();
});

afterAll(async () => {
  const ours = `monitor.test.run=${run}`;
  await Promise.all((await engine.listContainers([ours])).map(({ id }) => engine.removeContainer(id)));
  const networks = (await engine.listNetworks()).filter(({ labels }) => labels['monitor.test.run'] === run);
  await Promise.all(networks.map(({ id }) => engine.removeNetwork(id)));
  await Promise.all((await engine.listVolumes([ours])).map(({ name }) => engine.removeVolume(name)));
  engine.close();
});

describe('looking at the engine', () => {
  it('lists a container with its network, port and volume', async () => {
    const [volume, network] = [named('v'), named('n')];
    await engine.createVolume(volume, mark);
    await engine.createNetwork(network, mark);
    const id = await started({
      ...idle,
      labels: { ...mark, one: '1' },
      mounts: [{ volume, target: '/data' }],
      ports: [{ container: 9090, host: 0, bind: '127.0.0.1' }],
      network: { name: network, aliases: ['prom'] },
    });
    const listed = await engine.listContainers([`monitor.test.run=${run}`, 'one=1']);
    expect(listed).toHaveLength(1);
    expect(listed[0]).toMatchObject({
      id,
      // Podman puts a registry before the name.
      image: expect.stringMatching(new RegExp(`^(localhost/)?${busybox}$`)),
      state: 'running',
      networkMode: expect.stringMatching(new RegExp(`^(${network}|bridge)$`)),
      networks: [{ name: network, ipAddress: expect.stringMatching(/^\d+\./) }],
      ports: [{ privatePort: 9090, publicPort: expect.any(Number), hostIp: '127.0.0.1', type: 'tcp' }],
      mounts: [{ type: 'volume', name: volume, destination: '/data' }],
    });
    const detail = await engine.inspectContainer(id);
    expect(detail?.networks[0]?.aliases).toContain('prom');
  });

  it('lists containers that do not run', async () => {
    const id = await engine.createContainer(spec());
    const row = (await engine.listContainers([`monitor.test.run=${run}`])).find((container) => container.id === id);
    expect(row).toMatchObject({ state: 'created', ports: [] });
  });

  it('finds by name and by id, and not by the beginning of an id', async () => {
    const { name, ...rest } = spec();
    const id = await engine.createContainer({ name, ...rest });
    expect((await engine.inspectContainer(name))?.id).toBe(id);
    expect((await engine.inspectContainer(id.slice(0, 12)))?.id).toBe(id);
    expect(await engine.inspectContainer(id.slice(0, 8))).toBeUndefined();
  });

  it('returns undefined for a container, network, volume or image that is not found', async () => {
    expect(await engine.inspectContainer(`${run}-none`)).toBeUndefined();
    expect(await engine.inspectVolume(`${run}-none`)).toBeUndefined();
    expect(await engine.inspectImage(`${run}-none:1`)).toBeUndefined();
  });

  it('finds an image', async () => {
    expect((await engine.inspectImage(busybox))?.id).toMatch(/^sha256:/);
  });
});

describe('networks and volumes', () => {
  const networkCalled = async (wanted: string) => (await engine.listNetworks()).find(({ name }) => name === wanted);

  it('reports a network without free addresses, and a failed connection', async () => {
    const network = named('full');
    const label = `monitor.test.run=${run}`;
    const subnet = `10.${randomInt(128, 256)}.${randomInt(256)}.${4 * randomInt(64)}/30`;
    execFileSync('docker', ['network', 'create', '--subnet', subnet, '--label', label, network]);
    await started({ ...idle, network: { name: network, aliases: [] } });
    const id = await started();
    const refused = await engine.connectNetwork(network, id, []).catch((error: unknown) => error);
    expect(refused instanceof EngineError && networkRefusal(refused.message)).toBe('no-free-address');
    const after = await engine.inspectContainer(id);
    expect(after?.networks.map(({ name }) => name)).toEqual(['bridge']);
    // Docker keeps the attachment, Podman does not.
    expect([[], [network]]).toContainEqual(after?.halfConnected);
    await engine.stopContainer(id, 1);
    await engine.disconnectNetwork(network, id);
    await engine.startContainer(id);
    expect((await engine.inspectContainer(id))?.networks.map(({ name }) => name)).toEqual(['bridge']);
  });

  it('refuses a second network of the same name with 409', async () => {
    const name = named('n');
    await engine.createNetwork(name, mark);
    await expect(engine.createNetwork(name, mark)).rejects.toMatchObject({ name: 'EngineError', status: 409 });
  });

  it('keeps labels, and removes once or twice', async () => {
    const [network, volume] = [named('n'), named('v')];
    const id = await engine.createNetwork(network, mark);
    await engine.createVolume(volume, mark);
    expect(await networkCalled(network)).toMatchObject({ id, labels: mark });
    expect(await engine.inspectVolume(volume)).toEqual({ name: volume, labels: mark });
    expect(await engine.listVolumes([`monitor.test.run=${run}`])).toContainEqual({ name: volume, labels: mark });
    for (let times = 0; times < 2; times++) {
      await engine.removeNetwork(id);
      await engine.removeVolume(volume);
    }
    expect(await networkCalled(network)).toBeUndefined();
  });

  it('connects with an alias that others resolve, once or twice, and disconnects, once or twice', async () => {
    const network = named('n');
    const networkId = await engine.createNetwork(network, mark);
    const [target, other] = [await started(), await started({ ...idle, network: { name: network, aliases: [] } })];
    for (let times = 0; times < 2; times++) await engine.connectNetwork(networkId, target, ['alias-of-it']);
    expect((await engine.exec(other, ['nslookup', 'alias-of-it'])).stdout).toContain('alias-of-it');
    for (let times = 0; times < 2; times++) await engine.disconnectNetwork(networkId, target);
    expect((await engine.inspectContainer(target))?.networks.map(({ name }) => name)).not.toContain(network);
  });

  it("says the engine's own words when a volume is in use", async () => {
    const volume = named('v');
    await engine.createVolume(volume, mark);
    await engine.createContainer(spec({ mounts: [{ volume, target: '/data' }] }));
    await expect(engine.removeVolume(volume)).rejects.toMatchObject({
      status: 409,
      message: expect.stringMatching(/volume is (in use|being used)/),
    });
  });
});

describe("a container's life", () => {
  it('starts and stops once or twice, tells the exit code, and is removed once or twice', async () => {
    const id = await started(sh('trap "exit 7" TERM; echo ready; while :; do sleep 0.1; done'));
    await engine.startContainer(id);
    await vi.waitFor(async () => expect(await engine.logs(id, 1)).toEqual(['ready']), 5000);
    const ended = engine.waitContainer(id);
    await engine.stopContainer(id, 5);
    await engine.stopContainer(id, 5);
    expect(await ended).toBe(7);
    expect(await engine.inspectContainer(id)).toMatchObject({ state: 'exited', exitCode: 7 });
    await engine.removeContainer(id);
    await engine.removeContainer(id);
    expect(await engine.inspectContainer(id)).toBeUndefined();
    // Another process has removed it since it was looked at.
    await engine.stopContainer(id, 5);
  });

  it('waits past the deadline of other calls, until it is aborted', async () => {
    const id = await started();
    const hurried = createDockerodeEngine({ ...settings(), deadlineMs: 100 });
    const stop = new AbortController();
    const waiting = hurried.waitContainer(id, stop.signal);
    await sleep(400);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    hurried.close();
  });

  it('is created as it was specified', async () => {
    const id = await started({
      ...idle,
      env: { GREETING: 'a=b', EMPTY: '' },
      user: '65534:65534',
      capDrop: ['ALL'],
      securityOpt: ['no-new-privileges'],
      extraHosts: ['host.docker.internal:host-gateway'],
      restart: 'unless-stopped',
      logOptions: { 'max-size': '1m', 'max-file': '2' },
      binds: ['/proc:/host/proc:ro'],
      pidMode: 'host',
    });
    expect(await engine.inspectContainer(id)).toMatchObject({
      env: { GREETING: 'a=b', EMPTY: '' },
      user: '65534:65534',
      networkMode: 'bridge',
    });
    expect((await engine.exec(id, ['cat', '/etc/hosts'])).stdout).toContain('host.docker.internal');
    expect((await engine.exec(id, ['grep', '-E', 'CapEff|NoNewPrivs', '/proc/self/status'])).stdout).toMatch(
      /NoNewPrivs:\s+1\nCapEff:\s+0+\n|CapEff:\s+0+\nNoNewPrivs:\s+1\n/,
    );
    expect((await engine.exec(id, ['ls', '/host/proc/1/cmdline'])).exitCode).toBe(0);
  });

  it('ends the connection to its stdin when it is removed', async () => {
    const id = await engine.createContainer(spec({ ...sh('exec cat >/dev/null'), attached: true }));
    const stdin = await engine.attach(id);
    stdin.resume();
    await engine.startContainer(id);
    await engine.removeContainer(id);
    await vi.waitFor(() => expect(stdin.destroyed || stdin.readableEnded).toBe(true), { timeout: 5000 });
  });

  it('takes an entrypoint instead of the one of the image', async () => {
    const id = await started({ entrypoint: ['echo'], command: ['hello'] });
    await engine.waitContainer(id);
    expect(await engine.logs(id, 5)).toEqual(['hello']);
  });

  it('runs on the host network and without a network', async () => {
    for (const name of ['host', 'none']) {
      const id = await started({ ...idle, network: { name, aliases: ['ignored'] } });
      expect(await engine.inspectContainer(id)).toMatchObject({ networkMode: name, state: 'running' });
    }
  });

  it('refuses a name in use with 409, without passwords in the message', async () => {
    const name = named('c');
    await engine.createContainer(spec({ name, env: { PASSWORD: 'hunter2' } }));
    const again = engine.createContainer(spec({ name, env: { PASSWORD: 'hunter2' } }));
    await expect(again).rejects.toMatchObject({ status: 409, message: expect.stringContaining('already in use') });
    await expect(again).rejects.not.toMatchObject({ message: expect.stringContaining('hunter2') });
  });

  it('receives a signal, and refuses one when it does not run', async () => {
    const id = await started(sh('trap "echo reloaded" HUP; echo ready; while :; do sleep 0.1; done'));
    await vi.waitFor(async () => expect(await engine.logs(id, 1)).toEqual(['ready']), 5000);
    await engine.killContainer(id, 'HUP');
    await vi.waitFor(async () => expect(await engine.logs(id, 1)).toEqual(['reloaded']), 5000);
    await engine.stopContainer(id, 0);
    await expect(engine.killContainer(id, 'HUP')).rejects.toMatchObject({ status: 409 });
  });

  it('fails to start with 404 and the words of the engine when its network is gone', async () => {
    const network = named('n');
    const networkId = await engine.createNetwork(network, mark);
    const id = await engine.createContainer(spec({ network: { name: network, aliases: [] } }));
    await engine.removeNetwork(networkId);
    await expect(engine.startContainer(id)).rejects.toMatchObject({
      status: 404,
      message: expect.stringContaining('network'),
    });
  });
});

describe('files', () => {
  it('puts files with owner and mode into a container that was not started, into a volume too', async () => {
    const volume = named('v');
    await engine.createVolume(volume, mark);
    const id = await engine.createContainer(spec({ ...idle, mounts: [{ volume, target: '/data' }], user: '65534' }));
    await engine.putFiles(id, [
      { path: '/data/', content: '', mode: 0o755, uid: 65534, gid: 65534 },
      { path: '/data/rules/a.yml', content: 'groups: []\n', mode: 0o640, uid: 65534, gid: 65534 },
      { path: '/etc/made/new/prometheus.yml', content: Buffer.from('é\n'), mode: 0o644, uid: 0, gid: 0 },
    ]);
    await engine.startContainer(id);
    const { stdout } = await engine.exec(id, [
      'stat',
      '-c',
      '%n %u %g %a',
      '/data',
      '/data/rules',
      '/data/rules/a.yml',
    ]);
    expect(stdout.split('\n')).toEqual([
      '/data 65534 65534 755',
      '/data/rules 0 0 755',
      '/data/rules/a.yml 65534 65534 640',
      '',
    ]);
    expect(contentOf(id, '/etc/made/new/prometheus.yml')).toEqual(Buffer.from('é\n'));
    expect(contentOf(id, '/data/rules/a.yml')).toEqual(Buffer.from('groups: []\n'));
  });

  it('replaces a file while the container runs', async () => {
    const id = await started();
    for (const content of ['one', 'two']) {
      await engine.putFiles(id, [{ path: '/etc/x.yml', content, mode: 0o644, uid: 0, gid: 0 }]);
      expect((await engine.exec(id, ['cat', '/etc/x.yml'])).stdout).toBe(content);
    }
  });

  it('carries a file of two megabytes', async () => {
    const id = await engine.createContainer(spec());
    const content = randomBytes(2 << 20);
    await engine.putFiles(id, [{ path: '/big', content, mode: 0o644, uid: 0, gid: 0 }]);
    expect(contentOf(id, '/big').equals(content)).toBe(true);
  });

  it('returns size and time of a file, and undefined if it is not found', async () => {
    const id = await engine.createContainer(spec());
    await engine.putFiles(id, [
      { path: '/etc/x.yml', content: 'é', mode: 0o644, uid: 0, gid: 0, modified: 1_000_000_007 },
    ]);
    expect(await engine.statFile(id, '/etc/x.yml')).toEqual({ size: 2, modified: 1_000_000_007 });
    expect(await engine.statFile(id, '/etc/none')).toBeUndefined();
  });
});

describe('commands in a container', () => {
  it('returns exit code, stdout and stderr', async () => {
    expect(await engine.exec(shared, ['sh', '-c', 'echo out; echo err >&2; exit 3'])).toEqual({
      exitCode: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  it('gives stdin and its end, also of more than a pipe holds', async () => {
    const stdin = 'x'.repeat(300_000);
    const { stdout, exitCode } = await engine.exec(shared, ['wc', '-c'], { stdin });
    expect({ stdout: stdout.trim(), exitCode }).toEqual({ stdout: '300000', exitCode: 0 });
    expect((await engine.exec(shared, ['cat'], { stdin })).stdout).toBe(stdin);
    expect((await engine.exec(shared, ['cat'], { stdin: '' })).stdout).toBe('');
  });

  it('gives 126 or 127 for a program that is not in the image', async () => {
    const result = await engine.exec(shared, ['/bin/nosuchprogram']);
    expect([126, 127]).toContain(result.exitCode);
    expect(result.stdout + result.stderr).toContain('nosuchprogram');
  });

  it('is refused with 409 in a container that does not run', async () => {
    const created = await engine.createContainer(spec());
    await expect(engine.exec(created, ['true'])).rejects.toMatchObject({ status: 409 });
  });

  it('fails with engine-timeout when the command takes longer than it may', async () => {
    const begun = performance.now();
    await expect(engine.exec(shared, ['sleep', '20'], { timeoutMs: 300 })).rejects.toMatchObject({
      code: 'engine-timeout',
      message: expect.stringContaining('running sleep in container'),
    });
    expect(performance.now() - begun).toBeLessThan(3000);
  });
});

/** One HTTP request over a stream, as the clients of Prometheus and Grafana send it. */
function get(connection: Duplex, path: string): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const asking = request({ createConnection: () => connection, path, headers: { Connection: 'close' } });
    asking.on('error', reject);
    asking.on('response', (response) => {
      text(response).then((body) => resolve({ status: response.statusCode, body }), reject);
    });
    asking.end();
  });
}

describe('HTTP through a command in a container', () => {
  const page = 'metric 1\n'.repeat(200_000);

  it('carries requests and a long answer', async () => {
    const id = await started(sh('mkdir /www; exec httpd -f -p 127.0.0.1:9090 -h /www'));
    await engine.putFiles(id, [{ path: '/www/metrics', content: page, mode: 0o644, uid: 0, gid: 0 }]);
    await vi.waitFor(async () => {
      const answer = await get(await engine.execStream(id, ['nc', '127.0.0.1', '9090']), '/metrics');
      expect(answer.status).toBe(200);
      expect(answer.body === page).toBe(true);
    }, 5000);
    const missing = await get(await engine.execStream(id, ['nc', '127.0.0.1', '9090']), '/none');
    expect(missing.status).toBe(404);
  });

  it('fails with the words of the command when nothing listens', async () => {
    const connection = await engine.execStream(shared, ['nc', '127.0.0.1', '9']);
    await expect(get(connection, '/')).rejects.toMatchObject({
      // Podman may close the stream before it has passed on what the command wrote.
      message: expect.stringMatching(onPodman ? /refused|reset/i : /refused/i),
    });
  });

  it('fails with the words of the engine when the program is not in the image', async () => {
    const failing = engine.execStream(shared, ['/bin/nosuchprogram']).then((connection) => get(connection, '/'));
    await expect(failing).rejects.toMatchObject({ message: expect.stringContaining('nosuchprogram') });
  });

  it('ends the command when the stream is destroyed', async () => {
    const id = await started();
    const connection = await engine.execStream(id, ['cat']);
    const running = async () => (await engine.exec(id, ['pidof', 'cat'])).exitCode === 0;
    await vi.waitFor(async () => expect(await running()).toBe(true), 5000);
    connection.destroy();
    await vi.waitFor(async () => expect(await running()).toBe(false), 5000);
  });
});

describe('logs', () => {
  it('come line by line, in order, from the tail', async () => {
    const id = await started(
      sh('for i in 1 2 3 4; do echo out$i; sleep 0.05; echo err$i >&2; sleep 0.05; done; printf end'),
    );
    await engine.waitContainer(id);
    expect(await engine.logs(id, 4)).toEqual(['err3', 'out4', 'err4', 'end']);
    expect(await engine.logs(id, 0)).toEqual([]);
  });

  it('are text even where they look like JSON', async () => {
    const id = await started(sh('echo \'{"level":"info"}\''));
    await engine.waitContainer(id);
    expect(await engine.logs(id, 10)).toEqual(['{"level":"info"}']);
  });

  it('are followed as they come, until the container ends', async () => {
    const id = await started(sh('echo one; sleep 0.3; echo two >&2; sleep 0.3; echo three'));
    const lines: [string, string, number][] = [];
    const never = new AbortController().signal;
    await engine.followLogs(id, 'all', (line, stream) => lines.push([line, stream, performance.now()]), never);
    expect(lines.map(([line, stream]) => [line, stream])).toEqual([
      ['one', 'stdout'],
      ['two', 'stderr'],
      ['three', 'stdout'],
    ]);
    const [first, , last] = lines.map(([, , at]) => at);
    expect((last ?? 0) - (first ?? 0)).toBeGreaterThan(300);
  });

  it('stop being followed when aborted, without an error', async () => {
    const id = await started(sh('while :; do echo tick; sleep 0.05; done'));
    const stop = new AbortController();
    let lines = 0;
    await engine.followLogs(id, 1, () => ++lines > 3 && stop.abort(), stop.signal);
    expect(lines).toBeGreaterThan(3);
  });
});

describe('events', () => {
  it('report a container and its networks from start to removal, each once and in order', async () => {
    const network = named('n');
    const networkId = await engine.createNetwork(network, mark);
    const seen: EngineEvent[] = [];
    const stop = new AbortController();
    let id = '';
    const before = Date.now();
    await new Promise<void>((resolve, reject) => {
      engine.events((event) => seen.push(event), stop.signal, resolve).catch(reject);
    });
    id = await started();
    await engine.exec(id, ['true']);
    await engine.connectNetwork(networkId, id, []);
    await engine.disconnectNetwork(networkId, id);
    await engine.stopContainer(id, 5);
    await engine.removeContainer(id);
    const mine = () => seen.filter((event) => event.id === id || event.attributes.container === id);
    await vi.waitFor(() => expect(mine().map(({ action }) => action)).toContain('destroy'), 5000);
    stop.abort();
    const told = mine().flatMap(({ type, action }) => (type === 'container' ? action : []));
    // Podman has no event of a stop before its end.
    expect(told).toEqual(['start', ...(onPodman ? [] : ['kill']), 'die', 'destroy']);
    const connected = mine().find(({ attributes, action }) => attributes.name === network && action === 'connect');
    expect(connected).toMatchObject({ type: 'network', attributes: { name: network, container: id } });
    expect(Math.abs((connected?.time ?? 0) - before)).toBeLessThan(60_000);
  });

  it('of the past have the exit code of a container that was restarted, and show that one is being stopped', async () => {
    const id = await started(sh('test -e /once && sleep 30; touch /once; exit 7'));
    await engine.waitContainer(id);
    await engine.startContainer(id);
    const again = await engine.inspectContainer(id);
    expect(again).toMatchObject({ state: 'running', exitCode: 0 });
    const past = async () => (await engine.pastEvents(id)).map((e) => e.action);
    // Podman has no event of a stop before its end.
    const stop = onPodman ? 'die' : 'kill';
    const [, ended] = await engine.pastEvents(id);
    expect(ended).toMatchObject({ action: 'die', attributes: { exitCode: '7' } });
    const stopping = engine.stopContainer(id, 1);
    await vi.waitFor(async () => expect(await past()).toEqual(['start', 'die', 'start', stop]), 5000);
    await stopping;
  });

  it('end without an error when aborted', async () => {
    const stop = new AbortController();
    await engine.events(
      () => {},
      stop.signal,
      () => stop.abort(),
    );
  });
});

describe('pulling an image', () => {
  // Podman takes a registry without TLS only where its configuration names it.
  it.skipIf(onPodman)('downloads it, and reports the bytes received', async () => {
    const registry = await startRegistry();
    const reference = `${registry.host}/${run}:1`;
    const seen: PullProgress[] = [];
    await engine.pullImage(reference, (progress) => seen.push(progress));
    registry.close();
    expect(await engine.inspectImage(reference)).toBeDefined();
    expect(seen.at(-1)).toEqual({ receivedBytes: registry.layerBytes, totalBytes: registry.layerBytes });
    execFileSync('docker', ['rmi', reference]);
  });

  it.skipIf(onPodman)('logs in with what the docker command has stored', async () => {
    const login = `me:${run}`;
    const registry = await startRegistry(login);
    const reference = `${registry.host}/${run}:2`;
    await expect(engine.pullImage(reference, () => {})).rejects.toMatchObject({ code: 'image-pull-failed' });
    const dockerConfig = mkdtempSync(join(tmpdir(), 'docker-config-'));
    const auth = Buffer.from(login).toString('base64');
    writeFileSync(join(dockerConfig, 'config.json'), JSON.stringify({ auths: { [registry.host]: { auth } } }));
    const knowing = createDockerodeEngine({ ...settings(), dockerConfig });
    await knowing.pullImage(reference, () => {});
    knowing.close();
    registry.close();
    rmSync(dockerConfig, { recursive: true });
    execFileSync('docker', ['rmi', reference]);
  });

  it('fails with the name, the words of the registry, and what to do without a network', async () => {
    const reference = `127.0.0.1:9/${run}:1`;
    await expect(engine.pullImage(reference, () => {})).rejects.toMatchObject({
      code: 'image-pull-failed',
      message: expect.stringContaining(reference),
      detail: [expect.stringMatching(/127\.0\.0\.1:9|connection refused/)],
      suggestion: expect.stringContaining('docker load -i'),
    });
  });

  it('ends when it is aborted', async () => {
    const stop = new AbortController();
    stop.abort();
    await expect(engine.pullImage('127.0.0.1:9/x:1', () => {}, stop.signal)).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
});

const settings = (host = engine.endpoint.host) => ({
  transport: transportTo({ host, source: 'test' }),
  endpoint: { host, source: 'test', local: false },
  apiVersion: '1.41',
  isPodman: false,
  clockAhead: 0,
  dockerConfig: '/nonexistent',
});

describe('over a network that fails', () => {
  let proxy: EngineProxy;
  let remote: Engine;

  const open = async (deadlineMs?: number) => {
    proxy = await startEngineProxy();
    remote = createDockerodeEngine({ ...settings(proxy.host), deadlineMs });
  };

  afterEach(async () => {
    remote.close();
    await proxy.close();
  });

  it('works with DOCKER_HOST=tcp://, commands and HTTP in containers included', async () => {
    await open();
    const throughTcp = await connect({ env: { DOCKER_HOST: proxy.host }, homedir: '/nonexistent', platform: 'linux' });
    expect(throughTcp.endpoint).toEqual({ host: proxy.host, source: 'DOCKER_HOST', local: false });
    const id = await started(sh('exec httpd -f -p 127.0.0.1:9090 -h /etc'));
    expect((await throughTcp.exec(id, ['cat'], { stdin: 'hello' })).stdout).toBe('hello');
    await vi.waitFor(async () => {
      const answer = await get(await throughTcp.execStream(id, ['nc', '127.0.0.1', '9090']), '/hostname');
      expect(answer.body.trim()).toBe(id.slice(0, 12));
    }, 5000);
    throughTcp.close();
  });

  it('fails with engine-timeout, naming the call, when the engine stalls', async () => {
    await open(200);
    proxy.stall();
    const begun = performance.now();
    await expect(remote.listNetworks()).rejects.toMatchObject({
      code: 'engine-timeout',
      message: expect.stringMatching(/within 0\.2 s while listing networks/),
    });
    expect(performance.now() - begun).toBeLessThan(2000);
    expect(proxy.open()).toBeLessThanOrEqual(1);
  });

  it('fails with engine-lost when the engine ends half-way through an answer', async () => {
    await open();
    proxy.breakAfter(300);
    const begun = performance.now();
    await expect(remote.listNetworks()).rejects.toMatchObject({
      code: 'engine-lost',
      message: expect.stringContaining('while listing networks'),
      suggestion: expect.stringContaining('run the command again'),
    });
    expect(performance.now() - begun).toBeLessThan(2000);
  });

  it('fails with engine-lost when the engine is gone before the call', async () => {
    await open();
    await proxy.close();
    await expect(remote.startContainer('web')).rejects.toMatchObject({
      code: 'engine-lost',
      message: expect.stringContaining('while starting container web'),
    });
    proxy = await startEngineProxy();
  });

  it('fails with engine-lost when the stream of events breaks', async () => {
    await open();
    const never = new AbortController().signal;
    await expect(
      remote.events(
        () => {},
        never,
        () => proxy.drop(),
      ),
    ).rejects.toMatchObject({ code: 'engine-lost' });
  });

  it('fails with engine-lost when a container is waited for, a log is followed or a command runs', async () => {
    await open();
    const id = await started();
    const never = new AbortController().signal;
    const calls = [
      remote.waitContainer(id),
      remote.followLogs(id, 'all', () => {}, never),
      remote.exec(id, ['sleep', '20']),
    ].map((call) => expect(call).rejects.toMatchObject({ code: 'engine-lost' }));
    await vi.waitFor(async () => expect((await engine.exec(id, ['pidof', 'sleep'])).exitCode).toBe(0), 5000);
    await sleep(200);
    proxy.drop();
    await Promise.all(calls);
  });

  it('breaks an HTTP request in a container when the connection breaks', async () => {
    await open();
    const id = await started();
    const connection = await remote.execStream(id, ['sleep', '20']);
    const failing = expect(get(connection, '/')).rejects.toThrow();
    await sleep(200);
    proxy.drop();
    await failing;
  });

  it('fails a pull that receives nothing', async () => {
    await open();
    proxy.stall();
    const patient = createDockerodeEngine({ ...settings(proxy.host), pullStallMs: 200 });
    await expect(patient.pullImage('prom/prometheus:v3', () => {})).rejects.toMatchObject({
      code: 'image-pull-failed',
      detail: ['nothing was received for 0.2 s'],
    });
    patient.close();
  });
});

describe('an engine of another API version', () => {
  async function fakeEngine(answer: string): Promise<{ host: string; close(): void }> {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return { host: `tcp://127.0.0.1:${port}`, close: () => server.close() };
  }

  const pong = (version: string) => `HTTP/1.1 200 OK\r\nApi-Version: ${version}\r\nContent-Length: 2\r\n\r\nOK`;

  it.each([
    ['1.55', '/v1.51/'],
    ['1.44', '/v1.44/'],
    ['1.41', '/v1.41/'],
  ])('that speaks %s is asked with %s', async (version, prefix) => {
    const paths: string[] = [];
    const fake = await fakeEngine(pong(version));
    const found = await connect({ env: { DOCKER_HOST: fake.host }, homedir: '/nonexistent', platform: 'linux' });
    fake.close();
    // The fake is one for _ping only: the next request is looked at here.
    const port = Number(new URL(fake.host).port);
    const next = createServer((socket) => {
      socket.once('data', (data) => {
        paths.push(String(data).split(' ')[1] ?? '');
        socket.end('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]');
      });
    });
    await new Promise<void>((resolve) => next.listen(port, '127.0.0.1', resolve));
    expect(await found.listNetworks()).toEqual([]);
    next.close();
    expect(paths).toEqual([expect.stringContaining(prefix)]);
  });

  it('that is older than 1.41 is refused with its version', async () => {
    const fake = await fakeEngine(pong('1.40'));
    const connecting = connect({ env: { DOCKER_HOST: fake.host }, homedir: '/nonexistent', platform: 'linux' });
    await expect(connecting).rejects.toMatchObject({
      code: 'engine-too-old',
      message: expect.stringContaining('1.40'),
    });
    fake.close();
  });

  it('an API version that is too new is reported', async () => {
    const words = '{"message":"client version 1.51 is too old. Minimum supported API version is 1.60"}';
    const fake = await fakeEngine(
      `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n${words}`,
    );
    const found = createDockerodeEngine(settings(fake.host));
    await expect(found.listNetworks()).rejects.toMatchObject({ code: 'engine-too-new' });
    fake.close();
  });

  it('an endpoint that is not a Docker engine is reported as such', async () => {
    const fake = await fakeEngine('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
    const connecting = connect({ env: { DOCKER_HOST: fake.host }, homedir: '/nonexistent', platform: 'linux' });
    await expect(connecting).rejects.toMatchObject({
      code: 'no-engine',
      detail: [expect.stringContaining('not a Docker engine: it answered HTTP 404')],
    });
    fake.close();
  });
});
