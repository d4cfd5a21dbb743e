import { describe, expect, it } from 'vitest';
import { generateAgain, outlineFor } from '../../../src/dashboards/generate-again.ts';
import { stamped } from '../../../src/grafana/dashboard-content.ts';
import { type DesiredDashboard, MONITOR_FOLDER } from '../../../src/grafana/dashboard-model.ts';
import type { SeenDashboards } from '../../../src/grafana/observe-dashboards.ts';
import type { QueryResult, Series } from '../../../src/prometheus/answers.ts';
import { type PrometheusClient, prometheusClient } from '../../../src/prometheus/client.ts';

/** The series that a Prometheus has, one sample each; counters have a rate once they were scraped twice. */
interface Has {
  series: readonly Readonly<Record<string, string>>[];
  scrapes: number;
}

const vector = (series: Series[]): QueryResult => ({ type: 'vector', series, warnings: [], infos: [] });
const one = (labels: Readonly<Record<string, string>>, value = '1'): Series => ({ labels, samples: [[0, value]] });

const prometheusWith = (has: Has) => {
  const asked: string[] = [];
  const answer = (expression: string): Series[] => {
    if (expression.startsWith('max by (job) (count_over_time'))
      return [...new Set(has.series.map(({ job }) => job ?? ''))].map((job) => one({ job }, `${has.scrapes}`));
    if (expression === '{__name__=~".+"}') return has.series.map((labels) => one(labels));
    if (expression.startsWith('count by (job, __name__)')) return has.series.map((labels) => one(labels));
    return [...expression.matchAll(/count\(\((.*?)\) >= -Inf.*?"query_number", "(\d+)"/g)].flatMap(
      ([, query = '', number = '']) => {
        const known = has.series.some(({ __name__ = '' }) => query.includes(__name__));
        return known && (has.scrapes > 1 || !query.includes('rate(')) ? [one({ query_number: number })] : [];
      },
    );
  };
  const prometheus: PrometheusClient = {
    ...prometheusClient(async () => ({ status: 200, headers: {}, body: '' })),
    metadata: async () => [],
    query: async (expression) => {
      asked.push(expression);
      return vector(answer(expression));
    },
  };
  return { asked, prometheus };
};

const OPTIONS = { stack: 's', grafanaMajor: 12, datasource: { uid: 'p', name: 'P' } };
const NONE: SeenDashboards = { folder: true, found: [], dashboards: [] };

/** As Grafana has them once they are saved. */
const saved = (dashboards: readonly DesiredDashboard[]): SeenDashboards => ({
  ...NONE,
  dashboards: dashboards.map(({ uid, title, source, dashboard, metrics }) => ({
    ...{ uid, title, url: `/d/${uid}`, folderUid: MONITOR_FOLDER.uid, version: 1, provisioned: false },
    dashboard: stamped(dashboard, source, 1, metrics),
  })),
});

const generate = async (has: Has, seen: SeenDashboards, { program = '1', answering = ['shop'], taken = [''] } = {}) => {
  const { asked, prometheus } = prometheusWith(has);
  const metrics = { prometheus, jobs: ['shop'], answering, program };
  const outline = await outlineFor(metrics, OPTIONS);
  return { asked, dashboards: await generateAgain(metrics, OPTIONS, outline, seen, new Set(taken)) };
};

const named = (...names: string[]) => names.map((__name__) => ({ __name__, job: 'shop', instance: 'shop:80' }));
const METRICS = named('up', 'process_resident_memory_bytes', 'orders_total');
const queriesOf = (dashboards: readonly DesiredDashboard[]): string => JSON.stringify(dashboards);

describe('generated dashboards, looked at again', () => {
  it('are as Grafana has them, for few short questions, while the metrics are the same', async () => {
    const first = await generate({ series: METRICS, scrapes: 2 }, NONE);
    const seen = saved(first.dashboards);
    const again = await generate({ series: METRICS, scrapes: 2 }, seen);
    expect(again.dashboards.map(({ dashboard }) => dashboard)).toEqual(seen.dashboards.map((d) => d.dashboard));
    expect(again.asked.length).toBeLessThanOrEqual(3);
    expect(again.asked).not.toContain('{__name__=~".+"}');
  });

  it('are left as they are too where only some of them had to be written', async () => {
    const first = await generate({ series: METRICS, scrapes: 2 }, NONE);
    const more = { series: [...METRICS, ...named('queue_size')], scrapes: 2 };
    const second = await generate(more, saved(first.dashboards));
    const shop = second.dashboards.filter(({ uid }) => uid === 'monitor-job-shop');
    const others = first.dashboards.filter(({ uid }) => uid !== 'monitor-job-shop');
    const { asked } = await generate(more, saved([...others, ...shop]));
    expect(asked).not.toContain('{__name__=~".+"}');
    expect((await generate(more, saved(others))).asked).toContain('{__name__=~".+"}');
  });

  it('are written without rates after one scrape, and with them once there is a second one', async () => {
    const first = await generate({ series: METRICS, scrapes: 1 }, NONE);
    expect(queriesOf(first.dashboards)).not.toContain('"expr":"rate(orders_total');
    const second = await generate({ series: METRICS, scrapes: 2 }, saved(first.dashboards));
    expect(queriesOf(second.dashboards)).toContain('"expr":"rate(orders_total');
  });

  it.each([
    ['a metric that is new', { series: [...METRICS, ...named('queue_size')], scrapes: 2 }, '1'],
    ['another version of this program', { series: METRICS, scrapes: 2 }, '2'],
  ])('are written again for %s', async (_, has, program) => {
    const first = await generate({ series: METRICS, scrapes: 2 }, NONE);
    const { asked } = await generate(has, saved(first.dashboards), { program });
    expect(asked).toContain('{__name__=~".+"}');
  });

  it('come back where a file took the place of one, and is gone', async () => {
    const uids = ({ dashboards }: { dashboards: DesiredDashboard[] }) => dashboards.map(({ uid }) => uid);
    const has = { series: METRICS, scrapes: 2 };
    const first = await generate(has, NONE, { taken: ['monitor-job-shop'] });
    expect(uids(first)).not.toContain('monitor-job-shop');
    const second = await generate(has, saved(first.dashboards), { taken: ['monitor-job-shop'] });
    expect(second.asked).not.toContain('{__name__=~".+"}');
    expect(uids(await generate(has, saved(first.dashboards)))).toContain('monitor-job-shop');
  });

  it('leave the page of a job alone that is scraped and does not answer', async () => {
    const first = await generate({ series: METRICS, scrapes: 2 }, NONE);
    const down = { series: named('up'), scrapes: 3 };
    const { dashboards } = await generate(down, saved(first.dashboards), { answering: [] });
    expect(first.dashboards.map(({ uid }) => uid)).toContain('monitor-job-shop');
    expect(dashboards.map(({ uid }) => uid)).not.toContain('monitor-job-shop');
  });

  it('are compared with the generated ones if one was edited', async () => {
    const first = await generate({ series: METRICS, scrapes: 2 }, NONE);
    const seen = saved(first.dashboards);
    const [edited, ...others] = seen.dashboards;
    if (edited === undefined) throw new Error('nothing was generated');
    const dashboards = [{ ...edited, dashboard: { ...edited.dashboard, refresh: '1m' } }, ...others];
    const again = await generate({ series: METRICS, scrapes: 2 }, { ...seen, dashboards });
    expect(again.dashboards.map(({ dashboard }) => dashboard)).toEqual(first.dashboards.map((d) => d.dashboard));
  });
});
