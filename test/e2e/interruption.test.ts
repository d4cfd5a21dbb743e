import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, loadedConfig, query, queryThroughGrafana, sampleOf } from '../support/ask.ts';
import { aliasesOn, container, docker, networksOf } from '../support/engine-view.ts';
import { prometheusStartedBy, removeMadeImages } from '../support/made-images.ts';
import { freePorts, freshStack, type TestStack } from '../support/stack.ts';
import { besidesDashboards } from '../support/up-changes.ts';

let stack: TestStack;

beforeAll(async () => {
  stack = await freshStack({ what: 'intr' });
});

afterAll(() => stack.remove());

/**
 * Starts `up` again and again, and ends it each time after an operation after which none was ended before, so that it
 * ends within each operation once. Gives those operations, when one came to its end.
 */
const upEndedAtEach = async (signal: NodeJS.Signals, exit: number | null): Promise<string[]> => {
  const ended: string[] = [];
  for (;;) {
    const up = stack.start(['--verbose', 'up']);
    const isNew = (line: string) =>
      /^ {2}(Image|Network|Volume|Config|Container|Datasource) \S+: /.test(line) && !ended.includes(line);
    const operation = await up.line(isNew).catch(() => undefined);
    if (operation !== undefined) up.kill(signal);
    const ran = await up.ran;
    if (ran.code === 0) return ended;
    if (ran.code !== exit || operation === undefined) {
      throw new Error(`up ended with ${ran.code}:\n${ran.stdout}\n${ran.stderr}`);
    }
    ended.push(operation);
  }
};

/** The stack as monitor.yml describes it, and nothing besides. */
const expectGoal = async (): Promise<void> => {
  const report = (await stack.succeed(['up', '--json'])).report('up');
  expect(report.datasource).toMatchObject({ ok: true });
  expect(besidesDashboards(report)).toEqual([]);
  const labelled = await docker.listContainers({ all: true, filters: { label: [`monitor.stack=${stack.name}`] } });
  expect(labelled.flatMap((c) => c.Names).sort()).toEqual([
    `/${stack.grafana.container}`,
    `/${stack.prometheus.container}`,
  ]);
  const networks = await docker.listNetworks({ filters: { name: [stack.network] } });
  expect(networks.map((n) => n.Name)).toEqual([stack.network]);
  expect(await networksOf(stack.prometheus.container)).toEqual([stack.network]);
  expect(await networksOf(stack.grafana.container)).toEqual([stack.network]);
  expect(await aliasesOn(stack.prometheus.container, stack.network)).toContain('prometheus');
  for (const { container: name } of [stack.prometheus, stack.grafana]) {
    expect((await container(name)).State).toMatchObject({ Running: true, Restarting: false });
  }
  await eventually(async () => expect(await sampleOf(stack, 'sum(up)')).toBe(2));
  expect(await queryThroughGrafana(stack, 'up')).toHaveLength(2);
};

/** One `up` for each operation: on a busy machine that takes its time. */
describe('an `up` that is ended half-way', { sequential: true, timeout: 180_000 }, () => {
  it('is taken on by the next one, wherever it was killed', async () => {
    expect((await upEndedAtEach('SIGKILL', null)).length).toBeGreaterThan(3);
    await expectGoal();
  });

  it('ends with 130 at Ctrl-C, and is taken on by the next one, wherever it was while it replaced the containers', async () => {
    const [prometheusPort = 0, grafanaPort = 0] = await freePorts(2);
    await eventually(async () => expect(await query(stack, 'up')).toHaveLength(2));
    for (const [service, port] of [
      [stack.prometheus, prometheusPort],
      [stack.grafana, grafanaPort],
    ] as const) {
      stack.edit(`port: ${service.port}`, `port: ${port}`);
      service.port = port;
      service.url = `http://127.0.0.1:${port}`;
    }
    expect((await upEndedAtEach('SIGINT', 130)).length).toBeGreaterThan(3);
    await expectGoal();
    const started = Date.parse((await container(stack.prometheus.container)).State.StartedAt) / 1000;
    expect(await query(stack, `count_over_time(up{job="prometheus"}[1h] @ ${started})`)).toHaveLength(1);
  });

  it('is taken on by the next one where only the reload was missing', async () => {
    stack.edit(
      'scrape_configs: []',
      'scrape_configs: [{job_name: late, static_configs: [{targets: ["localhost:9090"]}]}]',
    );
    await upEndedAtEach('SIGKILL', null);
    expect(await loadedConfig(stack)).toContain('job_name: late');
    expect(besidesDashboards((await stack.succeed(['up', '--json'])).report('up'))).toEqual([]);
  });
});

