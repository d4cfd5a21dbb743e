import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { container, docker, findContainer, findNetwork, findVolume, networksOf } from '../support/engine-view.ts';
import { freshStack, type TestStack } from '../support/stack.ts';
import { besidesDashboards } from '../support/up-changes.ts';

describe('a user’s things with the names of a stack', { sequential: true }, () => {
  let stack: TestStack;

  beforeAll(async () => {
    stack = await freshStack({ what: 'own' });
    await stack.users.network(stack.network);
    await stack.users.volume(stack.prometheus.volume);
  });

  afterAll(() => stack.remove());

  it('stop `up` where it is a container, before anything is made, with two ways out', async () => {
    await stack.users.idle({ name: stack.grafana.container });
    const theirs = await container(stack.grafana.container);
    const ran = await stack.monitor(['up']);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain(
      `"${stack.grafana.container}" is already in use by a container that does not belong to this stack`,
    );
    expect(ran.stderr).toContain('grafana.container in monitor.yml');
    expect(ran.stderr).toContain(`docker rm -f ${stack.grafana.container}`);
    expect(await findContainer(stack.prometheus.container)).toBeUndefined();
    expect(await findVolume(stack.grafana.volume)).toBeUndefined();
    expect(await container(stack.grafana.container)).toMatchObject({ Id: theirs.Id, State: theirs.State });
    expect((await stack.monitor(['up', '--dry-run', '--json'])).json()).toMatchObject({
      error: { code: 'name-taken' },
    });
    expect((await stack.succeed(['down', '--json'])).report('down').removed).toEqual([]);
    expect(await findContainer(stack.grafana.container)).toBeDefined();
    await docker.getContainer(theirs.Id).remove({ force: true });
  });

  it('are used by `up` if they are networks or volumes, with a notice', async () => {
    const network = await findNetwork(stack.network);
    const report = (await stack.succeed(['up', '--json'])).report('up');
    expect(report.notices.join('\n')).toContain(`network ${stack.network} was not created by this stack`);
    expect(report.notices.join('\n')).toContain(`volume ${stack.prometheus.volume} was not created by this stack`);
    expect(report.datasource).toMatchObject({ ok: true });
    expect((await findNetwork(stack.network))?.Id).toBe(network?.Id);
    const { stdout } = await stack.monitor(['status']);
    expect(stdout).toContain(`${stack.network} (external)`);
    expect(stdout).toContain(`${stack.prometheus.volume} (external)`);
  });

  it('are never removed, not even by `down --volumes`', async () => {
    const { stdout } = await stack.succeed(['down', '--volumes', '--yes']);
    expect(stdout).toContain(`network ${stack.network} (not created by this stack)`);
    expect(stdout).toContain(`volume ${stack.prometheus.volume} (not created by this stack)`);
    expect(await findNetwork(stack.network)).toBeDefined();
    expect(await findVolume(stack.prometheus.volume)).toBeDefined();
    expect(await findVolume(stack.grafana.volume)).toBeUndefined();
  });
});

describe('two stacks of different names', () => {
  let one: TestStack;
  let two: TestStack;

  beforeAll(async () => {
    [one, two] = await Promise.all([freshStack({ what: 'one' }), freshStack({ what: 'two' })]);
  });

  afterAll(async () => {
    await Promise.all([one.remove(), two.remove()]);
  });

  it('come up at the same time and live side by side', async () => {
    await Promise.all([one.succeed(['up']), two.succeed(['up'])]);
    for (const stack of [one, two]) {
      expect(await networksOf(stack.prometheus.container)).toEqual([stack.network]);
      const report = (await stack.succeed(['up', '--json'])).report('up');
      expect(report.datasource).toMatchObject({ ok: true });
      expect(besidesDashboards(report)).toEqual([]);
    }
    const kept = await two.state();
    await one.succeed(['down', '--volumes', '--yes']);
    expect(await findContainer(one.prometheus.container)).toBeUndefined();
    expect(await two.state()).toEqual(kept);
  });
});
