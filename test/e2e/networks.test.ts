import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, query, targetsOf } from '../support/ask.ts';
import {
  addressOn,
  aliasesOn,
  container,
  docker,
  execIn,
  findNetwork,
  isPodman,
  networksOf,
} from '../support/engine-view.ts';
import { moveOnBridge } from '../support/move-on-bridge.ts';
import { freePorts, freshStack, type TestStack } from '../support/stack.ts';
import { besidesDashboards } from '../support/up-changes.ts';

const onPodman = await isPodman();

let stack: TestStack;
/** Names of the user's own things. */
let shop: string;
let tickets: string;
let shopService: string;
let ticketService: string;
let bridged: string;
let hostPort: number;

const urlOf = async (instance: string): Promise<string | undefined> =>
  (await targetsOf(stack)).find((t) => t.instance === instance)?.url;

beforeAll(async () => {
  stack = await freshStack({ what: 'net' });
  stack.edit('port: ', `container: Own_Prometheus.1-${stack.name}\n  port: `);
  stack.prometheus.container = `Own_Prometheus.1-${stack.name}`;
  shop = `${stack.name}-shop`;
  tickets = `${stack.name}-tickets`;
  shopService = `${stack.name}-shop-service`;
  ticketService = `${stack.name}-ticket-service`;
  bridged = `${stack.name}-bridged`;
  [hostPort = 0] = await freePorts(1);
  await Promise.all([stack.users.network(shop), stack.users.network(tickets)]);
  await Promise.all([
    stack.users.service({ name: shopService, network: shop }),
    stack.users.service({ name: ticketService, network: tickets, aliases: ['tickets.internal'] }),
    stack.users.service({ name: bridged, ports: [{ container: 9100, host: hostPort }] }),
  ]);
  stack.edit(
    'targets: []',
    `targets: ["${shopService}:9100", "tickets.internal:9100", "${bridged}:9100", "localhost:${hostPort}", "nowhere-${stack.name}:9100"]`,
  );
});

afterAll(() => stack.remove());

