import { hashOf, stampOf } from '../grafana/dashboard-content.ts';
import { type DesiredDashboard, GENERATED } from '../grafana/dashboard-model.ts';
import type { SeenDashboards } from '../grafana/observe-dashboards.ts';
import { objectsIn, textOf } from '../json.ts';
import { isOfTheScrape } from '../metrics/families.ts';
import type { MetricFamily } from '../metrics/family.ts';
import { MOST_SERIES } from '../metrics/labels.ts';
import type { PrometheusClient } from '../prometheus/client.ts';
import { gatherFamilies } from '../prometheus/metrics.ts';
import type { GenerateOptions } from './draft.ts';
import { generatedDashboards } from './generated.ts';
import { panelsOf } from './json-tree.ts';
import { jobDashboardUid } from './uid.ts';

export interface Metrics {
  prometheus: PrometheusClient;
  /** Jobs that Prometheus has targets of. */
  jobs: readonly string[];
  /** Those of them that answer now. */
  answering: readonly string[];
  /** The version of this program, which may write the same metrics down in another way than the one before. */
  program: string;
}

/** What Prometheus has of metrics, as far as it decides which dashboards are generated and what is on them. */
export interface Outline {
  /** Another one where a metric comes or goes, or has so many more series that it is drawn in another way. */
  hash: string;
  /** How often each job was scraped within the last hour; those whose targets are gone too. */
  scrapes: ReadonlyMap<string, number>;
}

/** How long a job whose targets are down or gone is remembered. */
const REMEMBERED = '1h';

/**
 * What Prometheus has now: two short questions, whose answers are the same as long as nothing changes. Buckets are most
 * series of many programs, and come and go with the count of their histogram.
 */
export const outlineOf = async ({ prometheus, jobs, program }: Metrics, options: GenerateOptions): Promise<Outline> => {
  const [metrics, scrapes] = await Promise.all([
    prometheus.query('count by (job, __name__) ({__name__!="",__name__!~".+_bucket"})'),
    prometheus.query(`max by (job) (count_over_time(up[${REMEMBERED}]))`),
  ]);
  const rows = metrics.series.map(({ labels, samples: [sample] }) => ({
    job: labels['job'] ?? '',
    name: labels['__name__'] ?? '',
    series: Number(sample?.[1] ?? 0),
  }));
  const lines = rows.map(({ job, name, series }) => JSON.stringify([job, name, size(series)])).sort();
  return {
    hash: hashOf([JSON.stringify([program, options, [...jobs].sort()]), ...lines].join('\n')),
    scrapes: new Map(scrapes.series.map(({ labels, samples: [sample] }) => [labels['job'] ?? '', Number(sample?.[1])])),
  };
};

/** One series is drawn plain, some are grouped, many are cut to the greatest. */
const size = (series: number): string => {
  if (series === 1) return 'one';
  return series > MOST_SERIES ? 'many' : 'some';
};

/** The generated dashboards that Grafana is to have, and their queries without samples. `taken`: uids that a file has. */
export const dashboardsFromMetrics = async (
  { prometheus, jobs, answering }: Metrics,
  options: GenerateOptions,
  outline: Outline,
  seen: SeenDashboards,
  taken: ReadonlySet<string>,
): Promise<{ dashboards: DesiredDashboard[]; waiting: string[] }> => {
  const families = await familiesLately(prometheus, outline);
  const generated = await generatedDashboards(prometheus, families, { ...options, drawn: drawnQueries(seen), jobs });
  // The dashboard of a job that is scraped and does not answer stays as it is. What is pushed is not scraped.
  const isSilent = (job: string): boolean => outline.scrapes.has(job) && !answering.includes(job);
  const silent = new Set([...families.keys()].filter(isSilent).map(jobDashboardUid));
  const kept = new Set(seen.dashboards.map(({ uid }) => uid).filter((uid) => silent.has(uid)));
  const written = generated.filter(({ dashboard: { uid } }) => !kept.has(uid) && !taken.has(uid));
  return {
    dashboards: written.map(({ dashboard }) => {
      const { uid, title } = dashboard;
      return { uid, title, source: GENERATED, dashboard: { ...dashboard } };
    }),
    waiting: [...new Set(written.flatMap(({ waiting }) => waiting.map(medianOf)))],
  };
};

/** All quantiles of a histogram come in at once. */
const medianOf = (query: string): string => query.replace(/^histogram_quantile\([\d.]+/, 'histogram_quantile(0.5');

/** With what the jobs had that are down or gone: what happened to them is worth a look. */
const familiesLately = async (
  prometheus: PrometheusClient,
  { scrapes }: Outline,
): Promise<Map<string, MetricFamily[]>> => {
  const families = await gatherFamilies(prometheus);
  const isSilent = (job: string): boolean =>
    !families.get(job)?.some(({ name, series }) => series > 0 && !isOfTheScrape(name));
  const remembered = await Promise.all(
    [...scrapes.keys()].filter(isSilent).map((job) => gatherFamilies(prometheus, { job, within: REMEMBERED })),
  );
  return new Map([...families, ...remembered.flatMap((one) => [...one])]);
};

/** The queries of the generated dashboards that Grafana has, as they were saved from here. */
const drawnQueries = ({ dashboards }: SeenDashboards): ReadonlySet<string> =>
  new Set(
    dashboards
      .filter(({ dashboard }) => dashboard !== undefined && stampOf(dashboard)?.source === GENERATED)
      .flatMap(({ dashboard = {} }) => panelsOf(dashboard))
      .flatMap((panel) => objectsIn(panel.targets))
      .map((target) => textOf(target, 'expr')),
  );
