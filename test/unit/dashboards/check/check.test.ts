import { describe, expect, it } from 'vitest';
import { type CheckedPanel, checkDashboard } from '../../../../src/dashboards/check/check.ts';
import type { CheckContext } from '../../../../src/dashboards/check/context.ts';
import { MonitorError } from '../../../../src/errors.ts';
import type { JsonRecord } from '../../../../src/json.ts';
import type { Labels, QueryResult } from '../../../../src/prometheus/answers.ts';
import type { PrometheusClient } from '../../../../src/prometheus/client.ts';

const NOW = 1_700_000_000;

/** A Prometheus with these series, which were scraped within the last hour unless they are `gone`. */
interface Scene {
  series?: Labels[];
  gone?: Labels[];
  /** Expressions that give a number. */
  numbers?: RegExp;
  /** What `count_over_time` and `changes` give. */
  samples?: number;
  moved?: number;
  wrong?: RegExp;
}

const HTTP = { __name__: 'http_requests_total', job: 'api', instance: 'api:1', status: '200' };

const prometheus = ({
  series = [HTTP],
  gone = [],
  numbers,
  samples = 5,
  moved = 1,
  wrong,
}: Scene): PrometheusClient => {
  const vector = (labels: Labels[], value: string): QueryResult => ({
    type: 'vector',
    series: labels.map((one) => ({ labels: one, samples: [[NOW, value]] })),
    warnings: [],
    infos: [],
  });
  const answer = async (expression: string): Promise<QueryResult> => {
    if (wrong?.test(expression)) throw new MonitorError({ code: 'wrong-expression', message: 'it is wrong' });
    if (expression.startsWith('count_over_time')) return vector(series, `${samples}`);
    if (expression.startsWith('changes')) return vector(series, `${moved}`);
    return numbers?.test(expression) ? vector([{}], '1') : vector([], '');
  };
  const named = (all: Labels[], selector = '') => {
    const name = /__name__="([^"]+)"/.exec(selector)?.[1] ?? /^\w+/.exec(selector)?.[0];
    return all.filter((labels) => name === undefined || labels['__name__'] === name);
  };
  const seen = (start: number) => (start < NOW - 86_400 ? [...series, ...gone] : series);
  return {
    droppedTargets: async () => [],
    clockAhead: async () => 0,
    ready: async () => true,
    loadedConfig: async () => '',
    version: async () => '3.5.3',
    metadata: async () => [],
    labelNames: async () => ['job'],
    targets: async () => [
      {
        ...{ job: 'api', instance: 'api:1', scrapeUrl: '', scrapeInterval: '1m', health: 'up', lastError: '' },
        ...{ lastScrapeDuration: 0, labels: {}, discovered: {} },
      },
    ],
    query: answer,
    queryRange: answer,
    series: async ([selector], { start }) => named(seen(start), selector),
    labelValues: async (label, [selector], { start }) => [
      ...new Set(named(seen(start), selector).flatMap((labels) => labels[label] ?? [])),
    ],
  };
};

const check = (dashboard: JsonRecord, scene: Scene = {}, more: Partial<CheckContext> = {}): Promise<CheckedPanel[]> =>
  checkDashboard(dashboard, {
    prometheus: prometheus(scene),
    ours: 'ours',
    datasources: [
      { uid: 'ours', name: 'Prometheus', type: 'prometheus', isDefault: true },
      { uid: 'logs', name: 'Loki', type: 'loki', isDefault: false },
    ],
    scrapeInterval: '15s',
    now: NOW,
    ...more,
  });

const panel = (expr: string, more: object = {}) => ({
  type: 'timeseries',
  title: 'P',
  targets: [{ refId: 'A', expr }],
  ...more,
});
const whyOf = async (expr: string, scene: Scene = {}, dashboard: object = {}) => {
  const [checked] = await check({ panels: [panel(expr)], ...dashboard }, scene);
  return checked?.causes[0];
};

describe('a panel with data', () => {
  it('is one where a query gives a number', async () => {
    expect(
      await check({ panels: [panel('a', { targets: [{ expr: 'a' }, { expr: 'b' }] })] }, { numbers: /b/ }),
    ).toEqual([{ title: 'P', state: 'data', causes: [] }]);
  });

  it('is asked for as Grafana asks: with the rate interval of the datasource', async () => {
    const [checked] = await check({ panels: [panel('rate(x[$__rate_interval])')] }, { numbers: /rate\(x\[1m\]\)/ });
    expect(checked?.state).toBe('data');
  });

  it('may stand in a collapsed row, or in the rows of an old dashboard, or be a library panel', async () => {
    const scene = { numbers: /./ };
    const nested = { panels: [{ type: 'row', panels: [panel('a')] }], rows: [{ panels: [panel('b')] }] };
    expect(await check(nested, scene)).toHaveLength(2);
    const library = { panels: [{ title: 'L', libraryPanel: { uid: 'l1' } }] };
    const libraryPanels = new Map([['l1', panel('a')]]);
    expect(await check(library, scene, { libraryPanels })).toEqual([{ title: 'L', state: 'data', causes: [] }]);
  });

  it('is checked for each value that it is repeated for', async () => {
    const job = { name: 'job', type: 'query', query: 'label_values(job)', multi: true, includeAll: true };
    const series = [HTTP, { ...HTTP, job: 'web' }];
    const dashboard = {
      templating: { list: [job] },
      panels: [panel('x{job="$job"}', { repeat: 'job', title: 'of $job' })],
    };
    expect(await check(dashboard, { series, numbers: /job="web"/ })).toMatchObject([
      { title: 'of api', state: 'empty' },
      { title: 'of web', state: 'data' },
    ]);
  });
});

