import { describe, expect, it } from 'vitest';
import { stateFolderOf } from '../../../src/config/state-folder.ts';
import { compareDashboards } from '../../../src/dashboards/plan.ts';
import { grafanaClient } from '../../../src/grafana/client.ts';
import { stamped } from '../../../src/grafana/dashboard-content.ts';
import {
  type DesiredDashboard,
  type LookedAtDashboards,
  MONITOR_FOLDER,
  type NothingToDo,
  type ObservedDashboard,
} from '../../../src/grafana/dashboard-model.ts';
import { parseVersion } from '../../../src/grafana/version.ts';
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

/** A Grafana that has no other dashboards than those that are said to be stored. */
const grafana = grafanaClient({
  transport: async () => ({ status: 404, headers: {}, body: '{}' }),
  ...{ url: 'http://localhost:3000', user: 'admin', password: 'a', passwordSource: 'a file' },
  version: parseVersion('12.4.3'),
});

/** As Grafana has them once they are saved. */
const saved = (dashboards: readonly DesiredDashboard[]): ObservedDashboard[] =>
  dashboards.map(({ uid, title, source, dashboard }) => ({
    ...{ uid, title, url: `/d/${uid}`, folderUid: MONITOR_FOLDER.uid, version: 1, provisioned: false },
    dashboard: stamped(dashboard, source, 1),
  }));

interface Now {
  stored?: readonly ObservedDashboard[];
  last?: NothingToDo;
  program?: string;
  answering?: string[];
}

const look = async (has: Has, { stored = [], last, program = '1', answering = ['shop'] }: Now = {}) => {
  const { asked, prometheus } = prometheusWith(has);
  const looked = await compareDashboards({
    client: grafana,
    version: parseVersion('12.4.3'),
    ours: { uid: 'p', name: 'P' },
    ...{ sources: [], places: { base: '/', stateFolder: stateFolderOf('/monitor.yml') }, stack: 's' },
    stored: Promise.resolve({
      revisions: stored.map(({ uid, version }) => `${uid} ${version}`),
      whole: async () => ({ folder: true, found: [], dashboards: stored }),
    }),
    metrics: { prometheus, jobs: ['shop'], answering, program },
    last,
  });
  return { ...looked, asked, isGenerated: asked.includes('{__name__=~".+"}') };
};

/** Looks, saves, and looks once more: nothing has to be done then. */
const settled = async (has: Has) => {
  const stored = saved((await look(has)).desired.dashboards);
  return { stored, last: kept(await look(has, { stored })) };
};

const kept = ({ basis }: LookedAtDashboards): NothingToDo => {
  if (basis === undefined) throw new Error('the look does not say what it went by');
  return { ...basis, problems: [], notices: ['edited'] };
};

const named = (...names: string[]) => names.map((__name__) => ({ __name__, job: 'shop', instance: 'shop:80' }));
const METRICS = named('up', 'process_resident_memory_bytes', 'orders_total');
const HAS = { series: METRICS, scrapes: 2 };
const uidsOf = ({ desired }: LookedAtDashboards): string[] => desired.dashboards.map(({ uid }) => uid);

describe('dashboards, looked at again', () => {
  it('cost three short questions while nothing has changed that decides about them', async () => {
    const { stored, last } = await settled(HAS);
    const again = await look(HAS, { stored, last });
    expect(again).toMatchObject({ isGenerated: false, notices: ['edited'], desired: { dashboards: [] } });
    expect(again.asked.length).toBeLessThanOrEqual(3);
  });

  it.each<[string, Has, Now]>([
    ['a metric is new', { series: [...METRICS, ...named('queue_size')], scrapes: 2 }, {}],
    ['this program is another version', HAS, { program: '2' }],
    ['a job no longer answers', HAS, { answering: [] }],
    ['a dashboard is deleted', HAS, { stored: [] }],
    ['it is not known what was decided', HAS, { last: undefined }],
  ])('are generated and compared where %s', async (_, has, now) => {
    const before = await settled(HAS);
    expect(await look(has, { ...before, ...now })).toMatchObject({ isGenerated: true });
  });

  it('are generated and compared where one was saved since', async () => {
    const { stored, last } = await settled(HAS);
    const now = stored.map((one, i) => ({ ...one, version: i === 0 ? 2 : one.version }));
    expect(await look(HAS, { stored: now, last })).toMatchObject({ isGenerated: true });
  });

  it('are generated and compared where a query has its first samples', async () => {
    const once = { series: METRICS, scrapes: 1 };
    const { stored, last } = await settled(once);
    expect(await look(once, { stored, last })).toMatchObject({ isGenerated: false });
    expect(await look(HAS, { stored, last })).toMatchObject({ isGenerated: true });
  });

  it('cost short questions again after a metric that changes none of them', async () => {
    const { stored, last } = await settled(HAS);
    const more = { series: [...METRICS, ...named('orders_created')], scrapes: 2 };
    const second = await look(more, { stored, last });
    expect(second.isGenerated).toBe(true);
    expect(await look(more, { stored, last: kept(second) })).toMatchObject({ isGenerated: false });
  });

  it('are always compared where one was moved out of the folder', async () => {
    const { stored } = await settled(HAS);
    expect((await look(HAS, { stored: stored.slice(1) })).basis).toBeUndefined();
  });
});

describe('dashboards from metrics', () => {
  const text = (looked: LookedAtDashboards): string => JSON.stringify(looked.desired.dashboards);

  it('are written without rates after one scrape, and with them once there is a second one', async () => {
    const first = await look({ series: METRICS, scrapes: 1 });
    expect(text(first)).not.toContain('"expr":"rate(orders_total');
    expect(text(await look(HAS, { stored: saved(first.desired.dashboards) }))).toContain('"expr":"rate(orders_total');
  });

  it('leave the page of a job alone that is scraped and does not answer', async () => {
    const first = await look(HAS);
    expect(uidsOf(first)).toContain('monitor-job-shop');
    const down = { series: named('up'), scrapes: 3 };
    expect(uidsOf(await look(down, { stored: saved(first.desired.dashboards), answering: [] }))).not.toContain(
      'monitor-job-shop',
    );
  });

  it('are written of a job that does not answer yet where Grafana has no page of it', async () => {
    expect(uidsOf(await look(HAS, { answering: [] }))).toContain('monitor-job-shop');
  });
});
