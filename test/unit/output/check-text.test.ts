import { expect, it } from 'vitest';
import { checkText } from '../../../src/output/dashboards-text.ts';
import { styleFor } from '../../../src/output/style.ts';

const data = { title: 'CPU', state: 'data' as const, causes: [] };
const cause = { code: 'metric-never-seen' as const, message: 'Prometheus has never seen x', query: 'rate(x[1m])' };

it('a dashboard is counted, and each empty panel says why', () => {
  const panels = [
    data,
    { title: 'X', state: 'empty' as const, causes: [cause] },
    { title: 'L', state: 'other' as const, causes: [] },
  ];
  const text = checkText(
    { kind: 'dashboards-check', dashboards: [{ title: 'API', uid: 'api', panels }], notices: [] },
    styleFor(false),
  );
  expect(text.split('\n')).toEqual([
    '✘ API (api): 1 of 2 panels have data; 1 not checked (another datasource)',
    '  ✘ X',
    '    Prometheus has never seen x',
    '    rate(x[1m])',
  ]);
});

it('one with data in every panel is one line', () => {
  const dashboards = [{ title: 'API', file: 'api.json', panels: [data] }];
  expect(checkText({ kind: 'dashboards-check', dashboards, notices: [] }, styleFor(false))).toBe(
    '✔ API (api.json): 1 of 1 panels have data',
  );
});
