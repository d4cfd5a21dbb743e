import { describe, expect, it } from 'vitest';
import type { GrafanaClient } from '../../../src/grafana/client.ts';
import { type DesiredDashboard, type DesiredDashboards, GENERATED } from '../../../src/grafana/dashboard-model.ts';
import { observeDashboards, seeDashboards, storedDashboards } from '../../../src/grafana/observe-dashboards.ts';
import { reconcileDashboards } from '../../../src/grafana/reconcile-dashboards.ts';
import type { JsonRecord } from '../../../src/json.ts';
import { applyDashboardOperation, grafanaOf } from './harness.ts';

const panel = (title: string) => ({ id: 1, type: 'timeseries', title, targets: [{ refId: 'A', expr: 'up' }] });
const dashboard = (uid: string, source = GENERATED, rest: JsonRecord = {}): DesiredDashboard => ({
  ...{ uid, title: `Title of ${uid}`, source },
  dashboard: { uid, title: `Title of ${uid}`, schemaVersion: 27, tags: ['a'], panels: [panel('One')], ...rest },
});
const desired = (...dashboards: DesiredDashboard[]): DesiredDashboards => ({ dashboards, unread: [] });

const observe = async (client: GrafanaClient, wanted: DesiredDashboards) =>
  observeDashboards(client, wanted, await seeDashboards(client));

/** What `up` does. */
async function provision(client: GrafanaClient, wanted: DesiredDashboards, options = {}) {
  const plan = reconcileDashboards(wanted, await observe(client, wanted), options);
  for (const operation of plan.operations) await applyDashboardOperation(client, operation);
  const done = plan.operations.map((one) => `${one.kind} ${'uid' in one ? one.uid : one.folder.title}: ${one.cause}`);
  return { ...plan, done };
}

/** Somebody saves it in Grafana: the API keeps what it does not know, the editor drops it. */
async function edit(client: GrafanaClient, uid: string, by: 'api' | 'editor', change: JsonRecord) {
  const found = await client.getDashboard(uid);
  const { __monitor, ...known } = found?.dashboard ?? {};
  const kept = by === 'api' ? { ...known, __monitor } : known;
  const folderUid = found?.folderUid ?? '';
  await client.saveDashboard({ dashboard: { ...kept, ...change }, folderUid, replaces: found?.version });
}

