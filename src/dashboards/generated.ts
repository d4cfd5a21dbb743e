import type { MetricFamily } from '../metrics/family.ts';
import { quote, resolveVariables } from '../metrics/promql.ts';
import type { QueryResult } from '../prometheus/answers.ts';
import type { PrometheusClient } from '../prometheus/client.ts';
import { type Draft, type GenerateOptions, jobDraft, processesDraft, servicesDraft } from './generate.ts';
import type { Dashboard } from './model.ts';

export interface AskOptions extends GenerateOptions {
  /** A Prometheus duration that holds two scrapes of each target, such as four scrape intervals. */
  rateInterval: string;
  /**
   * Queries of the generated dashboards that Grafana has. They had samples when their panels were written: they are not
   * asked again, so that an unchanged stack costs no queries and a panel stays while its service is stopped.
   */
  drawn?: ReadonlySet<string>;
}

/**
 * The dashboards of what Prometheus has now: Services, Processes, and one per job, each with those panels alone whose
 * queries have samples. Families are as `gatherFamilies` gives them.
 */
export const generatedDashboards = async (
  prometheus: Pick<PrometheusClient, 'query'>,
  families: ReadonlyMap<string, readonly MetricFamily[]>,
  options: AskOptions,
): Promise<Dashboard[]> => {
  const jobs = [...families].filter(([job]) => job !== '').map(([job, own]) => ({ job, families: own }));
  if (jobs.length === 0) return [];
  const { rateInterval, drawn = new Set() } = options;
  const write = async (draft: Draft, job?: string): Promise<Dashboard> => {
    const values = { rateInterval, job: job && literal(job) };
    const asked = draft.queries.filter((query) => !drawn.has(query));
    const there = await withSamples(
      prometheus,
      asked.map((query) => resolveVariables(query, values)),
    );
    return draft.dashboard((query) => drawn.has(query) || there.has(resolveVariables(query, values)));
  };
  return Promise.all([
    write(servicesDraft(jobs, options)),
    write(processesDraft(jobs, options)),
    ...jobs.map((one) => write(jobDraft(one, options), one.job)),
  ]);
};

/** A regular expression that fits this text alone, as it stands inside a PromQL string. */
const literal = (text: string): string => quote(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).slice(1, -1);

/** Asked at once: fewer requests, and none that Prometheus takes long for. */
const TOGETHER = 40;

/** Those queries that have a sample now. NaN is none; neither is what this Prometheus refuses. */
export const withSamples = async (
  prometheus: Pick<PrometheusClient, 'query'>,
  queries: readonly string[],
): Promise<Set<string>> => {
  const there = new Set<string>();
  const chunks = Array.from({ length: Math.ceil(queries.length / TOGETHER) }, (_, i) =>
    queries.slice(i * TOGETHER, (i + 1) * TOGETHER),
  );
  await Promise.all(
    chunks.map(async (chunk) => {
      for (const query of await askTogether(prometheus, chunk)) there.add(query);
      // A histogram is no number, and one wrong query spoils all that are asked with it.
      const others = chunk.filter((query) => !there.has(query));
      const answers = await Promise.all(others.map((query) => askAlone(prometheus, query)));
      for (const [i, query] of others.entries()) if (answers[i]) there.add(query);
    }),
  );
  return there;
};

const NUMBER = 'query_number';

const askTogether = async (prometheus: Pick<PrometheusClient, 'query'>, queries: readonly string[]) => {
  const counted = queries.map((query, i) => `label_replace(count((${query}) >= -Inf), "${NUMBER}", "${i}", "", "")`);
  const { series } = await prometheus.query(counted.join(' or ')).catch(() => NOTHING);
  return series.flatMap(({ labels }) => queries[Number(labels[NUMBER])] ?? []);
};

const askAlone = async (prometheus: Pick<PrometheusClient, 'query'>, query: string): Promise<boolean> => {
  const { series } = await prometheus.query(query).catch(() => NOTHING);
  return series.some(
    ({ samples, histograms }) => histograms !== undefined || samples.some(([, value]) => value !== 'NaN'),
  );
};

const NOTHING: Pick<QueryResult, 'series'> = { series: [] };
