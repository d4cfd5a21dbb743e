import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { eventually } from '../support/ask.ts';
import { container, docker, findContainer, findNetwork, findVolume } from '../support/engine-view.ts';
import { BIN } from '../support/monitor.ts';
import { type Refusal, refusal } from '../support/refusal.ts';
import { freePorts, freshStack, type TestStack } from '../support/stack.ts';

/** Bad input that shows on an engine. */

let stack: TestStack;
let good: string;

beforeAll(async () => {
  stack = await freshStack({ what: 'bad' });
  good = stack.config();
});

afterAll(() => stack.remove());

beforeEach(() => stack.writeConfig(good));

const refused = (args: readonly string[]): Promise<Refusal> => refusal((all) => stack.monitor(all), args);
const images = inject('images');
const withImage = (role: 'prometheus' | 'grafana', image: string): void =>
  stack.edit(
    role === 'prometheus' ? /image: .*/ : /(grafana:\n {2}image: ).*/,
    role === 'prometheus' ? `image: ${image}` : `$1${image}`,
  );

/** Expects that nothing of the stack is on the engine. */
const expectNothingMade = async (): Promise<void> => {
  expect({
    prometheus: await findContainer(stack.prometheus.container),
    grafana: await findContainer(stack.grafana.container),
    network: await findNetwork(stack.network),
    prometheusData: await findVolume(stack.prometheus.volume),
    grafanaData: await findVolume(stack.grafana.volume),
  }).toEqual({});
};

describe('an image that cannot be pulled', () => {
  // Nothing listens there: the pull fails at once, with or without a network.
  const image = '127.0.0.1:1/nosuch/prometheus:v9';

  it('is reported with its name, the registry’s words and how to load it offline, and nothing is created', async () => {
    withImage('prometheus', image);
    const error = await refused(['up']);
    expect(error).toMatchObject({ code: 'image-pull-failed', exitCode: 1 });
    expect(error.message).toContain(image);
    expect(error.detail.join('\n')).toMatch(/connection refused/);
    expect(error.suggestion).toContain('docker load -i');
    await expectNothingMade();
  });

  it('is not pulled with --pull never, which is reported', async () => {
    withImage('grafana', image);
    const error = await refused(['up', '--pull', 'never']);
    expect(error).toMatchObject({
      code: 'image-missing',
      exitCode: 1,
      suggestion: expect.stringContaining('docker load'),
    });
    expect(error.message).toContain(image);
    await expectNothingMade();
  });
});

describe('a volume that another Prometheus has open', () => {
  afterAll(() => stack.users.remove());

  it('is reported with the container that has it, and is used after the remedy was followed', async () => {
    const [volume, theirs] = [`${stack.name}-theirs`, `${stack.name}-their-prometheus`];
    await stack.users.volume(volume);
    const made = await docker.createContainer({
      name: theirs,
      Image: images.prometheus.image,
      Labels: { 'monitor.test.owner': stack.name },
      HostConfig: { Binds: [`${volume}:/prometheus`] },
    });
    await made.start();
    await eventually(async () => expect((await made.logs({ stderr: true })).toString()).toContain('TSDB started'));
    stack.edit('prometheus:\n', `prometheus:\n  volume: ${volume}\n`);
    const error = await refused(['up']);
    expect(error).toMatchObject({ code: 'volume-in-use', message: expect.stringContaining(theirs) });
    const [, stop = ''] = /`docker stop (\S+)`/.exec(error.suggestion ?? '') ?? [];
    await docker.getContainer(stop).stop();
    await stack.succeed(['up']);
    await stack.succeed(['down', '--volumes', '--yes']);
  });
});

describe('a host port that is busy', () => {
  let server: Server | undefined;

  afterEach(async () => {
    const open = server;
    server = undefined;
    if (open !== undefined) await new Promise((resolve) => open.close(resolve));
    await stack.users.remove();
  });

  it('held by a container is reported with its name and a free port, and nothing is created', async () => {
    const [host = 0] = await freePorts(1);
    await stack.users.idle({ name: `${stack.name}-holder`, ports: [{ container: 80, host }] });
    stack.edit(`port: ${stack.grafana.port}`, `port: ${host}`);
    const error = await refused(['up']);
    expect(error).toMatchObject({ code: 'port-in-use', exitCode: 1, detail: [`by container ${stack.name}-holder`] });
    expect(error.message).toBe(`Port ${host} on 127.0.0.1, on which grafana is to be published, is already in use`);
    expect(error.suggestion).toMatch(/^set grafana\.port in monitor\.yml to another port \(\d+ looks free\)/);
    await expectNothingMade();
  });

  it('held by a process is reported, and nothing is created', async () => {
    server = createServer();
    await new Promise<void>((resolve) => server?.listen(stack.prometheus.port, '127.0.0.1', resolve));
    const error = await refused(['up']);
    expect(error).toMatchObject({ code: 'port-in-use', detail: ['by a process on this machine'] });
    expect(error.suggestion).toContain('prometheus.port');
    await expectNothingMade();
  });
});