describe.each(['7.5.5', '9.4', '12.4.3', '13'] as const)('dashboards in Grafana %s', (version) => {
  it('are made in one folder, and a second run changes nothing', async () => {
    const { client, requests } = await grafanaOf(version);
    const wanted = desired(dashboard('a'), dashboard('b', 'b.json'));
    expect((await provision(client, wanted)).done).toEqual([
      'createFolder Monitor: missing',
      'saveDashboard a: missing',
      'saveDashboard b: missing',
    ]);
    const found = await client.searchDashboards();
    expect(found.map(({ uid, folderUid, url }) => ({ uid, folderUid, url }))).toEqual([
      { uid: 'a', folderUid: 'monitor', url: '/d/a/title-of-a' },
      { uid: 'b', folderUid: 'monitor', url: '/d/b/title-of-b' },
    ]);
    requests.length = 0;
    const second = await provision(client, wanted);
    expect(second).toMatchObject({ done: [], problems: [], notices: [] });
    expect(second.states.map(({ state }) => state)).toEqual(['current', 'current']);
    expect(requests).toHaveLength(3);
  });

  it('have other revisions after each save, deletion and new start of the same uid', async () => {
    const { client } = await grafanaOf(version);
    const revisions = async () => (await storedDashboards(client)).revisions.join();
    const seen = [await revisions()];
    const step = async (work: () => Promise<unknown>) => {
      await work();
      seen.push(await revisions());
      expect(await revisions()).toBe(seen.at(-1));
    };
    await step(() => provision(client, desired(dashboard('a'))));
    await step(() => edit(client, 'a', 'editor', { tags: ['b'] }));
    await step(() => client.deleteDashboard('a'));
    seen.pop();
    await step(() => provision(client, desired(dashboard('a'))));
    await step(() => client.saveDashboard({ dashboard: { uid: 'other', title: 'Other' }, folderUid: '' }));
    expect(new Set(seen.slice(0, -1)).size).toBe(seen.length - 1);
    // It is in another folder.
    expect(seen.at(-1)).toBe(seen.at(-2));
  });

  it('are looked at in one session, which ends with the look', async () => {
    const { client, requests } = await grafanaOf(version);
    const wanted = desired(...['a', 'b', 'c', 'd', 'e'].map((uid) => dashboard(uid)));
    await provision(client, wanted);
    requests.length = 0;
    expect((await client.signedIn(() => provision(client, wanted))).done).toEqual([]);
    const session = () => requests.filter((line) => /log(in|out)/.test(line));
    await expect.poll(session, { interval: 5 }).toEqual(['POST /login 200', 'GET /logout 302']);
    expect(requests.every((line) => !line.endsWith(' 401'))).toBe(true);
  });

  it('follow what is desired', async () => {
    const { client } = await grafanaOf(version);
    await provision(client, desired(dashboard('a')));
    const changed = desired(dashboard('a', GENERATED, { panels: [panel('Two')], refresh: '10s' }));
    expect((await provision(client, changed)).done).toEqual(['saveDashboard a: differs: panels, refresh']);
    expect((await provision(client, changed)).done).toEqual([]);
  });

  it.each(['api', 'editor'] as const)('stay as they were edited (%s), until the edit is overwritten', async (by) => {
    const { client } = await grafanaOf(version);
    const wanted = desired(dashboard('a'), dashboard('b'));
    await provision(client, wanted);
    await edit(client, 'a', by, { panels: [panel('Mine')] });
    for (const _run of [1, 2]) {
      const kept = await provision(client, wanted);
      expect(kept).toMatchObject({ done: [], problems: [] });
      expect(kept.notices).toEqual([expect.stringMatching(/"Title of a".*`monitor dashboards pull a`.*--overwrite/)]);
      expect(kept.states.map(({ state }) => state)).toEqual(['edited', 'current']);
    }
    expect((await client.getDashboard('a'))?.dashboard).toMatchObject({ panels: [{ title: 'Mine' }] });
    const overwritten = await provision(client, wanted, { overwrite: true });
    expect(overwritten).toMatchObject({ done: ['saveDashboard a: edited in Grafana; differs: panels'], notices: [] });
    expect((await provision(client, wanted)).done).toEqual([]);
  });

  it('are no longer edited once the file has the edit', async () => {
    const { client } = await grafanaOf(version);
    await provision(client, desired(dashboard('a', 'a.json')));
    await edit(client, 'a', 'editor', { panels: [panel('Mine')] });
    const pulled = desired(dashboard('a', 'a.json', { panels: [panel('Mine')] }));
    expect((await provision(client, pulled)).done).toEqual(['saveDashboard a: its edit is in a.json now']);
    expect((await provision(client, pulled)).done).toEqual([]);
    const later = desired(dashboard('a', 'a.json', { panels: [panel('Later')] }));
    expect((await provision(client, later)).done).toEqual(['saveDashboard a: differs: panels']);
  });

  it('go with their file, unless they were edited; generated ones stay when their job is away', async () => {
    const { client } = await grafanaOf(version);
    const all = ['gone.json', 'edited.json', 'dir/unread.json', GENERATED];
    await provision(client, desired(...all.map((source, i) => dashboard(`d${i}`, source))));
    await edit(client, 'd1', 'api', { panels: [] });
    await client.saveDashboard({ dashboard: { uid: 'users', title: 'User’s' }, folderUid: 'monitor' });
    const plan = await provision(client, { dashboards: [], unread: ['dir'] });
    expect(plan.done).toEqual(['deleteDashboard d0: gone.json is no longer in monitor.yml']);
    expect(plan.notices).toEqual([expect.stringContaining('edited.json is no longer in monitor.yml')]);
    expect((await client.searchDashboards()).map(({ uid }) => uid).sort()).toEqual(['d1', 'd2', 'd3', 'users']);
  });

  it('of other users are left alone, and the rest is provisioned', async () => {
    const { client } = await grafanaOf(version);
    await client.saveDashboard({ dashboard: { uid: 'a', title: 'User’s' }, folderUid: '' });
    const plan = await provision(client, desired(dashboard('a', 'a.json'), dashboard('b')), { overwrite: true });
    expect(plan.done).toEqual(['createFolder Monitor: missing', 'saveDashboard b: missing']);
    expect(plan.problems).toEqual([{ source: 'a.json', message: expect.stringContaining('"User’s"') }]);
    expect(await client.getDashboard('a')).toMatchObject({ title: 'User’s', version: 1 });
  });

  it('that were moved stay where they are', async () => {
    const { client } = await grafanaOf(version);
    await provision(client, desired(dashboard('a')));
    const moved = await client.getDashboard('a');
    await client.createFolder({ uid: 'mine', title: 'Mine' });
    const dashboardNow = moved?.dashboard ?? {};
    await client.saveDashboard({ dashboard: dashboardNow, folderUid: 'mine', replaces: moved?.version });
    await provision(client, desired(dashboard('a', GENERATED, { panels: [] })));
    expect(await client.getDashboard('a')).toMatchObject({ folderUid: 'mine', version: 3, dashboard: { panels: [] } });
  });

  it('are not overwritten if they are saved at the same time', async () => {
    const { client } = await grafanaOf(version);
    await provision(client, desired(dashboard('a')));
    const wanted = desired(dashboard('a', GENERATED, { panels: [] }));
    const observed = await observe(client, wanted);
    await edit(client, 'a', 'api', { panels: [panel('Mine')] });
    const [operation] = reconcileDashboards(wanted, observed).operations;
    if (operation === undefined) throw new Error('no operation');
    await expect(applyDashboardOperation(client, operation)).rejects.toMatchObject({ code: 'grafana-conflict' });
  });

  it('leave a user’s folder of our title to the user', async () => {
    const { client } = await grafanaOf(version);
    await client.createFolder({ uid: 'mine', title: 'Monitor' });
    expect((await provision(client, desired(dashboard('a')))).done[0]).toBe('createFolder Monitor (monitor): missing');
    expect(await client.getFolder('monitor')).toMatchObject({ title: 'Monitor (monitor)' });
  });
});

