import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeDatasource, eventually } from '../support/ask.ts';
import { type DetectLab, detectLab } from '../support/detect-lab.ts';
import { docker } from '../support/engine-view.ts';
import { besidesDashboards } from '../support/up-changes.ts';

/** One stack that everything happens to, and the user's containers around it. */
let lab: DetectLab;

beforeAll(async () => {
  lab = await detectLab({ what: 'dry' });
});

afterAll(() => lab.remove());

interface Scenario {
  title: string;
  arrange: () => Promise<unknown> | unknown;
  /** Parts of the operations that have to be in the plan; none: there is nothing to do. */
  plan: readonly RegExp[];
}

const stop = (name: string): Promise<unknown> => docker.getContainer(name).stop({ t: 10 });
const removeContainer = (name: string): Promise<unknown> => docker.getContainer(name).remove({ force: true });

const scenarios: readonly Scenario[] = [
  {
    title: 'for a stack that does not exist yet, beside a container with metrics',
    arrange: async () => {
      await lab.network('shop');
      await lab.run({ name: 'events', networks: ['shop'], expose: [9100] });
    },
    plan: [/create container .*prometheus/, /connect .* to network .*-shop/, /create datasource/],
  },
  { title: 'for a stack that is up', arrange: () => undefined, plan: [] },
  {
    title: 'for a container that appears on another network',
    arrange: async () => {
      await lab.network('office');
      await lab.run({ name: 'bookings', networks: ['office'], expose: [9100] });
    },
    plan: [/connect .* to network .*-office/, /reload/],
  },
  {
    title: 'for a container that serves no metrics, on a network of its own',
    arrange: async () => {
      await lab.network('quiet');
      await lab.run({ name: 'silent', networks: ['quiet'], expose: [9100], sh: 'nc -ll -p 9100 -e true' });
    },
    plan: [],
  },
  {
    title: 'for a container that is gone, with its network',
    arrange: () => removeContainer(lab.named('bookings')),
    plan: [/disconnect .* from network .*-office/, /reload/],
  },
  {
    title: 'for a target that monitor.yml names',
    arrange: () => lab.stack.edit('targets: []', `targets: ["${lab.named('silent')}:9100"]`),
    plan: [/connect .* to network .*-quiet/, /reload/],
  },
  {
    title: 'for another scrape interval',
    arrange: () => lab.stack.edit('scrape_interval: 1s', 'scrape_interval: 2s'),
    plan: [/reload/, /update datasource/],
  },
  {
    title: 'for another retention time',
    arrange: () => lab.stack.edit('retention: {time: 15d}', 'retention: {time: 16d}'),
    plan: [/stop container .*prometheus/, /remove container .*prometheus/, /create container .*prometheus/],
  },
  {
    title: 'for a datasource that was changed in Grafana',
    arrange: () => changeDatasource(lab.stack, { url: 'http://elsewhere:9090' }),
    plan: [/update datasource/],
  },
  {
    title: 'for containers that were stopped',
    arrange: () => Promise.all([stop(lab.stack.prometheus.container), stop(lab.stack.grafana.container)]),
    plan: [/start container .*prometheus/, /start container .*grafana/],
  },
  {
    title: 'for a container of the stack that was removed',
    arrange: () => removeContainer(lab.stack.prometheus.container),
    plan: [/create container .*prometheus/],
  },
  {
    title: 'for a network that Prometheus was taken from',
    arrange: () =>
      docker.getNetwork(lab.named('shop')).disconnect({ Container: lab.stack.prometheus.container, Force: true }),
    plan: [/connect .* to network .*-shop/],
  },
];

describe('`up --dry-run` shows what the next `up` does, and changes nothing', { sequential: true }, () => {
  for (const { title, arrange, plan } of scenarios) {
    it(title, async () => {
      await arrange();
      const before = await everything();
      const dry = (await lab.succeed('up', '--dry-run', '--json')).report('plan');
      expect(await everything()).toEqual(before);
      const up = (await lab.succeed('up', '--json')).report('up');
      // Dashboards follow what was scraped, which goes on meanwhile.
      expect(besidesDashboards(up)).toEqual(besidesDashboards(dry));
      for (const operation of plan) {
        expect(dry.operations.map((o) => o.operation)).toContainEqual(expect.stringMatching(operation));
      }
      if (plan.length === 0) expect([besidesDashboards(dry), dry.targets]).toEqual([[], []]);
      const scraped = up.targets.map((t) => `${t.job} ${t.instance}`);
      for (const { change, job, instance } of dry.targets) {
        expect(scraped.includes(`${job} ${instance}`)).toBe(change === 'add');
      }
      // Prometheus lists its targets a moment after it has loaded them.
      await eventually(async () => {
        const { targets } = (await lab.succeed('up', '--dry-run', '--json')).report('plan');
        expect(targets).toEqual([]);
      });
    });
  }
});

describe('commands that look leave the engine and the folder as they were', () => {
  const looking = ['detect', 'render', 'status', 'explain', 'up --dry-run', 'dashboards', 'metrics'];

  it.each(looking)('`%s`', async (command) => {
    const before = await everything();
    await lab.monitor(...command.split(' '));
    expect(await everything()).toEqual(before);
  });

  it('where they are killed while they ask, once the next command has looked', async () => {
    await lab.network('slow');
    await lab.run({ name: 'slow', networks: ['slow'], expose: [9100], sh: 'nc -ll -p 9100 -e sleep 60' });
    const before = await everything();
    const detect = lab.start('detect', '--json');
    await eventually(async () => expect(await probes()).toHaveLength(1));
    detect.kill('SIGKILL');
    await detect.ran;
    await lab.succeed('status', '--json').catch(() => undefined);
    await eventually(async () => expect(await probes()).toEqual([]));
    expect(await everything()).toEqual(before);
  });
});

const probes = async (): Promise<unknown[]> => (await ownContainers()).filter((c) => c.Names[0]?.includes('probe'));

const ownContainers = async () =>
  (await docker.listContainers({ all: true })).filter(
    (c) => c.Labels['monitor.stack'] === lab.stack.name || c.Labels['monitor.test.owner'] === lab.stack.name,
  );

/** All that a command could change: containers and what they are on, networks, volumes, and files. */
const everything = async (): Promise<unknown> => {
  const containers = await ownContainers();
  const networks = (await docker.listNetworks())
    .filter((n) => n.Name.startsWith(lab.stack.name))
    .sort((a, b) => a.Name.localeCompare(b.Name));
  const { Volumes } = await docker.listVolumes();
  return {
    containers: await Promise.all(
      containers.map(async ({ Id }) => {
        const { Name, State, NetworkSettings, RestartCount } = await docker.getContainer(Id).inspect();
        const endpoints = Object.entries(NetworkSettings.Networks).map(([name, n]) => `${name} ${n.EndpointID}`);
        return { Name, running: State.Running, started: State.StartedAt, RestartCount, endpoints: endpoints.sort() };
      }),
    ),
    networks: await Promise.all(
      networks.map(async ({ Id }) => {
        const { Name, Containers = {} } = await docker.getNetwork(Id).inspect();
        return { Name, Id, containers: Object.keys(Containers).sort() };
      }),
    ),
    volumes: Volumes.map((v) => v.Name)
      .filter((name) => name.startsWith(lab.stack.name))
      .sort(),
    files: filesIn(lab.stack.folder),
  };
};

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => `${path} ${readFileSync(path, 'utf8')}`)
    .sort();
