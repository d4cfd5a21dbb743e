import { describe, expect, it } from 'vitest';
import type { JobMetrics } from '../../../src/dashboards/draft.ts';
import { jobDraft } from '../../../src/dashboards/job.ts';
import type { Dashboard, Panel } from '../../../src/dashboards/model.ts';
import { processesDraft } from '../../../src/dashboards/processes.ts';
import { servicesDraft } from '../../../src/dashboards/services.ts';
import { jobDashboardUid } from '../../../src/dashboards/uid.ts';
import { familiesOf } from '../../../src/metrics/families.ts';
import { resolveVariables } from '../../../src/metrics/promql.ts';
import { familiesIn, recordedFamilies } from '../../support/exposition-samples.ts';
import { syntaxError } from '../../support/promql-syntax.ts';

const options = { stack: 'shop', version: { major: 12 }, ours: { uid: 'prometheus', name: 'Prometheus' } };
const all = () => true;
const none = () => false;

const recorded = ['express-prom-bundle', 'fastapi', 'django', 'micrometer', 'go-grpc', 'opentelemetry-node'];
const jobs: JobMetrics[] = recorded.map((job) => ({ job, families: recordedFamilies(job) }));
const named = (job: string): JobMetrics => ({ job, families: recordedFamilies(job) });

const panelsOf = (dashboard: Dashboard): Panel[] =>
  dashboard.panels.flatMap((panel) => (panel.type === 'row' ? panel.panels : [panel]));
const drawn = (dashboard: Dashboard): Panel[] => panelsOf(dashboard).filter(({ type }) => type !== 'text');
const rows = (dashboard: Dashboard) => dashboard.panels.flatMap((panel) => (panel.type === 'row' ? [panel] : []));
const queries = (dashboard: Dashboard): string[] =>
  panelsOf(dashboard).flatMap(({ targets = [] }) => targets.map((t) => t.expr));

const every: [string, (major: number) => Dashboard][] = [
  ['Services', (major) => servicesDraft(jobs, { ...options, version: { major } }).dashboard(all)],
  ['Processes', (major) => processesDraft(jobs, { ...options, version: { major } }).dashboard(all)],
  ...jobs.map((job): [string, (major: number) => Dashboard] => [
    job.job,
    (major) => jobDraft(job, { ...options, version: { major } }).dashboard(all),
  ]),
];

/** Rules of grafana/dashboard-linter (docs/rules), but for `uneditable`: what is edited in Grafana is pulled. */
describe.each(every)('%s keeps the rules of dashboard-linter', (_, of) => {
  const dashboard = of(12);
  const variable = (name: string) => dashboard.templating.list.find((one) => one.name === name);

  it('there is one datasource variable, and each panel, query and variable uses it', () => {
    expect(variable('datasource')).toMatchObject({ type: 'datasource', query: 'prometheus', label: 'Data source' });
    const ours = { type: 'prometheus', uid: '$datasource' };
    for (const panel of drawn(dashboard)) {
      expect(panel.datasource).toEqual(ours);
      for (const target of panel.targets ?? []) expect(target.datasource).toEqual(ours);
    }
    expect(variable('job')?.datasource).toEqual(ours);
  });

  it.each(['job', 'instance'])(
    '%s can be chosen, several at once, and is asked for again when the time changes',
    (name) => {
      expect(variable(name)).toMatchObject({ type: 'query', multi: true, allValue: '.+', refresh: 2 });
      expect(variable(name)?.label?.toLowerCase()).toBe(name);
    },
  );

  it('each query asks for both', () => {
    const selectors = queries(dashboard).flatMap((expr) => expr.match(/\{[^}]*\}/g) ?? ['none']);
    expect(
      selectors.filter((text) => !text.includes('job=~"$job"') || !text.includes('instance=~"$instance"')),
    ).toEqual([]);
  });

  it('each panel has a title, a description, a unit and a query', () => {
    const lacking = drawn(dashboard).filter(
      ({ title, description, fieldConfig, targets = [] }) =>
        !title || !description || !fieldConfig?.defaults.unit || targets.length === 0,
    );
    expect(lacking).toEqual([]);
  });

  it('queries are PromQL, and their only range is $__rate_interval', () => {
    expect(queries(dashboard).filter((expr) => syntaxError(expr) !== undefined)).toEqual([]);
    const ranges = queries(dashboard).flatMap((expr) => expr.match(/\[[^\]]*\]/g) ?? []);
    expect(new Set(ranges)).toEqual(new Set(['[$__rate_interval]']));
  });

  it('panels do not overlap, and their ids are theirs alone', () => {
    const open = dashboard.panels.map(({ gridPos }) => gridPos);
    const clash = open.filter((a, i) =>
      open.some((b, j) => i < j && a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h),
    );
    expect(clash).toEqual([]);
    const ids = [...dashboard.panels, ...rows(dashboard).flatMap(({ panels }) => panels)].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('before Grafana 9 a datasource goes by its name, and no panel is of a kind that is not there', () => {
    const old = of(7);
    expect(new Set(drawn(old).map(({ datasource }) => datasource))).toEqual(new Set(['$datasource']));
    expect(old.templating.list[0]?.current?.value).toBe('Prometheus');
    expect(panelsOf(old).map(({ type }) => type)).not.toContain('state-timeline');
    expect(JSON.stringify(old)).not.toContain('"uid":"$datasource"');
  });

  it('shows what happened to containers', () => {
    expect(dashboard.annotations.list[0]?.target?.tags).toEqual(['monitor', 'shop']);
  });
});