describe('a dashboard that Grafana 12 and later store in their second schema', () => {
  const found = { uid: 'a', title: 'A', url: '/d/a/a', folderUid: 'monitor', version: 0, provisioned: false };
  const observed = { folder: true, otherFolders: [], dashboards: [{ ...found, dashboard: undefined }] };

  it('was edited there, and is replaced whatever its version where that is asked for', () => {
    expect(reconcileDashboards(desired(dashboard('a')), observed).operations).toEqual([]);
    const { operations } = reconcileDashboards(desired(dashboard('a')), observed, { overwrite: true });
    expect(operations).toMatchObject([{ kind: 'saveDashboard', replaces: 'any' }]);
  });
});

it('a server that migrates what it shows does not make a dashboard an edited one', async () => {
  const wanted = desired(dashboard('a'));
  const none = { folder: true, otherFolders: [], dashboards: [] };
  const [operation] = reconcileDashboards(wanted, none).operations;
  if (operation?.kind !== 'saveDashboard') throw new Error('not saved');
  const shown = {
    ...operation.dashboard,
    version: 1,
    schemaVersion: 42,
    panels: [{ ...panel('One'), migrated: true }],
  };
  const found = { uid: 'a', title: 'A', url: '', folderUid: 'monitor', version: 1, provisioned: false };
  const observed = (version: number) => ({
    ...none,
    dashboards: [{ ...found, version, dashboard: { ...shown, version } }],
  });
  expect(reconcileDashboards(wanted, observed(1)).states[0]?.state).toBe('current');
  expect(reconcileDashboards(wanted, observed(2)).states[0]?.state).toBe('edited');
});
