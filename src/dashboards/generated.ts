import type { MetricFamily } from '../metrics/family.ts';
import { quote, resolveVariables } from '../metrics/promql.ts';
import { hasSample } from '../prometheus/answers.ts';
import type { PrometheusClient } from '../prometheus/client.ts';
import type { Draft, GenerateOptions, JobMetrics } from './draft.ts';
import { WINDOW } from './frame.ts';
import { jobDraft } from './job.ts';
import type { Dashboard } from './model.ts';
import { processesDraft } from './processes.ts';
import { servicesDraft } from './services.ts';

export interface AskOptions extends GenerateOptions {
  /**
   * Queries of the generated dashboards that Grafana has. They had samples when their panels were written: they are not
   * asked again, so that a panel stays while its service is stopped.
   */
  drawn?: ReadonlySet<string>;
  /** Jobs that Prometheus has targets of: those without samples yet have a row in Services, as each has an `up` soon. */
  jobs?: readonly string[];
}

export interface GeneratedDashboard {
  dashboard: Dashboard;
  /** Queries that have no samples yet, as they are asked: what a panel comes in for. */
  waiting: string[];
}

type Asked = Pick<PrometheusClient, 'query'>;

/**
 * The dashboards of what Prometheus has now: Services, Processes, and one per job, each with those panels alone whose
 * queries have samples within the time that the page shows. Families are as `gatherFamilies` gives them.
 */
export const generatedDashboards = async (
  prometheus: Asked,
  families: ReadonlyMap<string, readonly MetricFamily[]>,
  options: AskOptions,
): Promise<GeneratedDashboard[]> => {
  const scraped = [...families].filter(([job]) => job !== '').map(([job, own]) => ({ job, families: own }));
  const unscraped = (options.jobs ?? [])
    .filter((job) => !families.has(job))
    .map((job): JobMetrics => ({ job, families: [] }));
  const services = servicesDraft([...scraped, ...unscraped], options);
  const soon = new Set([...(options.drawn ?? []), ...servicesDraft(unscraped, options).queries]);
  const written = await Promise.all([
    write(prometheus, services, soon),
    write(prometheus, processesDraft(scraped, options), soon),
    ...scraped.map((one) => write(prometheus, jobDraft(one, options), soon, one.job)),
  ]);
  // A page without a panel is worth nothing.
  return written.filter(({ dashboard }) => dashboard.panels.length > 0);
};

const write = async (
  prometheus: Asked,
  draft: Draft,
  drawn: ReadonlySet<string>,
  job?: string,
): Promise<GeneratedDashboard> => {
  const values = { rateInterval: WINDOW, job: job && literal(job) };
  const asked = draft.queries
    .filter((query) => !drawn.has(query))
    .map((query) => ({ query, sent: resolveVariables(query, values) }));
  const there = await withSamples(
    prometheus,
    asked.map(({ sent }) => sent),
  );
  const found = new Set(asked.filter(({ sent }) => there.has(sent)).map(({ query }) => query));
  return {
    dashboard: draft.dashboard((query) => drawn.has(query) || found.has(query)),
    waiting: asked.filter(({ sent }) => !there.has(sent)).map(({ sent }) => sent),
  };
};

/** A regular expression that fits this text alone, as it stands inside a PromQL string. */
const literal = (text: string): string => quote(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).slice(1, -1);

/** Asked at once: fewer requests, and none that Prometheus takes long for. */
const TOGETHER = 40;

/** Those queries that have a sample now. NaN is none; neither is what this Prometheus refuses. */
export const withSamples = async (prometheus: Asked, queries: readonly string[]): Promise<Set<string>> => {
  const chunks = Array.from({ length: Math.ceil(queries.length / TOGETHER) }, (_, i) =>
    queries.slice(i * TOGETHER, (i + 1) * TOGETHER),
  );
  const found = await Promise.all(
    // One query that is refused spoils all that are asked with it.
    chunks.map((chunk) => askTogether(prometheus, chunk).catch(() => askEach(prometheus, chunk))),
  );
  return new Set(found.flat());
};

const NUMBER = 'query_number';

/** Which of them have a number or a native histogram. Prometheus has `histogram_count` since 2.40. */
const askTogether = async (prometheus: Asked, queries: readonly string[]): Promise<string[]> => {
  const counted = queries.map((query, i) => `label_replace(count(${sampleOf(query)}), "${NUMBER}", "${i}", "", "")`);
  const { series } = await prometheus.query(counted.join(' or '));
  return series.flatMap(({ labels }) => queries[Number(labels[NUMBER])] ?? []);
};

/** A quantile is a number. */
const sampleOf = (query: string): string =>
  query.startsWith('histogram_quantile(') ? `${query} >= -Inf` : `(${query}) >= -Inf or histogram_count(${query})`;

const askEach = async (prometheus: Asked, queries: readonly string[]): Promise<string[]> => {
  const answers = await Promise.all(queries.map((query) => prometheus.query(query).catch(() => undefined)));
  return queries.filter((_, i) => answers[i]?.series.some(hasSample));
};
