import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, query } from '../support/ask.ts';
import { docker, networksOf } from '../support/engine-view.ts';
import { freshStack, type TestStack } from '../support/stack.ts';

/** A network whose subnet has no free address, and a target on it. */
let stack: TestStack;
let full: string;
let served: string;
let holder: string;

/** Addresses for a gateway and five containers, all of which are there. */
const fillUp = async (): Promise<void> => {
  const Subnet = `10.${randomInt(128, 192)}.${randomInt(256)}.${8 * randomInt(32)}/29`;
  const Labels = { 'monitor.test.owner': stack.name };
  await docker.createNetwork({ Name: full, Labels, IPAM: { Driver: 'default', Config: [{ Subnet }] } });
  await stack.users.service({ name: served, network: full });
  const others = [holder, ...[1, 2, 3].map((n) => `${holder}-${n}`)];
  for (const name of others) await stack.users.idle({ name, network: full });
};

const upReport = async () => (await stack.succeed(['--json', 'up'])).report('up');
const aboutIt = (notices: readonly string[]): string[] => notices.filter((notice) => notice.includes(full));

beforeAll(async () => {
  stack = await freshStack({ what: 'full' });
  full = `${stack.name}-net`;
  served = `${stack.name}-served`;
  holder = `${stack.name}-holder`;
  await fillUp();
  stack.edit('targets: []', `targets: ["${served}:9100"]`);
});

afterAll(() => stack.remove());

describe('a network without a free address', { sequential: true }, () => {
  it('is named with its target and the engine’s reason by `up` and its dry run, and the rest is up', async () => {
    const dry = (await stack.succeed(['--json', 'up', '--dry-run'])).report('plan');
    expect(dry.operations.filter((o) => o.operation.includes(full))).toEqual([]);
    const report = await upReport();
    expect(aboutIt(report.notices)).toEqual(aboutIt(dry.notices));
    expect(aboutIt(report.notices)[0]).toMatch(
      new RegExp(`${full}.*${served}:9100.*(no available IPv4|free IP in range)`),
    );
    await eventually(async () => expect(await query(stack, 'up{job="prometheus"} == 1')).toHaveLength(1));
  });

  it('does not keep the engine from restarting Prometheus, nor `up` from having nothing to do', async () => {
    await docker.getContainer(stack.prometheus.container).restart({ t: 5 });
    expect(await networksOf(stack.prometheus.container)).toEqual([stack.network]);
    // Dashboards follow what was scraped in the meantime.
    const changed = async () => (await upReport()).operations.filter((o) => !o.resource.startsWith('Dashboard'));
    await eventually(async () => expect(await changed()).toEqual([]));
  });

  it('is the cause that `explain` names', async () => {
    const ran = await stack.monitor(['--json', 'explain', `${served}:9100`]);
    expect(ran.report('explain').explained).toMatchObject([{ code: 'network-refused' }]);
  });

  it('leaves nothing behind in Prometheus where something else tried to connect it', async () => {
    const refused = docker.getNetwork(full).connect({ Container: stack.prometheus.container });
    await expect(refused).rejects.toThrow();
    await stack.succeed(['up']);
    expect(await networksOf(stack.prometheus.container)).toEqual([stack.network]);
    await docker.getContainer(stack.prometheus.container).restart({ t: 5 });
  });

  it('is joined, as the remedy says, once a container has left it', async () => {
    await docker.getNetwork(full).disconnect({ Container: holder });
    expect(aboutIt((await upReport()).notices)).toEqual([]);
    await eventually(async () => expect(await query(stack, `up{instance="${served}:9100"} == 1`)).toHaveLength(1));
  });

  it('is left by the command that `status` prints, once Prometheus is alone on it', async () => {
    const users = [served, ...[1, 2, 3].map((n) => `${holder}-${n}`)];
    await Promise.all(users.map((name) => docker.getContainer(name).remove({ force: true })));
    const [notice = ''] = aboutIt((await stack.monitor(['--json', 'status'])).report('status').notices);
    const [, network = '', name = ''] = /`docker network disconnect (\S+) (\S+)`/.exec(notice) ?? [];
    await docker.getNetwork(network).disconnect({ Container: name });
    await docker.getNetwork(full).remove();
  });
});