describe('the networks of a stack', { sequential: true }, () => {
  it('are ours and those of the targets for Prometheus, and ours alone for Grafana', async () => {
    const ran = await stack.succeed(['up']);
    expect(await networksOf(stack.prometheus.container)).toEqual(['bridge', stack.network, shop, tickets].sort());
    expect(await networksOf(stack.grafana.container)).toEqual([stack.network]);
    expect(ran.stdout).toContain(`no container has the name or alias "nowhere-${stack.name}"`);
    expect(ran.stdout).toContain(`localhost:${hostPort} means this machine`);
  });

  it('have Prometheus as prometheus:9090, whatever its container is called', async () => {
    expect(await aliasesOn(stack.prometheus.container, stack.network)).toContain('prometheus');
    await stack.users.idle({ name: `${stack.name}-guest`, network: stack.network });
    const asked = await execIn(`${stack.name}-guest`, ['wget', '-q', '-O', '-', 'http://prometheus:9090/-/ready']);
    expect(asked).toMatchObject({ code: 0, output: expect.stringMatching(/ready/i) });
    for (const network of [shop, tickets])
      expect(await aliasesOn(stack.prometheus.container, network)).not.toContain('prometheus');
  });

  it('bring in the metrics of a container’s name, of its alias, of one on the default bridge, and of this machine', async () => {
    for (const instance of [`${shopService}:9100`, 'tickets.internal:9100', `${bridged}:9100`]) {
      await eventually(async () =>
        expect(await query(stack, `myevents_bookings_count{instance="${instance}"}`)).toHaveLength(1),
      );
    }
    expect(await urlOf(`${bridged}:9100`)).toBe(`http://${await addressOn(bridged, 'bridge')}:9100/metrics`);
    expect(await urlOf(`localhost:${hostPort}`)).toBe(`http://host.docker.internal:${hostPort}/metrics`);
    expect((await container(stack.prometheus.container)).HostConfig.ExtraHosts).toEqual([
      'host.docker.internal:host-gateway',
    ]);
    expect(await urlOf(`nowhere-${stack.name}:9100`)).toBe(`http://nowhere-${stack.name}:9100/metrics`);
  });

  it('leave the user’s containers on the networks that they were on', async () => {
    expect(await networksOf(shopService)).toEqual([shop]);
    expect(await networksOf(ticketService)).toEqual([tickets]);
    expect(await networksOf(bridged)).toEqual(['bridge']);
  });

  // Podman does not give an address again so soon.
  it.skipIf(onPodman)(
    'lead to a container on the default bridge at its new address after the next `up`, and another container’s metrics are not taken for its own until then',
    async () => {
      const before = await addressOn(bridged, 'bridge');
      const other = await moveOnBridge(stack.users, bridged);
      await eventually(async () => expect(await query(stack, `up{instance="${bridged}:9100"} == 1`)).toHaveLength(1));
      const moved = { code: 'address-moved', cause: expect.stringMatching(new RegExp(`${before}, .*${other}`)) };
      const status = await stack.monitor(['--json', 'status']);
      expect(status.code).toBe(3);
      const row = status.report('status').targets.find((t) => t.instance === `${bridged}:9100`);
      expect(row).toMatchObject({ health: 'down', ...moved });
      expect((await stack.monitor(['--json', 'explain', bridged])).report('explain').explained).toMatchObject([
        { ...moved, remedy: expect.stringContaining('`monitor up`') },
      ]);
      await stack.succeed(['up']);
      const now = await addressOn(bridged, 'bridge');
      expect(now).not.toBe(before);
      await eventually(async () => expect(await urlOf(`${bridged}:9100`)).toBe(`http://${now}:9100/metrics`));
    },
  );

  it('are left, one after the other, when no target needs them any more', async () => {
    await stack.succeed(['remove-target', `${bridged}:9100`]);
    expect(await networksOf(stack.prometheus.container)).toEqual([stack.network, shop, tickets].sort());
    await stack.succeed(['remove-target', 'tickets.internal:9100']);
    expect(await networksOf(stack.prometheus.container)).toEqual([stack.network, shop].sort());
  });

  it('are joined again by `up` if Prometheus or Grafana was disconnected', async () => {
    await docker.getNetwork(stack.network).disconnect({ Container: stack.prometheus.container });
    await docker.getNetwork(stack.network).disconnect({ Container: stack.grafana.container });
    await docker.getNetwork(shop).disconnect({ Container: stack.prometheus.container });
    const ran = await stack.monitor(['up', '--json']);
    expect(ran.report('up')).toMatchObject({ changed: true, datasource: { ok: true } });
    expect(await networksOf(stack.prometheus.container)).toEqual([stack.network, shop].sort());
    expect(await networksOf(stack.grafana.container)).toEqual([stack.network]);
    expect(await aliasesOn(stack.prometheus.container, stack.network)).toContain('prometheus');
  });

  it('are changed by `up` where monitor.yml names another one for the stack', async () => {
    stack.edit('scrape_interval:', `network: ${stack.name}-other\nscrape_interval:`);
    const report = (await stack.succeed(['up', '--json'])).report('up');
    expect(report.datasource).toMatchObject({ ok: true });
    expect(await networksOf(stack.prometheus.container)).toEqual([`${stack.name}-other`, shop].sort());
    expect(await networksOf(stack.grafana.container)).toEqual([`${stack.name}-other`]);
    expect(besidesDashboards((await stack.succeed(['up', '--json'])).report('up'))).toEqual([]);
  });

  it('are kept by `down`, with a notice, if the user’s container is on the stack’s network', async () => {
    await docker.getContainer(`${stack.name}-guest`).stop({ t: 2 });
    const stopped = await stack.monitor(['down']);
    expect(stopped.stdout).toContain(`network ${stack.network} is kept: ${stack.name}-guest is connected to it`);
    expect(await findNetwork(stack.network)).toBeDefined();
    await docker.getContainer(`${stack.name}-guest`).start();
    const running = await stack.monitor(['down']);
    expect(running.stdout).toContain(`network ${stack.network} is kept: ${stack.name}-guest is connected to it`);
    expect(await networksOf(`${stack.name}-guest`)).toEqual([stack.network]);
    expect(await findNetwork(`${stack.name}-other`)).toBeUndefined();
  });
});
