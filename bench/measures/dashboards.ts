import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundledRuns } from '../bundled.ts';
import type { Finding, Lab, Measure } from '../measure.ts';
import { createStack } from '../stack.ts';
import { median, summary } from '../stats.ts';

/** Milliseconds. */
const GOALS = { dashboard: 50, chart: 30, first: 1000, unchanged: 150 };

/** The dashboards' own work, and what they add to `up`. */
export const dashboards: Measure = async (lab) => [...(await ownWork(lab)), ...(await addedToUp(lab))];

const ownWork = async (lab: Lab): Promise<Finding[]> => {
  const runs = await bundledRuns(lab, 'dashboards-work', (output) => JSON.parse(output));
  return [
    finding(
      '300 families to a dashboard',
      runs.map(({ dashboard }) => dashboard),
      GOALS.dashboard,
    ),
    finding(
      'a chart of 5 series and 240 points',
      runs.map(({ drawn }) => drawn),
      GOALS.chart,
    ),
  ];
};

const finding = (what: string, samples: number[], goal: number): Finding => ({
  ...{ what, unit: 'ms', goal, value: median(samples) },
  detail: `${summary(samples, 'ms')}, each in a fresh process`,
});

/** Beside the same `up` without them, on a stack whose generated dashboards are complete. */
const addedToUp = async (lab: Lab): Promise<Finding[]> => {
  const stack = await createStack(lab, 'boards', (config) => ({ ...config, scrape_interval: '1s' }));
  const folder = stack.command([]).cwd ?? '';
  const file = join(folder, 'monitor.yml');
  const plain = readFileSync(file, 'utf8');
  const withTwenty = plain.replace('"dashboards": []', '"dashboards": ["twenty"]');
  mkdirSync(join(folder, 'twenty'));
  for (let n = 0; n < 20; n++) writeFileSync(join(folder, 'twenty', `${n}.json`), dashboardOf(n));
  const up = async (config: string): Promise<number> => {
    writeFileSync(file, config);
    const started = performance.now();
    await stack.monitor('up');
    return performance.now() - started;
  };
  for (let tries = 0; tries < 30 && !(await isComplete(stack)); tries++);
  const samples: Record<'none' | 'first' | 'unchanged', number[]> = { none: [], first: [], unchanged: [] };
  for (let round = 0; round < lab.rounds; round++) {
    samples.none.push(await up(plain));
    samples.first.push(await up(withTwenty));
    samples.unchanged.push(await up(withTwenty));
    await up(plain);
  }
  const added = (kind: 'first' | 'unchanged', what: string): Finding => ({
    ...{ what, unit: 'ms', goal: GOALS[kind], value: median(samples[kind]) - median(samples.none) },
    detail: `${summary(samples[kind], 'ms')} against ${summary(samples.none, 'ms')}`,
  });
  return [added('first', '20 dashboards added to an up'), added('unchanged', '20 unchanged dashboards of an up')];
};

const isComplete = async (stack: Awaited<ReturnType<typeof createStack>>): Promise<boolean> => {
  const { changed, notices } = JSON.parse(await stack.monitor('up', '--json'));
  return !changed && notices.length === 0;
};

/** With 24 panels, as people have them. */
const dashboardOf = (n: number): string =>
  JSON.stringify({
    uid: `twenty-${n}`,
    title: `Twenty ${n}`,
    schemaVersion: 36,
    panels: Array.from({ length: 24 }, (_, id) => ({
      id: id + 1,
      type: 'timeseries',
      title: `Panel ${id}`,
      gridPos: { x: (id % 2) * 12, y: Math.floor(id / 2) * 8, w: 12, h: 8 },
      datasource: { type: 'prometheus', uid: 'prometheus' },
      targets: [{ refId: 'A', expr: `sum by (job) (rate(prometheus_http_requests_total[$__rate_interval]))` }],
      fieldConfig: { defaults: { unit: 'reqps', custom: { lineWidth: 1, fillOpacity: 10 } }, overrides: [] },
    })),
  });
