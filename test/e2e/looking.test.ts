import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, query } from '../support/ask.ts';
import { container, docker, execIn, findNetwork, isPodman } from '../support/engine-view.ts';
import { prometheusStartedBy, removeMadeImages } from '../support/made-images.ts';
import { freshStack, type TestStack } from '../support/stack.ts';

const onPodman = await isPodman();

let stack: TestStack;

beforeAll(async () => {
  stack = await freshStack({ what: 'look' });
});

afterAll(async () => {
  await stack.remove();
  await removeMadeImages();
});

describe('before a stack is up', () => {
  it('`status` ends with 3 and says how it is started', async () => {
    const ran = await stack.monitor(['status']);
    expect(ran).toMatchObject({ code: 3, stdout: expect.stringContaining('monitor up') });
  });

  it.each([['logs'], ['restart'], ['password', '--reset']])('`%s` fails and says what to do first', async (...args) => {
    expect(await stack.monitor(args)).toMatchObject({ code: 1, stderr: expect.stringContaining('`monitor up`') });
  });
});

describe('a stack that is up', { sequential: true }, () => {
  beforeAll(async () => {
    await stack.succeed(['up']);
  });

  it('has `status` end with 0, as text and as JSON', async () => {
    await eventually(async () => expect(await query(stack, 'up == 1')).toHaveLength(2));
    const ran = await stack.succeed(['status', '--json']);
    expect(ran.report('status')).toMatchObject({
      running: true,
      targets: [
        { job: 'prometheus', health: 'up' },
        { job: 'grafana', health: 'up' },
      ],
      networks: [{ name: stack.network, ours: true }],
    });
  });

  it('shows the log lines of both services, or the last ones of one', async () => {
    const { stdout } = await stack.succeed(['logs']);
    expect(stdout).toMatch(new RegExp(`^${stack.prometheus.container} \\| .*Server is ready`, 'm'));
    expect(stdout).toMatch(new RegExp(`^${stack.grafana.container} \\| `, 'm'));
    const last = await stack.succeed(['logs', 'prometheus', '--tail', '2']);
    expect(last.stdout.trimEnd().split('\n')).toHaveLength(2);
    expect(last.stdout).not.toContain(`${stack.prometheus.container} |`);
  });

  it('follows the log until Ctrl-C, which ends it with 130', async () => {
    const logs = stack.start(['logs', 'prometheus', '--follow', '--tail', '1']);
    await logs.line(/./);
    const fresh = logs.line(/Completed loading of configuration file/);
    await docker.getContainer(stack.prometheus.container).kill({ signal: 'SIGHUP' });
    await fresh;
    logs.kill('SIGINT');
    expect((await logs.ran).code).toBe(130);
  });

  it('has its addresses printed by `open` if there is no browser', async () => {
    expect((await stack.succeed(['open'])).stdout).toMatch(
      new RegExp(`^http://localhost:${stack.grafana.port}\\S*\n$`),
    );
    expect((await stack.succeed(['open', 'prometheus'])).stdout).toBe(`http://localhost:${stack.prometheus.port}\n`);
  });

  it('has `status` end with 3 where a target is down, and say why', async () => {
    await stack.succeed(['add-target', 'localhost:9', '--job-name', 'gone']);
    await eventually(async () => {
      const ran = await stack.monitor(['status', '--json']);
      expect(ran.code).toBe(3);
      expect(ran.report('status').targets).toContainEqual(
        expect.objectContaining({ job: 'gone', instance: 'localhost:9', health: 'down', error: expect.any(String) }),
      );
    });
    await stack.succeed(['remove-target', 'localhost:9']);
  });
});

describe('a stack of which something is gone', { sequential: true }, () => {
  it.each(['prometheus', 'grafana'] as const)('has %s started again by `up`, the same container', async (role) => {
    const { Id } = await container(stack[role].container);
    await docker.getContainer(Id).stop({ t: 20 });
    expect((await stack.monitor(['status'])).code).toBe(3);
    const ran = await stack.succeed(['up']);
    expect(ran.stderr).toMatch(new RegExp(`Container ${stack[role].container} +(Res|S)tarted`));
    expect(await container(stack[role].container)).toMatchObject({ Id, State: { Running: true } });
    await eventually(async () => expect((await stack.monitor(['status'])).code).toBe(0));
  });

  it('comes up while its Prometheus is on its way up again from a crash', async () => {
    const image = await prometheusStartedBy('slow', 'sleep 2; exec /bin/prometheus "$@"');
    const good = stack.config();
    stack.edit(/image: .*/, `image: ${image}`);
    await stack.succeed(['up']);
    const { Id } = await container(stack.prometheus.container);
    await execIn(stack.prometheus.container, ['kill', '-QUIT', '1']);
    await eventually(async () =>
      expect(await container(Id)).toMatchObject({ RestartCount: 1, State: { Running: true, Restarting: false } }),
    );
    await stack.succeed(['up']);
    expect(await container(stack.prometheus.container)).toMatchObject({ Id, RestartCount: 1 });
    stack.writeConfig(good);
    await stack.succeed(['up']);
  });

  it('gets its network and a volume back, and Grafana its datasource', async () => {
    for (const { container: name } of [stack.prometheus, stack.grafana])
      await docker.getContainer(name).stop({ t: 20 });
    await docker.getContainer(stack.grafana.container).remove({ v: true });
    await docker.getVolume(stack.grafana.volume).remove();
    await docker.getNetwork(stack.network).disconnect({ Container: stack.prometheus.container, Force: true });
    await docker.getNetwork(stack.network).remove();
    const report = (await stack.succeed(['up', '--json'])).report('up');
    expect(report).toMatchObject({ changed: true, datasource: { ok: true } });
    expect((await findNetwork(stack.network))?.Labels).toEqual({ 'monitor.stack': stack.name });
  });

  // Podman does not remove a network that a container is on, though it be stopped.
  it.skipIf(onPodman)('starts if its network was removed and created again by others', async () => {
    for (const { container: name } of [stack.prometheus, stack.grafana])
      await docker.getContainer(name).stop({ t: 20 });
    await docker.getNetwork(stack.network).remove();
    await stack.users.network(stack.network);
    const report = (await stack.succeed(['up', '--json'])).report('up');
    expect(report).toMatchObject({ datasource: { ok: true } });
    expect(report.notices.join()).toContain(`network ${stack.network} was not created by this stack`);
  });
});