describe('a container that does not come up', { sequential: true }, () => {
  it('because its image is not Prometheus is reported before it is created', async () => {
    withImage('prometheus', images.busybox);
    const error = await refused(['up']);
    expect(error).toMatchObject({ code: 'not-prometheus', exitCode: 1 });
    expect(error.message).toContain(images.busybox);
    expect(error.suggestion).toContain('prometheus.image in monitor.yml');
    expect(await findContainer(stack.prometheus.container)).toBeUndefined();
    expect(await findVolume(stack.prometheus.volume)).toBeUndefined();
  });

  it('because Prometheus may not write its volume is reported with its last log lines, and not retried forever', async () => {
    const volume = `${stack.name}-theirs`;
    await stack.users.volume(volume);
    await ownedByRoot(volume);
    stack.edit('prometheus:\n', `prometheus:\n  volume: ${volume}\n`);
    const { code, stderr } = await stack.monitor(['up']);
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`✘ Container ${stack.prometheus.container} .* at its start`));
    expect(stderr).toMatch(/last log lines:\n(.*\n)*.*permission denied/);
    expect(stderr).toContain('→ fix what the log reports, then run `monitor up` again');
    expect((await container(stack.prometheus.container)).State).toMatchObject({ Running: false, Restarting: false });
  });

  it('because it exits without a log is reported with the image to check', async () => {
    withImage('grafana', images.busybox);
    const { code, stderr } = await stack.monitor(['up']);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      new RegExp(`✘ Container ${stack.grafana.container} .* at its start.*\n  its log is empty\n`),
    );
    expect(stderr).toContain(`→ check grafana.image in monitor.yml (${images.busybox})`);
    expect((await container(stack.grafana.container)).State).toMatchObject({ Running: false, Restarting: false });
  });

  it('in time is a failure that shows its last log lines', async () => {
    withImage('grafana', images.prometheus.image);
    const error = await refused(['up', '--timeout', '3s']);
    expect(error).toMatchObject({ code: 'not-ready', exitCode: 1, suggestion: expect.stringContaining('--timeout') });
    expect(error.message).toBe(`Container ${stack.grafana.container} is running, but did not become ready within 3 s`);
    expect(error.detail.length).toBeGreaterThan(3);
  });

  it('is not waited for after Ctrl-C', async () => {
    withImage('grafana', images.prometheus.image);
    await stack.succeed(['down']);
    const up = stack.start(['--verbose', 'up']);
    await up.line(/Container .*-grafana: Starting/);
    up.kill('SIGINT');
    const ran = await up.ran;
    expect(ran).toMatchObject({ code: 130, stdout: '' });
    expect(ran.stderr).toMatch(/✘ Interrupted\n→ run the command again: it continues from the current state\n/);
  });

  it('comes up with the next `up` when monitor.yml is right again', async () => {
    expect((await stack.succeed(['up', '--json'])).report('up')).toMatchObject({ datasource: { ok: true } });
  });
});

describe('a stack that runs', { sequential: true }, () => {
  it('has a target of a name that nothing has said with the likely one, and kept', async () => {
    await stack.users.network(`${stack.name}-own`);
    await stack.users.service({ name: `${stack.name}-events`, network: `${stack.name}-own` });
    const report = (await stack.succeed(['add-target', `${stack.name}-event:9100`, '--json'])).report('add-target');
    expect(report).toMatchObject({ change: 'added', applied: true, answer: { ok: false } });
    const waited = await stack.monitor(['up', '--wait', '--timeout', '30s']);
    expect(waited).toMatchObject({ code: 3, stdout: expect.stringContaining(`explain ${stack.name}-event:9100`) });
    expect(report.answer?.reason).toMatch(/name .*does not resolve/);
    expect(`${report.answer?.reason} ${report.answer?.remedy}`).toContain(`${stack.name}-events`);
    expect(report.notices.join('\n')).toContain('no container has the name or alias');
    expect(stack.config()).toContain(`${stack.name}-event:9100`);
    await stack.succeed(['remove-target', `${stack.name}-event:9100`]);
  });

  it('is left as it is, with monitor.yml, by a target that clashes', async () => {
    const before = [await stack.state(), stack.config()];
    const error = await refused(['add-target', 'new:1', '--job-name', 'prometheus']);
    expect(error).toMatchObject({ code: 'invalid-target', exitCode: 2 });
    expect([await stack.state(), stack.config()]).toEqual(before);
  });

  it('keeps its Prometheus when the new image cannot be had', async () => {
    const before = await stack.state();
    withImage('prometheus', '127.0.0.1:1/nosuch/prometheus:v9');
    expect(await refused(['up'])).toMatchObject({ code: 'image-pull-failed' });
    expect(await stack.state()).toEqual(before);
  });

  it('is restarted to the end though the reader of its progress is gone', async () => {
    const before = (await container(stack.grafana.container)).State.StartedAt;
    const code = await new Promise((resolve) => {
      const script = '"$@" restart 2>&1 >/dev/null | head -1';
      spawn('bash', ['-o', 'pipefail', '-c', script, 'bash', process.execPath, BIN], {
        cwd: stack.folder,
        stdio: 'ignore',
      }).once('close', resolve);
    });
    expect(code).toBe(0);
    expect((await container(stack.grafana.container)).State.StartedAt).not.toBe(before);
    // Grafana may have been scraped while it was away, which `status` says with its exit code.
    expect((await stack.monitor(['status', '--json'])).report('status').running).toBe(true);
  });

  it('is not removed with its data without a terminal to ask in', async () => {
    const before = await stack.state();
    const error = await refused(['down', '--volumes']);
    expect(error).toMatchObject({ code: 'confirmation-needed', exitCode: 2, suggestion: 'add --yes to confirm' });
    expect(await stack.state()).toEqual(before);
  });
});

/** Puts a file into a volume that only root may write. */
const ownedByRoot = async (volume: string): Promise<void> => {
  const made = await docker.createContainer({
    Image: images.busybox,
    Cmd: ['sh', '-c', 'touch /data/mine && chown -R 0:0 /data && chmod 755 /data'],
    HostConfig: { Binds: [`${volume}:/data`] },
  });
  await made.start();
  await made.wait();
  await made.remove();
};
