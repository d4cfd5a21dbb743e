import { observationsPerSecond, question, rate } from './ask.ts';
import { averageQuestion } from './ask-counter.ts';
import type { MetricFamily } from './family.ts';
import { aggregate, selector } from './promql.ts';
import type { Question, QuestionContext } from './question-model.ts';
import { unitOf } from './unit.ts';

/** Its quantiles where it has any, its average, and how often it was observed. */
export const questionsOfSummary = (family: MetricFamily, context: QuestionContext): [Question, ...Question[]] => {
  const { name, stored } = family;
  const average = averageQuestion(family, { sum: `${name}_sum`, count: `${name}_count` }, context);
  const observed = observationsPerSecond(family, rate(`${name}_count`, context));
  // One that has no sample yet is asked for what it will surely have.
  if (!stored.includes(name)) return [average, observed];
  const quantiles = quantilesOf(family, context);
  return stored.includes(`${name}_count`) ? [quantiles, average, observed] : [quantiles];
};

/** Quantiles cannot be summed or averaged: of several series the greatest is shown. */
const quantilesOf = (family: MetricFamily, { matchers }: QuestionContext): Question => {
  const each = selector(family.name, matchers);
  const several = family.series > 1;
  return question(family, {
    kind: 'quantiles',
    what: 'quantiles',
    says: several ? 'The greatest of all series: quantiles have no sum' : 'As the target computes them',
    unit: unitOf(family.name, family.unit).value,
    queries: [{ expr: several ? aggregate('max', ['quantile'], each) : each, legend: 'quantile {{quantile}}' }],
  });
};
