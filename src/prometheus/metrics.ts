import { familiesOf } from '../metrics/families.ts';
import type { InstantSample, MetricFamily } from '../metrics/family.ts';
import { groupBy } from '../metrics/group.ts';
import type { Series, TargetMetadata } from './answers.ts';
import type { PrometheusClient } from './client.ts';

export interface GatherOptions {
  /** Absent: all. */
  job?: string;
  /** Those too that ended within so long, a Prometheus duration; absent: those that are there now. */
  within?: string;
}

/**
 * What Prometheus knows of metrics now, by job; series without a job are under the empty name. Two requests, whatever
 * the number of metrics: an instant query has each series with its last value, and tells native histograms from others
 * without asking for each; the types, help texts and units are the targets' own.
 */
export const gatherFamilies = async (
  prometheus: PrometheusClient,
  { job, within }: GatherOptions = {},
): Promise<Map<string, MetricFamily[]>> => {
  const selector = job === undefined ? '{__name__=~".+"}' : `{job=${JSON.stringify(job)}}`;
  const asked = within === undefined ? selector : `last_over_time(${selector}[${within}])`;
  const [{ series }, metadata] = await Promise.all([prometheus.query(asked), prometheus.metadata()]);
  const families = familiesByJob(series, metadata);
  return job === undefined ? families : new Map([[job, families.get(job) ?? []]]);
};

/**
 * The family of this name, or with a series of this name (`x_bucket`), over all jobs that have it, in two requests too; with
 * those of the same stem (`x_count` of `x_sum`), by name. `undefined` where Prometheus has none.
 */
export const familyNamed = async (
  prometheus: PrometheusClient,
  metric: string,
): Promise<{ family: MetricFamily; families: Map<string, MetricFamily> } | undefined> => {
  const names = namesOf(metric);
  const [{ series }, metadata] = await Promise.all([
    prometheus.query(`{__name__=~${JSON.stringify(names)}}`),
    prometheus.metadata(),
  ]);
  const named = new RegExp(`^(?:${names})$`);
  const families = familiesOf(
    series.map(toInstant),
    metadata.filter((row) => named.test(row.metric)),
  );
  const isIt = ({ name, stored }: MetricFamily) =>
    stored.includes(metric) || name === `${metric}_total` || name === `${metric}_info`;
  const family = families.find(({ name }) => name === metric) ?? families.find(isIt);
  return family && { family, families: new Map(families.map((one) => [one.name, one])) };
};

const SUFFIX = '_(?:bucket|sum|count|total|created|info|gcount|gsum)';
const itsSuffix = new RegExp(`${SUFFIX}$`);
const stemOf = (name: string): string => name.replace(itsSuffix, '');

/** A regular expression of the names that a family of this name, or with a series of this name, may have stored. */
const namesOf = (metric: string): string => {
  const literal = [...new Set([metric, stemOf(metric)])].map((base) => base.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return `(?:${literal.join('|')})(?:${SUFFIX})?`;
};

/** Pure. */
const familiesByJob = (series: readonly Series[], metadata: readonly TargetMetadata[]): Map<string, MetricFamily[]> => {
  const samples = groupBy(series, ({ labels }) => labels['job'] ?? '');
  const described = groupBy(metadata, ({ job }) => job);
  const jobs = [...new Set([...samples.keys(), ...described.keys()])].sort();
  return new Map(
    jobs.map((job) => {
      const own = samples.get(job) ?? [];
      const rows = described.get(job) ?? borrowed(own, metadata);
      return [job, familiesOf(own.map(toInstant), rows)];
    }),
  );
};

/**
 * What other jobs' targets say of a job's series: one that is pushed, federated or recorded has no target of its own.
 * Only of names that are there, as a family without series is the other job's business.
 */
const borrowed = (own: readonly Series[], metadata: readonly TargetMetadata[]): TargetMetadata[] => {
  const names = new Set(own.map(({ labels }) => labels['__name__'] ?? ''));
  const known = new Set([...names, ...[...names].map(stemOf)]);
  return metadata.filter(({ metric }) => known.has(metric));
};

const toInstant = ({ labels, samples: [sample] }: Series): InstantSample => ({
  labels,
  value: sample === undefined ? undefined : Number(sample[1]),
});
