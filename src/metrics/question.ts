import { questionsOfCounter } from './ask-counter.ts';
import { questionsOfGauge } from './ask-gauge.ts';
import { questionsOfHistogram } from './ask-histogram.ts';
import { questionsOfSummary } from './ask-summary.ts';
import type { MetricFamily, MetricType } from './family.ts';
import type { Question, QuestionContext } from './question-model.ts';

export type { PanelKind, Query, Question, QuestionContext } from './question-model.ts';

/** The question that says most of a family. */
export const questionOf = (family: MetricFamily, context: QuestionContext): Question => questionsOf(family, context)[0];

/**
 * All questions to a family, the one that says most first. Pure, and the same for the same input.
 * The type decides, however the name ends; a family of no known type is asked for its value, like a gauge.
 */
export const questionsOf = (family: MetricFamily, context: QuestionContext): [Question, ...Question[]] =>
  BY_TYPE[family.type](family, context);

const BY_TYPE: Readonly<Record<MetricType, typeof questionsOf>> = {
  counter: questionsOfCounter,
  histogram: questionsOfHistogram,
  gaugehistogram: questionsOfHistogram,
  summary: questionsOfSummary,
  gauge: questionsOfGauge,
  info: questionsOfGauge,
  stateset: questionsOfGauge,
  unknown: questionsOfGauge,
};
