import { describe, expect, it } from 'vitest';
import { dashboardPullText, dashboardSourceText, dashboardsText } from '../../../src/output/dashboards-text.ts';
import type { DashboardRow, ReportOf } from '../../../src/output/report.ts';
import { styleFor } from '../../../src/output/style.ts';

const style = styleFor(false);
const row = (rest: Partial<DashboardRow>): DashboardRow => ({
  ...{ uid: 'api', title: 'API', source: 'api.json', state: 'current', url: 'http://localhost:3000/d/api/api' },
  ...rest,
});

describe('the list of dashboards', () => {
  const text = (dashboards: DashboardRow[], rest = {}) =>
    dashboardsText({ kind: 'dashboards', stack: 'demo', dashboards, problems: [], notices: [], ...rest }, style);

  it('has title, state, panels, source and address of each', () => {
    const shown = text([
      row({ panels: { withData: 8, empty: 0 } }),
      row({ title: 'shop', source: 'generated', state: 'edited', panels: { withData: 5, empty: 2 } }),
      row({ title: 'New', state: 'missing', url: undefined }),
    ]);
    expect(shown.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['UID', 'TITLE', 'STATE', 'PANELS', 'SOURCE', 'URL'],
      ['api', 'API', 'up to date', '8', 'api.json', 'http://localhost:3000/d/api/api'],
      ['api', 'shop', 'edited in Grafana', '7 (2 without data)', 'generated', 'http://localhost:3000/d/api/api'],
      ['api', 'New', 'not in Grafana', '-', 'api.json', '-'],
    ]);
  });

  it('names the files that are wrong', () => {
    const problems = [{ source: 'bad.json', message: 'is not JSON' }];
    expect(text([], { problems })).toBe('No dashboards.\n✘ bad.json: is not JSON');
  });
});

it('what was pulled is named with its file', () => {
  const pulled = [{ uid: 'api', title: 'API', file: 'dashboards/api.json', added: true }];
  const report: ReportOf<'dashboards-pull'> = { kind: 'dashboards-pull', pulled, problems: [] };
  expect(dashboardPullText(report, style)).toBe('✔ wrote dashboards/api.json (API), added to monitor.yml');
  expect(dashboardPullText({ ...report, pulled: [] }, style)).toBe('No dashboard was edited in Grafana.');
});

it('what was added is named, and what comes next', () => {
  const added = { kind: 'dashboards-add', source: 'api.json', change: 'added', config: '/x/monitor.yml' } as const;
  const text = dashboardSourceText({ ...added, applied: false, operations: [], notices: [], problems: [] }, style);
  expect(text).toBe('✔ api.json added to /x/monitor.yml\nNext: `monitor up` applies this change');
});
