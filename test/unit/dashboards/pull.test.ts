import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DashboardSource } from '../../../src/config/model.ts';
import { stateFolderOf } from '../../../src/config/state-folder.ts';
import { dashboardsToPull } from '../../../src/dashboards/choose-pulled.ts';
import { compareDashboards } from '../../../src/dashboards/plan.ts';
import { planPull } from '../../../src/dashboards/pull.ts';
import { markPulled, writePulled } from '../../../src/dashboards/write-pulled.ts';
import type { GrafanaClient } from '../../../src/grafana/client.ts';
import type { DashboardState } from '../../../src/grafana/dashboard-model.ts';
import { storedDashboards } from '../../../src/grafana/observe-dashboards.ts';
import { reconcileDashboards } from '../../../src/grafana/reconcile-dashboards.ts';
import { parseVersion } from '../../../src/grafana/version.ts';
import { HttpError } from '../../../src/http.ts';
import { prometheusClient } from '../../../src/prometheus/client.ts';
import { applyDashboardOperation, grafanaOf } from '../grafana/harness.ts';

let base: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'monitor-pull-'));
});
afterEach(() => rm(base, { recursive: true }));

const panel = (title: string) => ({ id: 1, type: 'stat', title, datasource: null, targets: [] });
/** A Prometheus that does not answer. */
const silent = prometheusClient(async () => {
  throw new HttpError('ECONNREFUSED', 'refused');
});
const published = { grafana_com: 1, revision: 2 };

const plan = async (client: GrafanaClient, version: string, sources: readonly DashboardSource[]) => {
  const looked = await compareDashboards({
    ...{ client, version: parseVersion(version), ours: { uid: 'prometheus', name: 'Prometheus' }, sources },
    places: {
      base,
      stateFolder: stateFolderOf(join(base, 'monitor.yml')),
      download: async () => JSON.stringify({ uid: 'published', title: 'Published', panels: [panel('A')] }),
    },
    stored: storedDashboards(client),
    ...{ stack: 'shop', metrics: { prometheus: silent, jobs: [], answering: [], program: '1' } },
  });
  return { ...looked, ...reconcileDashboards(looked.desired, looked.observed) };
};

/** What `up` does. */
const provision = async (client: GrafanaClient, version: string, sources: readonly DashboardSource[]) => {
  const planned = await plan(client, version, sources);
  for (const operation of planned.operations) await applyDashboardOperation(client, operation);
  return planned;
};

/** In Grafana's editor, which drops what it does not know, and adds what it likes. */
const edit = async (client: GrafanaClient, uid: string, title: string) => {
  const found = await client.getDashboard(uid);
  const { __monitor, ...known } = found?.dashboard ?? {};
  const dashboard = { ...known, iteration: 1_700_000_000_000, panels: [panel(title)], fiscalYearStartMonth: 0 };
  await client.saveDashboard({ dashboard, folderUid: found?.folderUid ?? '', replaces: found?.version });
};

describe.each(['7.5.5', '9.4', '12.4.3', '13'] as const)('what was edited in Grafana %s', (version) => {
  const pull = async (client: GrafanaClient, sources: readonly DashboardSource[], uid?: string) => {
    const { observed, states } = await plan(client, version, sources);
    const chosen = await dashboardsToPull({ client, observed, states }, uid);
    const pulled = planPull(chosen, states, sources).dashboards;
    await writePulled(pulled, base);
    await markPulled(pulled, client);
    return pulled.map(({ file, isNew, replaces }) => ({ file, isNew, replaces }));
  };

  it('goes back into its file, in a form that diffs well, and is provisioned identically from there', async () => {
    const { client } = await grafanaOf(version);
    await mkdir(join(base, 'dir'));
    await writeFile(join(base, 'api.json'), JSON.stringify({ uid: 'api', title: 'API', panels: [panel('A')], id: 5 }));
    await writeFile(join(base, 'dir/b.json'), JSON.stringify({ uid: 'b', title: 'B', panels: [panel('B')] }));
    const sources = ['./api.json', 'dir'];
    await provision(client, version, sources);
    await edit(client, 'api', 'Edited');
    expect((await plan(client, version, sources)).states.map(({ state }) => state)).toEqual(['edited', 'current']);

    expect(await pull(client, sources)).toEqual([{ file: 'api.json', isNew: false, replaces: undefined }]);
    const text = await readFile(join(base, 'api.json'), 'utf8');
    expect(text).toBe(`{
  "fiscalYearStartMonth": 0,
  "panels": [
    {
      "datasource": null,
      "id": 1,
      "targets": [],
      "title": "Edited",
      "type": "stat"
    }
  ],
  "title": "API",
  "uid": "api"
}
`);
    const before = await client.getDashboard('api');
    const after = await provision(client, version, sources);
    expect(after).toMatchObject({ operations: [], problems: [], notices: [] });
    expect(after.states.map(({ state }) => state)).toEqual(['current', 'current']);
    expect(await client.getDashboard('api')).toEqual(before);
    expect(await pull(client, sources)).toEqual([]);
  });

  it('and was published or made there becomes a file of its own', async () => {
    const { client } = await grafanaOf(version);
    await provision(client, version, [published]);
    await edit(client, 'published', 'Edited');
    const dashboard = { uid: 'made', title: 'Made', panels: [] };
    await client.saveDashboard({ dashboard, folderUid: 'monitor' });
    const file = { file: 'dashboards/published.json', isNew: true, replaces: published };
    expect(await pull(client, [published])).toEqual([file]);
    expect(await pull(client, [published], 'made')).toEqual([
      { file: 'dashboards/made.json', isNew: true, replaces: undefined },
    ]);
    await client.saveDashboard({ dashboard: { ...dashboard, uid: 'outside', title: 'Outside' }, folderUid: '' });
    expect(await pull(client, ['dashboards'], 'outside')).toMatchObject([{ file: 'dashboards/outside.json' }]);
    const after = await provision(client, version, ['dashboards']);
    expect(after).toMatchObject({ operations: [], problems: [], notices: [] });
    await expect(pull(client, [], 'nowhere')).rejects.toMatchObject({ code: 'dashboard-not-found' });
  });
});

it('of a job that is gone can be pulled, since no later `up` writes it again', async () => {
  const found = { uid: 'a', title: 'A', url: '', folderUid: 'monitor', version: 1, provisioned: false, dashboard: {} };
  const pulled = (state: DashboardState['state']) =>
    dashboardsToPull(
      {
        client: { getDashboard: async () => undefined },
        observed: { folder: true, otherFolders: [], dashboards: [found] },
        states: [{ uid: 'a', title: 'A', source: 'generated', state }],
      },
      'a',
    );
  expect(await pulled('left')).toEqual([found]);
  await expect(pulled('current')).rejects.toMatchObject({ code: 'dashboard-unchanged' });
});
