import { timestampTrouble } from '../detect/timestamps.ts';
import type { TargetRow } from '../output/report.ts';
import type { Series } from '../prometheus/answers.ts';
import { type LogLine, timeOf } from '../prometheus/log.ts';
import { plural } from '../words.ts';
import { byAnswer } from './causes-answer.ts';
import { inScrapeConfigs } from './change.ts';
import type { Evidence, Finding, Lost } from './evidence.ts';

/** Source of the words: scrapeLoop.append in Prometheus's scrape/scrape.go; the same in 2.42.0, 3.5.3 and 3.13.2. */
const DROPPED = [
  {
    kind: 'outOfBounds',
    words: /^Error on ingesting samples that are too old or are too far into the future/,
    code: 'timestamps-out-of-bounds',
    reason: 'their timestamps are too old or too far in the future',
  },
  {
    kind: 'outOfOrder',
    words: /^Error on ingesting out-of-order samples/,
    code: 'timestamps-out-of-order',
    reason: 'their timestamps are older than the last ones of the same series',
  },
  {
    kind: 'sameTime',
    words: /^Error on ingesting samples with different value but same timestamp/,
    code: 'timestamps-repeated',
    reason: 'they have the same timestamp as before, and another value',
  },
] as const;

/** What Prometheus's log says of the last scrape of each target that is up. Pure. */
export const lostByLog = (rows: readonly TargetRow[], log: readonly LogLine[]): Map<TargetRow, Lost> => {
  const found = new Map<TargetRow, Lost>();
  for (const line of log) {
    const kind = DROPPED.find(({ words }) => words.test(line['msg'] ?? ''))?.kind;
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

/** Up, and not all that it serves is kept: what Prometheus drops without calling the scrape failed. Pure. */
export const byLoss = (evidence: Evidence): Finding | undefined =>
  byEmptiness(evidence) ?? byTimestamps(evidence) ?? byDuplicates(evidence) ?? byCount(evidence);

/** An answer without a metric is a good one for Prometheus. */
const byEmptiness = (evidence: Evidence): Finding | undefined =>
  evidence.lost?.empty && evidence.refusal?.code === 'empty' ? byAnswer(evidence, { kind: 'empty' }) : undefined;

const withoutTimestamps = (evidence: Evidence): string =>
  `leave the timestamps out in the program; or ${inScrapeConfigs(evidence, { honor_timestamps: false })}`;

const byTimestamps = (evidence: Evidence): Finding | undefined => {
  const { served, scrapeConfig, now } = evidence;
  if (served === undefined || scrapeConfig?.['honor_timestamps'] === false) return undefined;
  const trouble = timestampTrouble(served, now);
  return trouble && { code: trouble.code, cause: `it ${trouble.reason}`, remedy: withoutTimestamps(evidence) };
};

const byDuplicates = ({ served }: Evidence): Finding | undefined => {
  const [worst, ...others] = served?.duplicates ?? [];
  if (worst === undefined) return undefined;
  const more = others.length === 0 ? '' : `, and ${others.length} other series`;
  return {
    code: 'duplicate-samples',
    cause: `it serves ${worst.series} ${worst.times} times in one answer${more}: Prometheus keeps the first sample and drops the others`,
    remedy: 'register that metric once in the program, or give the samples a label in which they differ',
  };
};

/** By Prometheus's own count of the last scrape. */
const byCount = (evidence: Evidence): Finding | undefined => {
  const { job, lost = {} } = evidence;
  if (lost.relabelled !== undefined) {
    return {
      code: 'all-relabelled',
      cause: `it serves ${plural(lost.relabelled, 'sample')}, and the \`metric_relabel_configs\` of the job "${job}" drop all of them`,
      remedy: `correct \`metric_relabel_configs\` of the job "${job}" in \`scrape_configs\` (\`action: keep\` keeps what matches, \`drop\` drops it), then \`monitor up\``,
    };
  }
  for (const { kind, code, reason } of DROPPED) {
    const count = lost[kind];
    if (count !== undefined)
      return {
        code,
        cause: `Prometheus dropped ${plural(count, 'sample')} of its last scrape: ${reason}`,
        remedy: withoutTimestamps(evidence),
      };
  }
  return undefined;
};
