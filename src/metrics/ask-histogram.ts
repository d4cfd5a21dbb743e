import { observationsPerSecond, question, rate } from './ask.ts';
import type { MetricFamily } from './family.ts';
import { aggregate, selector } from './promql.ts';
import type { Question, QuestionContext } from './question-model.ts';
import { unitOf } from './unit.ts';

/** Its quantiles, how often it was observed, and how its values spread; classic and native each by their own functions. */
export const questionsOfHistogram = (family: MetricFamily, context: QuestionContext): [Question, ...Question[]] => {
  const unit = unitOf(family.name, family.unit).value;
  const buckets = bucketsOf(family, context);
  const quantiles = question(family, {
    kind: 'quantiles',
    what: 'p50, p95 and p99',
    says: 'Half, 95% and 99% of the values are at most this',
    unit,
    queries: [
      { expr: quantile(0.5, buckets), legend: 'p50' },
      { expr: quantile(0.95, buckets), legend: 'p95' },
      { expr: quantile(0.99, buckets), legend: 'p99' },
    ],
  });
  const heatmap = question(family, {
    kind: 'heatmap',
    what: 'distribution',
    says: 'How many values fall into each range',
    unit,
    panel: 'heatmap',
    native: family.native ? true : undefined,
    queries: [{ expr: buckets, legend: family.native ? 'values' : '{{le}}' }],
  });
  return [quantiles, ...observationsOf(family, context), heatmap];
};

export const quantile = (q: number, buckets: string): string => `histogram_quantile(${q}, ${buckets})`;

/** What `histogram_quantile` reads: a rate by bucket, or a native histogram. */
export const bucketsOf = (family: MetricFamily, context: QuestionContext, labels: readonly string[] = []): string => {
  if (family.native) return aggregate('sum', labels, rate(family.name, context));
  const bucket = `${family.name}_bucket`;
  const each = family.type === 'gaugehistogram' ? selector(bucket, context.matchers) : rate(bucket, context);
  return aggregate('sum', [...labels, 'le'], each);
};

const observationsOf = (family: MetricFamily, context: QuestionContext): Question[] => {
  if (family.type === 'gaugehistogram') return [];
  const each = family.native ? `histogram_count(${rate(family.name, context)})` : rate(`${family.name}_count`, context);
  return [observationsPerSecond(family, each)];
};
