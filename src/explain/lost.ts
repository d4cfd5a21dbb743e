import type { ScrapeConfig } from '../config/model.ts';
import type { TargetRow } from '../output/report.ts';
import type { Series } from '../prometheus/answers.ts';
import { type LogLine, timeOf } from '../prometheus/log.ts';
import type { Lost } from './evidence.ts';

/** Source: scrapeLoop.append in Prometheus's scrape/scrape.go; the same words in 2.42.0, 3.5.3 and 3.13.2. */
const WORDS: readonly (readonly [RegExp, keyof Lost])[] = [
  [/^Error on ingesting samples that are too old or are too far into the future/, 'outOfBounds'],
  [/^Error on ingesting out-of-order samples/, 'outOfOrder'],
  [/^Error on ingesting samples with different value but same timestamp/, 'sameTime'],
];

/** What Prometheus's log says of the last scrape of each target that is up. Pure. */
export const lostByLog = (rows: readonly TargetRow[], log: readonly LogLine[]): Map<TargetRow, Lost> => {
  const found = new Map<TargetRow, Lost>();
  for (const line of log) {
    const kind = WORDS.find(([words]) => words.test(line['msg'] ?? ''))?.[1];
    if (kind === undefined) continue;
    const count = Number(line['num_dropped']) || 1;
    for (const row of rows) {
      // A scrape's time is that of its start, in nanoseconds; its line of the log comes after, in milliseconds.
      const isLast = row.health === 'up' && timeOf(line) + 1 >= Date.parse(row.lastScrape ?? '');
      const isOf = row.url === line['target'] && (line['scrape_pool'] ?? row.job) === row.job;
      if (isLast && isOf) found.set(row, { ...found.get(row), [kind]: count });
    }
  }
  return found;
};

/** What has samples, and keeps none of them, by Prometheus's own count of the last scrape. */
export const ALL_RELABELLED = 'scrape_samples_scraped > 0 unless scrape_samples_post_metric_relabeling > 0';

/** Whether a job may drop all that it scrapes, so that Prometheus has to be asked. Pure. */
export const relabelsMetrics = (configs: readonly ScrapeConfig[]): boolean =>
  configs.some((config) => config['metric_relabel_configs'] !== undefined);

/** The targets whose samples were all dropped, of an answer to `ALL_RELABELLED`. Pure. */
export const lostByRelabelling = (rows: readonly TargetRow[], series: readonly Series[]): Map<TargetRow, Lost> =>
  new Map(
    series.flatMap(({ labels, samples: [sample] }): [TargetRow, Lost][] => {
      const row = rows.find((r) => r.health === 'up' && r.job === labels['job'] && r.instance === labels['instance']);
      return row === undefined ? [] : [[row, { relabelled: Number(sample?.[1] ?? 0) }]];
    }),
  );
