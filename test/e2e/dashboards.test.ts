import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askGrafana, eventually } from '../support/ask.ts';
import { docker } from '../support/engine-view.ts';
import { freshStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
let shop: string;

const panel = { id: 1, type: 'stat', title: 'Up', datasource: null, targets: [{ refId: 'A', expr: 'up' }] };

interface Saved {
  title: string;
  panels: { title: string }[];
}

const isSaved = (body: unknown): body is { dashboard: Saved & Record<string, unknown> } =>
  typeof body === 'object' && body !== null && 'dashboard' in body;

const saved = async (uid: string): Promise<Saved & Record<string, unknown>> => {
  const { body } = await askGrafana(stack, `/api/dashboards/uid/${uid}`);
  if (!isSaved(body)) throw new Error(`Grafana has no dashboard ${uid}`);
  return body.dashboard;
};

/** As this version names it. */
const folderOf = async (uid: string): Promise<Record<string, unknown>> => {
  const { body } = await askGrafana(stack, `/api/dashboards/uid/${uid}`);
  const { folderUid, folderId } = Object(Object(body).meta);
  return folderUid === undefined ? { folderId } : { folderUid };
};

const titles = async (uid: string): Promise<string[]> => (await saved(uid)).panels.map(({ title }) => title);

/** Runs `up` until it has nothing left to do. */
const complete = () =>
  eventually(async () => {
    const { report } = await stack.succeed(['up', '--json']);
    expect(report('up')).toMatchObject({ changed: false, notices: [] });
  });

beforeAll(async () => {
  stack = await freshStack({ what: 'boards', more: `targets: []\nscrape_configs: []\ndashboards: [own.json]` });
  shop = `${stack.name}-shop`;
  await stack.users.network(shop);
  await stack.users.service({ name: shop, network: shop });
  writeFileSync(join(stack.folder, 'own.json'), JSON.stringify({ uid: 'own', title: 'Own', panels: [panel] }));
});

afterAll(() => stack.remove());

describe('dashboards in Grafana', { sequential: true }, () => {
  it('are there after the first `up`: Services, and those of monitor.yml; `open` leads to Services', async () => {
    const ran = await stack.succeed(['up']);
    expect(ran.stderr).toMatch(/Dashboard Services +Created/);
    expect(ran.stderr).toMatch(/Dashboard Own +Created/);
    expect(await titles('monitor-services')).toContain('prometheus');
    expect(await titles('own')).toEqual(['Up']);
    const { url } = (await stack.succeed(['open', '--json'])).report('open');
    expect(url).toContain(`${stack.grafana.port}/d/monitor-services`);
  });

  it('have data in every panel after `up --wait`, and then `up` changes nothing', async () => {
    stack.edit('targets: []', `targets: ["${shop}:9100"]`);
    const passed = '{job_name: passed, static_configs: [{targets: ["localhost:9090"]}]}';
    stack.edit('scrape_configs: []', `scrape_configs: [${passed}]`);
    const { notices } = (await stack.succeed(['up', '--wait', '--json'])).report('up');
    expect(notices).toEqual([]);
    expect(await titles(`monitor-job-${shop}`)).toContain('Myevents bookings per second');
    expect(await titles('monitor-job-passed')).not.toEqual([]);
    await complete();
    const { dashboards } = (await stack.monitor(['dashboards', 'check', '--json'])).report('dashboards-check');
    expect(dashboards.map(({ title }) => title)).toContain('Processes');
    const empty = dashboards.flatMap(({ panels }) => panels.filter(({ state }) => state === 'empty'));
    // A counter need not move within the seconds that a look takes.
    expect(empty.filter(({ causes }) => causes.some(({ code }) => code !== 'counter-not-moved'))).toEqual([]);
  });

  it('that were edited in Grafana are kept and named, and written over only with `up --overwrite`', async () => {
    const { __monitor, ...own } = await saved('own');
    const dashboard = { ...own, title: 'Mine' };
    const body = { dashboard, ...(await folderOf('own')) };
    expect(await askGrafana(stack, '/api/dashboards/db', { method: 'POST', body })).toMatchObject({ status: 200 });
    const kept = (await stack.succeed(['up', '--json'])).report('up');
    expect(kept.notices.join()).toMatch(/was edited in Grafana and is kept.*monitor up --overwrite/);
    expect((await saved('own')).title).toBe('Mine');
    await stack.succeed(['up', '--overwrite']);
    expect((await saved('own')).title).toBe('Own');
  });

  it('that cannot be read are named, with exit code 1, and the rest is written', async () => {
    writeFileSync(join(stack.folder, 'wrong.json'), '{');
    writeFileSync(join(stack.folder, 'own.json'), JSON.stringify({ uid: 'own', title: 'Better', panels: [panel] }));
    stack.edit('dashboards: [own.json]', 'dashboards: [wrong.json, own.json]');
    const ran = await stack.monitor(['up']);
    expect(ran).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/not all of its dashboards[\s\S]*wrong.json: is not JSON/),
    });
    expect((await saved('own')).title).toBe('Better');
    stack.edit('dashboards: [wrong.json, own.json]', 'dashboards: [own.json]');
  });

  it('get the panels of new metrics, and marks of what happens to containers, while `watch` runs', async () => {
    await askGrafana(stack, `/api/dashboards/uid/monitor-job-${shop}`, { method: 'DELETE' });
    const watch = stack.start(['watch']);
    await watch.line(/watching/);
    await watch.line(new RegExp(`create dashboard Job ${shop}`));
    await docker.getContainer(shop).restart({ t: 2 });
    await eventually(async () => {
      const { body } = await askGrafana(stack, `/api/annotations?tags=monitor&tags=${stack.name}`);
      expect(JSON.stringify(body)).toMatch(
        new RegExp(`${shop} stopped.*${shop} started|${shop} started.*${shop} stopped`),
      );
    });
    watch.kill('SIGINT');
    expect(await watch.ran).toMatchObject({ code: 130, stderr: '' });
  });
});
