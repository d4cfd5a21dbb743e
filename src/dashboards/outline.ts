import { createHash } from 'node:crypto';
import { MOST_SERIES } from '../metrics/labels.ts';
import type { PrometheusClient } from '../prometheus/client.ts';

/** What Prometheus has of metrics, as far as it decides which dashboards are generated and what is on them. */
export interface Outline {
  /** Those that have metrics now. */
  jobs: ReadonlySet<string>;
  /** Another one where a metric comes or goes, or has so many more series that it is drawn in another way. */
  hash: string;
  /** How often each job was scraped within the last hour; those whose targets are gone too. */
  scrapes: ReadonlyMap<string, number>;
}

/** How long a job whose targets are down or gone is remembered. */
export const REMEMBERED = '1h';

/** Two short questions, whose answers are the same as long as nothing changes. `salt`: what else decides. */
export const outlineOf = async (prometheus: Pick<PrometheusClient, 'query'>, salt: string): Promise<Outline> => {
  const [metrics, scrapes] = await Promise.all([
    prometheus.query('count by (job, __name__) ({__name__=~".+"})'),
    prometheus.query(`max by (job) (count_over_time(up[${REMEMBERED}]))`),
  ]);
  const rows = metrics.series.map(({ labels, samples: [sample] }) => ({
    job: labels['job'] ?? '',
    name: labels['__name__'] ?? '',
    series: Number(sample?.[1] ?? 0),
  }));
  const lines = rows.map(({ job, name, series }) => JSON.stringify([job, name, size(name, series)])).sort();
  return {
    jobs: new Set(rows.map(({ job }) => job).filter((job) => job !== '')),
    hash: shortHash([salt, ...lines]),
    scrapes: new Map(scrapes.series.map(({ labels, samples: [sample] }) => [labels['job'] ?? '', Number(sample?.[1])])),
  };
};

/** 16 hex digits. */
export const shortHash = (lines: readonly string[]): string =>
  createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16);

/** One series is drawn plain, some are grouped, many are cut to the greatest; a histogram is one, whatever its buckets. */
const size = (name: string, series: number): string => {
  if (name.endsWith('_bucket') || series === 1) return 'one';
  return series > MOST_SERIES ? 'many' : 'some';
};