describe('the dashboard of a job', () => {
  it('has its own metrics first, and its runtime in a collapsed row', () => {
    const dashboard = jobDraft(named('express-prom-bundle'), options).dashboard(all);
    const titles = rows(dashboard).map(({ title, collapsed }) => [title, collapsed]);
    expect(titles).toEqual([
      ['myevents', false],
      ['http', false],
      ['Runtime and process', true],
      ['Not seen yet', true],
    ]);
    expect(queries(dashboard)).toContain(
      'sum by (eventName) (rate(myevents_bookings_count{job=~"$job",instance=~"$instance"}[$__rate_interval]))',
    );
  });

  it('has no panel whose query has no samples, and names the metric instead', () => {
    const draft = jobDraft(named('fastapi'), options);
    const dashboard = draft.dashboard((query) => !query.includes('myevents_bookings_total'));
    expect(queries(dashboard).join()).not.toContain('myevents_bookings_total');
    const text = panelsOf(dashboard).find(({ type }) => type === 'text');
    expect(text?.options?.['content']).toContain('`myevents_bookings_total`: Bookings made');
  });

  it('asks for every query that it may draw', () => {
    const draft = jobDraft(named('django'), options);
    expect(new Set(queries(draft.dashboard(all)))).toEqual(new Set(draft.queries));
  });

  it('of a job without samples is a list of what it describes', () => {
    const families = familiesIn('# HELP orders_total Orders\n# TYPE orders_total counter', 'shop').filter(
      ({ name }) => name === 'orders_total',
    );
    const dashboard = jobDraft({ job: 'shop', families }, options).dashboard(none);
    expect(panelsOf(dashboard).map(({ title }) => title)).toEqual(['Not seen yet']);
  });

  it('draws no heatmap of buckets that nothing fell into', () => {
    const families = familiesIn(
      '# TYPE wait_seconds histogram\nwait_seconds_bucket{le="+Inf"} 0\nwait_seconds_sum 0\nwait_seconds_count 0',
    );
    const noQuantile = (query: string) => !query.startsWith('histogram_quantile');
    const drawn = panelsOf(jobDraft({ job: 'shop', families }, options).dashboard(noQuantile));
    expect(drawn.flatMap(({ title }) => (title.startsWith('Wait') ? [title] : []))).toEqual([
      'Wait observations per second',
    ]);
  });

  it('draws heatmaps of native histograms from Grafana 10 on', () => {
    const families = familiesOf([{ labels: { __name__: 'wait_seconds', job: 'shop', instance: 'shop:1' } }], []);
    const types = (major: number) =>
      panelsOf(jobDraft({ job: 'shop', families }, { ...options, version: { major } }).dashboard(all)).map(
        ({ type }) => type,
      );
    expect(types(9)).toEqual(['timeseries', 'timeseries']);
    expect(types(10)).toEqual(['timeseries', 'timeseries', 'heatmap']);
  });

  it('draws open files and their limit on a logarithmic scale, as a container’s limit may be a billion', () => {
    const files = panelsOf(jobDraft(named('fastapi'), options).dashboard(all)).find(({ title }) =>
      title.includes('fds'),
    );
    expect(files?.targets?.map(({ legendFormat }) => legendFormat)).toEqual(['{{job}}', 'limit']);
    expect(files?.fieldConfig?.defaults.custom?.['scaleDistribution']).toEqual({ type: 'log', log: 10 });
  });

  it('does not group pushed metrics by instance if they have none', () => {
    const families = familiesIn('orders_total 1').map((family) => ({
      ...family,
      labels: family.labels.filter(({ name }) => name !== 'instance'),
    }));
    expect(jobDraft({ job: 'batch', families }, options).queries.join()).not.toContain('instance');
  });
});

