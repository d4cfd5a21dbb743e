import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { eventually, query, queryThroughGrafana, sampleOf, targetsOf } from '../support/ask.ts';
import { findContainer, findNetwork, findVolume, networksOf } from '../support/engine-view.ts';
import { freshStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
/** Names of the user's own things. */
let myevents: string;
let events: string;

beforeAll(async () => {
  stack = await freshStack({ what: 'job', config: false });
  myevents = `${stack.name}-myevents`;
  events = `${stack.name}-events`;
  await stack.users.network(myevents);
  await stack.users.service({ name: events, network: myevents });
});

afterAll(() => stack.remove());

/** Each step goes on from the one before it, as a developer does. */
describe('in a folder of their own, a developer', { sequential: true }, () => {
  it('writes monitor.yml and a password with `init`', async () => {
    const images = inject('images');
    const ran = await stack.monitor([
      'init',
      ...['--name', stack.name],
      ...['--prometheus-port', `${stack.prometheus.port}`, '--grafana-port', `${stack.grafana.port}`],
      ...['--prometheus-image', images.prometheus.image, '--grafana-image', images.grafana.image],
    ]);
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('Next: monitor up') });
    expect(stack.config()).toContain(`container: ${stack.prometheus.container}`);
    expect(statSync(join(stack.folder, '.monitor/grafana-admin-password')).mode & 0o777).toBe(0o600);
    expect(stack.stateFile('.gitignore')).toBe('*\n');
    stack.edit('scrape_interval: 15s', 'scrape_interval: 1s');
    stack.edit('enabled: true', 'enabled: false');
  });

  it('sees with `up --dry-run` what would be done and why, and nothing is touched', async () => {
    const before = readdirSync(stack.folder, { recursive: true });
    const ran = await stack.succeed(['up', '--dry-run']);
    for (const operation of [
      `create network ${stack.network} (it does not exist)`,
      `create volume ${stack.prometheus.volume} (it does not exist)`,
      `create container ${stack.prometheus.container} (it does not exist)`,
      `start container ${stack.grafana.container} (it is new)`,
    ]) {
      expect(ran.stdout).toContain(operation);
    }
    expect(await findContainer(stack.prometheus.container)).toBeUndefined();
    expect(await findContainer(stack.grafana.container)).toBeUndefined();
    expect(await findNetwork(stack.network)).toBeUndefined();
    expect(await findVolume(stack.prometheus.volume)).toBeUndefined();
    expect(await findVolume(stack.grafana.volume)).toBeUndefined();
    expect(readdirSync(stack.folder, { recursive: true })).toEqual(before);
  });

  it('gets Prometheus and Grafana with `up`, connected, watching themselves', async () => {
    const ran = await stack.succeed(['up', '--wait', '--json']);
    expect(ran.stderr).toBe('');
    const report = ran.report('up');
    expect(report).toMatchObject({ changed: true, datasource: { name: 'Prometheus', ok: true } });
    expect(report.targets.map((t) => t.health)).toEqual(['up', 'up']);
    for (const { samples, duration } of report.targets)
      expect(Math.min(samples ?? 0, duration ?? 0)).toBeGreaterThan(0);
    expect(await sampleOf(stack, 'sum(up{job=~"prometheus|grafana"})')).toBe(2);
    expect(await queryThroughGrafana(stack, 'up')).toHaveLength(2);
    expect((await findVolume(stack.prometheus.volume))?.Labels).toMatchObject({ 'monitor.stack': stack.name });
  });

  it('changes nothing with another `up` once the dashboards are complete, and sees that', async () => {
    const before = await stack.state();
    await eventually(async () => {
      const { report } = await stack.succeed(['up', '--json']);
      expect(report('up')).toMatchObject({ changed: false, operations: [], notices: [] });
    });
    // A server that was just started still gets metrics, and their panels.
    await eventually(async () => {
      const again = await stack.monitor(['up']);
      expect(again.stdout).toContain('nothing to change');
      expect(again.stderr).toBe('');
    });
    expect(await stack.state()).toEqual(before);
    const dry = await stack.monitor(['up', '--dry-run']);
    expect(dry.stdout).not.toMatch(/create|remove|stop|reload|put|connect/);
  });

  it('sees their own service’s metrics after `add-target`, at once and in Grafana', async () => {
    const before = stack.config();
    const ran = await stack.succeed([
      'add-target',
      `${events}:9100`,
      '--job-name',
      'eventservice',
      '--label',
      'team=a',
    ]);
    expect(ran.stdout).toContain(`${events}:9100 answered with 1 metric`);
    expect(ran.stderr).toMatch(new RegExp(`Network ${myevents} +Connected`));
    for (const comment of before.match(/#.*$/gm) ?? []) expect(stack.config()).toContain(comment);
    await eventually(async () =>
      expect(await query(stack, 'myevents_bookings_count')).toMatchObject([
        { metric: { job: 'eventservice', instance: `${events}:9100`, team: 'a', eventID: '7' } },
      ]),
    );
    expect(await queryThroughGrafana(stack, 'myevents_bookings_count')).toHaveLength(1);
    expect(await networksOf(events)).toEqual([myevents]);
  });

  it('adds the same target twice without an error, a second entry or any change', async () => {
    const [file, state] = [stack.config(), await stack.state()];
    const ran = await stack.succeed([
      ...['add-target', `${events}:9100`, '--job-name', 'eventservice', '--label', 'team=a', '--json'],
    ]);
    expect(ran.report('add-target')).toMatchObject({ change: 'unchanged', operations: [], answer: { ok: true } });
    expect(stack.config()).toBe(file);
    expect(await stack.state()).toEqual(state);
  });

  it('brings changed configuration in with `restart`, and keeps the data', async () => {
    const oldest = await sampleOf(stack, 'count_over_time(up{job="prometheus"}[1h])');
    stack.edit(
      'scrape_configs: []',
      'scrape_configs: [{job_name: extra, static_configs: [{targets: ["localhost:9090"]}]}]',
    );
    const started = (await findContainer(stack.prometheus.container))?.State.StartedAt;
    const ran = await stack.succeed(['restart']);
    expect(ran.stdout).toContain('was restarted');
    expect(ran.stdout).toMatch(/eventservice +\S+:9100/);
    expect((await findContainer(stack.prometheus.container))?.State.StartedAt).not.toBe(started);
    await eventually(async () => expect((await targetsOf(stack)).map((t) => t.job)).toContain('extra'));
    await eventually(async () =>
      expect(await sampleOf(stack, 'count_over_time(up{job="prometheus"}[1h])')).toBeGreaterThan(oldest),
    );
  });

  it('sees with `status` that everything is up', async () => {
    await eventually(async () => {
      const ran = await stack.succeed(['status']);
      expect(ran.stdout).toMatch(/eventservice +\S+ +up +\d+s ago/);
      expect(ran.stdout).toMatch(/extra +localhost:9090 +up/);
      for (const part of [stack.network, myevents, stack.prometheus.volume, `http://localhost:${stack.grafana.port}`])
        expect(ran.stdout).toContain(part);
    });
  });

  it('takes the target out with `remove-target`, which leaves its network', async () => {
    await stack.succeed(['remove-target', `${events}:9100`]);
    expect(stack.config()).not.toContain(`${events}:9100`);
    expect(await networksOf(stack.prometheus.container)).toEqual([stack.network]);
    await eventually(async () => expect((await targetsOf(stack)).map((t) => t.job)).not.toContain('eventservice'));
  });

  it('removes with `down` what is the stack’s and keeps the data, which the next `up` has again', async () => {
    const ran = await stack.succeed(['down']);
    expect(ran.stdout).toContain(`Kept    volume ${stack.prometheus.volume}, volume ${stack.grafana.volume}`);
    expect(await findContainer(stack.prometheus.container)).toBeUndefined();
    expect(await findContainer(stack.grafana.container)).toBeUndefined();
    expect(await findNetwork(stack.network)).toBeUndefined();
    expect(await findNetwork(myevents)).toBeDefined();
    expect((await findContainer(events))?.State.Running).toBe(true);
    expect((await stack.succeed(['up', '--json'])).report('up')).toMatchObject({ changed: true });
    expect(await query(stack, 'count_over_time(myevents_bookings_count[1h])')).toHaveLength(1);
  });

  it('removes the data only when `down --volumes` is confirmed', async () => {
    const refused = await stack.monitor(['down', '--volumes']);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
    expect((await findContainer(stack.prometheus.container))?.State.Running).toBe(true);
    await stack.succeed(['down', '--volumes', '--yes']);
    expect(await findVolume(stack.prometheus.volume)).toBeUndefined();
    expect(await findVolume(stack.grafana.volume)).toBeUndefined();
    expect(existsSync(join(stack.folder, 'monitor.yml'))).toBe(true);
    expect((await stack.succeed(['down', '--json'])).report('down').removed).toEqual([]);
  });
});
