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

/** How many samples the last scrape had of what keeps none of them, by Prometheus's own count. */
export const NOTHING_KEPT =
  '(scrape_samples_scraped unless scrape_samples_post_metric_relabeling > 0) and on (job, instance) up == 1';

/** The targets that are up and have no samples, of an answer to `NOTHING_KEPT`. Pure. */
export const nothingKept = (rows: readonly TargetRow[], series: readonly Series[]): Map<TargetRow, Lost> =>
  new Map(
    series.flatMap(({ labels, samples: [sample] }): [TargetRow, Lost][] => {
      const row = rows.find((r) => r.health === 'up' && r.job === labels['job'] && r.instance === labels['instance']);
      const count = Number(sample?.[1] ?? 0);
      return row === undefined ? [] : [[row, count === 0 ? { empty: true } : { relabelled: count }]];
    }),
  );