describe('Services', () => {
  const dashboard = servicesDraft(jobs, options).dashboard(all);

  it('has a row a job, with its vital signs and a link to its own dashboard', () => {
    expect(rows(dashboard).map(({ title }) => title)).toEqual([...recorded].sort());
    const fastapi = dashboard.panels.filter(
      (panel) => panel.type !== 'row' && JSON.stringify(panel).includes('job=\\"fastapi\\"'),
    );
    expect(fastapi.map(({ title }) => title)).toEqual([
      'Requests per second',
      'Errors',
      'Duration, p95',
      'Up',
      'Restarts',
      'Memory',
      'CPU',
    ]);
    expect(fastapi.every((panel) => panel.type !== 'row' && panel.links?.[0]?.url === '/d/monitor-job-fastapi')).toBe(
      true,
    );
  });

  it('has no row of a job of which nothing is seen', () => {
    expect(servicesDraft(jobs, options).dashboard(none).panels).toEqual([]);
  });
});

describe('Processes', () => {
  it('draws the CPU of each job as the rate of its seconds, as a share of one core', () => {
    const cpu = panelsOf(processesDraft(jobs, options).dashboard(all)).find(({ title }) => title === 'CPU');
    expect(cpu?.fieldConfig?.defaults.unit).toBe('percentunit');
    expect(cpu?.targets?.[0]).toMatchObject({
      expr: 'rate(process_cpu_seconds_total{job=~"$job",instance=~"$instance"}[$__rate_interval])',
      legendFormat: '{{job}}',
    });
  });
});

describe('a job that is scraped more seldom than the others', () => {
  const slow = { fastapi: '5m' };
  const steps = (dashboard: Dashboard) => [
    ...new Set(drawn(dashboard).flatMap(({ targets = [] }) => targets.map(({ interval }) => interval))),
  ];

  it('has that interval as the least step of its queries, so that $__rate_interval holds two scrapes', () => {
    expect(steps(jobDraft(named('fastapi'), { ...options, slow }).dashboard(all))).toEqual(['5m']);
    expect(steps(jobDraft(named('django'), { ...options, slow }).dashboard(all))).toEqual([undefined]);
    expect(steps(servicesDraft(jobs, { ...options, slow }).dashboard(all))).toEqual([undefined, '5m']);
    expect(steps(processesDraft(jobs, { ...options, slow }).dashboard(all))).toEqual(['5m']);
  });
});

describe('uid', () => {
  it.each(['events', 'a/b', 'ÄÖ', 'x'.repeat(90), 'a b', 'a-b'])('of the job %s is one that Grafana takes', (job) => {
    expect(jobDashboardUid(job)).toMatch(/^[a-zA-Z0-9_-]{1,40}$/);
  });

  it('two jobs never share one', () => {
    const names = ['a b', 'a-b', 'a/b', 'a.b', 'x'.repeat(50), 'x'.repeat(51)];
    expect(new Set(names.map(jobDashboardUid)).size).toBe(names.length);
  });
});

it('variables are resolved as Grafana does', () => {
  const query = 'rate(x{job=~"$job",instance=~"$instance"}[$__rate_interval])';
  expect(resolveVariables(query, { rateInterval: '1m', job: 'shop' })).toBe('rate(x{job=~"shop",instance=~".+"}[1m])');
});
