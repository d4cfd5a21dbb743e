import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { afterPlan, writtenDashboards } from '../../../src/export/dashboards.ts';
import type { DashboardState, ObservedDashboard } from '../../../src/grafana/dashboard-model.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dashboards-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('those of monitor.yml are exported without an engine, and what is wrong with one is named', async () => {
  const panel = { id: 1, type: 'sankey', title: 'P', datasource: { type: 'loki', uid: 'logs' }, targets: [] };
  writeFileSync(join(folder, 'own.json'), JSON.stringify({ title: 'Own', uid: 'own', id: 7, panels: [panel] }));
  writeFileSync(join(folder, 'broken.json'), '{');
  writeFileSync(join(folder, 'monitor.yml'), 'version: 1\ndashboards: [own.json, broken.json, none.json]\n');
  const loaded = await loadConfig(join(folder, 'monitor.yml'));
  const { dashboards, findings, notices } = await writtenDashboards({ signal: new AbortController().signal }, loaded);
  expect(dashboards).toMatchObject([{ uid: 'own', title: 'Own', json: { uid: 'own', panels: [{ title: 'P' }] } }]);
  expect(dashboards[0]?.json).not.toHaveProperty('id');
  expect(findings.map(({ code, subject }) => `${code} ${subject}`).sort()).toEqual([
    'dashboard broken.json',
    'dashboard none.json',
    'dashboard-lacks Own',
    'dashboard-lacks Own',
  ]);
  expect(notices).toEqual([]);
});

const inGrafana = (uid: string, changes: Partial<ObservedDashboard> = {}): ObservedDashboard => ({
  uid,
  title: uid,
  url: '',
  folderUid: 'monitor',
  version: 1,
  provisioned: false,
  dashboard: { title: uid, from: 'Grafana' },
  ...changes,
});

const stateOf = (uid: string, state: DashboardState['state']): DashboardState => ({
  uid,
  title: uid,
  source: 'x',
  state,
});

it('those of a running Grafana are exported as they are after the next `up`', () => {
  const save = { kind: 'saveDashboard', cause: 'missing', folderUid: 'monitor' } as const;
  const { dashboards, unsaved, unreadable } = afterPlan({
    observed: {
      folder: true,
      otherFolders: [],
      dashboards: [
        inGrafana('edited'),
        inGrafana('current'),
        inGrafana('made there'),
        inGrafana('outdated'),
        inGrafana('removed'),
        inGrafana('moved', { folderUid: 'theirs' }),
        inGrafana('elsewhere', { folderUid: 'theirs' }),
        inGrafana('second', { dashboard: undefined }),
      ],
    },
    states: [
      stateOf('edited', 'edited'),
      stateOf('current', 'current'),
      stateOf('moved', 'current'),
      stateOf('outdated', 'outdated'),
      stateOf('new', 'missing'),
    ],
    operations: [
      { ...save, uid: 'outdated', title: 'outdated', dashboard: { from: 'file' } },
      { ...save, uid: 'new', title: 'new', dashboard: { from: 'metrics' } },
      { kind: 'deleteDashboard', cause: 'not in monitor.yml', uid: 'removed', title: 'removed' },
    ],
  });
  expect(dashboards.map(({ uid, dashboard }) => `${uid} ${dashboard.from}`)).toEqual([
    'edited Grafana',
    'current Grafana',
    'made there Grafana',
    'outdated file',
    'moved Grafana',
    'new metrics',
  ]);
  expect(unsaved.map(({ uid }) => uid)).toEqual(['edited', 'made there']);
  expect(unreadable).toMatchObject([{ source: 'dashboard "second"' }]);
});