describe('an empty panel says why', () => {
  it('a table of what is there now, and was in the time range', async () => {
    const [checked] = await check({ panels: [panel('', { targets: [{ expr: HTTP.__name__, instant: true }] })] });
    expect(checked?.causes).toMatchObject([
      { code: 'metric-vanished', message: expect.stringMatching(/no samples now/) },
    ]);
  });

  it.each<[string, string, Scene, string, RegExp]>([
    [
      'a metric that was never seen',
      'http_request_total',
      {},
      'metric-never-seen',
      /did you mean http_requests_total\?/,
    ],
    [
      'a metric that is gone',
      'rate(old[5m])',
      { gone: [{ __name__: 'old' }] },
      'metric-vanished',
      /it had some before/,
    ],
    ['a label that is not there', 'http_requests_total{stauts="200"}', {}, 'label-missing', /did you mean status\?/],
    ['a value that is not there', 'http_requests_total{status="201"}', {}, 'value-missing', /did you mean "200"\?/],
    [
      'a variable that the dashboard lacks',
      'http_requests_total{status="$kind"}',
      {},
      'value-missing',
      /no variable \$kind/,
    ],
    ['a pattern that fits nothing', 'http_requests_total{status=~"5.."}', {}, 'value-missing', /it has "200"/],
    [
      'a matcher that leaves all out',
      'http_requests_total{job!="api"}',
      {},
      'value-missing',
      /leaves out every series/,
    ],
    [
      'labels that never come together',
      'http_requests_total{status="200", job="web"}',
      { series: [HTTP, { ...HTTP, status: '500', job: 'web' }] },
      'no-such-combination',
      /has all of status="200", job="web"/,
    ],
    ['a window under two scrapes', 'rate(http_requests_total[1m])', { samples: 1 }, 'window-too-short', /60 s apart/],
    [
      'a target that is new',
      'rate(http_requests_total[5m])',
      { samples: 1 },
      'too-few-samples',
      /fewer than two samples/,
    ],
    [
      'a counter that stands',
      'rate(http_requests_total[5m]) > 0',
      { moved: 0 },
      'counter-not-moved',
      /has not changed/,
    ],
    ['a comparison that leaves nothing', 'http_requests_total > 9', {}, 'nothing-left', /leaves none/],
    ['a wrong expression', 'sum(', { wrong: /sum/ }, 'wrong-expression', /it is wrong/],
  ])('%s', async (_what, expr, scene, code, message) => {
    const cause = await whyOf(expr, scene);
    expect(cause).toMatchObject({ code, query: expr });
    expect(cause?.message).toMatch(message);
    expect(cause?.message).not.toMatch(/undefined|\.$/);
  });

  it('a variable whose regular expression fits nothing', async () => {
    const list = [{ name: 'job', type: 'query', query: 'label_values(up, job)', regex: '/^prod/' }];
    const series = [HTTP, { __name__: 'up', job: 'api' }];
    const cause = await whyOf('up{job="$job"}', { series }, { templating: { list } });
    expect(cause).toMatchObject({ code: 'variable-empty' });
    expect(cause?.message).toContain(
      '$job is empty: its regular expression /^prod/ fits none of its values, such as "api"',
    );
  });

  it('a datasource that Grafana does not have', async () => {
    const [checked] = await check({ panels: [panel('up', { datasource: { type: 'prometheus', uid: 'theirs' } })] });
    expect(checked).toMatchObject({ state: 'empty', causes: [{ code: 'other-datasource' }] });
  });

  it('but nothing of one that asks something else', async () => {
    const other = { datasource: { type: 'loki', uid: 'logs' } };
    expect(await check({ panels: [panel('{a="b"}', other), { type: 'text' }] })).toMatchObject([{ state: 'other' }]);
  });

  it('nor of one of another plugin where Grafana is not asked; a Prometheus is taken for the stack’s then', async () => {
    const panels = [
      panel('a', { datasource: { type: 'loki', uid: 'x' } }),
      panel('b', { datasource: { type: 'prometheus', uid: 'x' } }),
    ];
    const found = await check({ panels }, { numbers: /b/ }, { datasources: undefined });
    expect(found).toMatchObject([{ state: 'other' }, { state: 'data' }]);
  });

  it('through a variable for the datasource', async () => {
    const list = [{ name: 'ds', type: 'datasource', query: 'prometheus', current: { value: 'default' } }];
    const used = panel('up', { datasource: { type: 'prometheus', uid: '$ds' } });
    expect(await check({ templating: { list }, panels: [used] }, { numbers: /up/ })).toMatchObject([{ state: 'data' }]);
  });
});