/** Takes its time to end. */
const SLOW = `trap 'sleep 3; kill -TERM $p' TERM; /bin/prometheus "$@" & p=$!; wait $p; wait $p`;

describe('a stop that is under way when its command is killed', () => {
  let slow: TestStack;

  beforeAll(async () => {
    slow = await freshStack({ what: 'slow', prometheusImage: await prometheusStartedBy('slow', SLOW) });
    await slow.succeed(['up']);
  });

  afterAll(async () => {
    await slow.remove();
    await removeMadeImages();
  });

  it('is waited for by the next `up`, which starts the container again', async () => {
    const restart = slow.start(['--verbose', 'restart', 'prometheus']);
    await restart.line(/: Stopping/);
    const { Id } = await container(slow.prometheus.container);
    await eventually(async () => expect(await isStopping(Id)).toBe(true));
    restart.kill('SIGKILL');
    await restart.ran;
    expect(await isStopping(Id)).toBe(true);
    expect((await slow.succeed(['up', '--json'])).report('up')).toMatchObject({ changed: true });
    expect(await lastEventOf(Id)).toBe('start');
    expect((await container(Id)).State.Running).toBe(true);
  });
});

/** Podman has no event of it, and lists the container as stopping. */
const isStopping = async (id: string): Promise<boolean> => {
  const [row] = await docker.listContainers({ all: true, filters: { id: [id] } });
  return row?.Status === 'Stopping' || (row?.State === 'running' && (await lastEventOf(id)) === 'kill');
};

/** Podman reads its events from a file, and stops at `until` wherever it is then. */
const READING_MS = 200;

/** What happened last to a container. */
const lastEventOf = async (id: string): Promise<string | undefined> => {
  const filters = { container: [id], event: ['start', 'kill', 'die'] };
  const past = await docker.getEvents({ since: 1, until: (Date.now() + READING_MS) / 1000, filters });
  let text = '';
  for await (const chunk of past) text += chunk;
  const last = text.trim().split('\n').at(-1) ?? '';
  return last === '' ? undefined : JSON.parse(last).Action;
};

describe('two `up` at once', () => {
  it('end with the stack as it should be, the second having waited', async () => {
    await stack.succeed(['down', '--volumes', '--yes']);
    stack.edit(/scrape_configs: .*/, 'scrape_configs: []');
    const first = stack.start(['up']);
    const second = stack.start(['up']);
    const [one, two] = await Promise.all([first.ran, second.ran]);
    expect([one.code, two.code]).toEqual([0, 0]);
    expect(one.stderr + two.stderr).toMatch(/another monitor \(process \d+\) is working on this stack; waiting for it/);
    await expectGoal();
  });

  it('that do not see each other’s lock look again where the other one was faster, and reach the goal', async () => {
    await stack.succeed(['down', '--volumes', '--yes']);
    const both = await Promise.all([stack.monitor(['up']), stack.monitor(['up'], { TMPDIR: stack.folder })]);
    for (const ran of both.filter(({ code }) => code !== 0)) expect(ran.stderr).toMatch(/✘ [\s\S]*→ \S+/);
    await stack.succeed(['up']);
    await expectGoal();
  });

  it('that made the network twice, as older engines let them, leave one to the next `up`', async () => {
    await stack.succeed(['down']);
    const made = { Name: stack.network, Labels: { 'monitor.stack': stack.name } };
    await docker.createNetwork(made);
    await docker.createNetwork({ ...made, CheckDuplicate: false }).catch(unlessRefused);
    await stack.succeed(['up']);
    await expectGoal();
  });
});

/** Since API 1.44 there are no two networks of one name. */
const unlessRefused = (error: unknown): void => {
  if (!(error instanceof Error && /already exists/.test(error.message))) throw error;
};
