import { plural } from '../config/words.ts';
import { timestampTrouble } from '../detect/timestamps.ts';
import { byAnswer } from './causes-answer.ts';
import { inScrapeConfigs } from './change.ts';
import type { Evidence } from './evidence.ts';
import type { Finding } from './finding.ts';
import type { Rule } from './rule.ts';

/** Up, and not all that it serves is kept: what Prometheus drops without calling the scrape failed. Pure. */
export const byLoss: Rule = (evidence) =>
  byEmptiness(evidence) ??
  byTimestamps(evidence) ??
  byDuplicates(evidence) ??
  byPrometheus(evidence, evidence.lost ?? {});

/** An answer without a metric is a good one for Prometheus. */
const byEmptiness: Rule = (evidence) =>
  evidence.lost?.empty && evidence.answer?.ok === false && evidence.answer.code === 'empty'
    ? byAnswer.empty?.(evidence, undefined)
    : undefined;

/** The job says that timestamps in answers do not count. */
const honorsTimestamps = ({ scrapeConfig }: Evidence): boolean => scrapeConfig?.['honor_timestamps'] !== false;

const withoutTimestamps = (evidence: Evidence): string =>
  `leave the timestamps out in the program; or ${inScrapeConfigs(evidence, { honor_timestamps: false })}`;

const byTimestamps: Rule = (evidence) => {
  const { answer, now } = evidence;
  if (answer?.ok !== true || !honorsTimestamps(evidence)) return undefined;
  const trouble = timestampTrouble(answer, now);
  return trouble && { code: trouble.code, cause: `it ${trouble.reason}`, remedy: withoutTimestamps(evidence) };
};

const byDuplicates: Rule = ({ duplicates }) => {
  const [worst] = duplicates;
  if (worst === undefined) return undefined;
  const more = duplicates.length === 1 ? '' : `, and ${plural(duplicates.length - 1, 'other series')}`;
  return {
    code: 'duplicate-samples',
    cause: `it serves ${worst.series} ${worst.times} times in one answer${more}: Prometheus keeps the first sample and drops the others`,
    remedy: 'register that metric once in the program, or give the samples a label in which they differ',
  };
};

/** By Prometheus's own count of the last scrape. */
const byPrometheus = (evidence: Evidence, lost: NonNullable<Evidence['lost']>): Finding | undefined => {
  const { outOfBounds, outOfOrder, sameTime, relabelled } = lost;
  const dropped = (count: number): string => `Prometheus dropped ${plural(count, 'sample')} of its last scrape`;
  if (relabelled !== undefined) {
    return {
      code: 'all-relabelled',
      cause: `it serves ${plural(relabelled, 'sample')}, and the \`metric_relabel_configs\` of the job "${evidence.job}" drop all of them`,
      remedy: `correct \`metric_relabel_configs\` of the job "${evidence.job}" in \`scrape_configs\` (\`action: keep\` keeps what matches, \`drop\` drops it), then \`monitor up\``,
    };
  }
  if (outOfBounds !== undefined) {
    return {
      code: 'timestamps-out-of-bounds',
      cause: `${dropped(outOfBounds)}: their timestamps are too old or too far in the future`,
      remedy: withoutTimestamps(evidence),
    };
  }
  if (outOfOrder !== undefined) {
    return {
      code: 'timestamps-out-of-order',
      cause: `${dropped(outOfOrder)}: their timestamps are older than the last ones of the same series`,
      remedy: withoutTimestamps(evidence),
    };
  }
  if (sameTime === undefined) return undefined;
  return {
    code: 'timestamps-repeated',
    cause: `${dropped(sameTime)}: they have the same timestamp as before, and another value`,
    remedy: withoutTimestamps(evidence),
  };
};
