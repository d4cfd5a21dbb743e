import { questionsOfCounter } from './ask-counter.ts';
import { questionsOfGauge } from './ask-gauge.ts';
import { questionsOfHistogram } from './ask-histogram.ts';
import { questionsOfSummary } from './ask-summary.ts';
import type { MetricFamily } from './family.ts';
import type { Question, QuestionContext } from './question-model.ts';

export type { PanelKind, Query, Question, QuestionContext } from './question-model.ts';

/** The question that says most of a family. */
export const questionOf = (family: MetricFamily, context: QuestionContext): Question => questionsOf(family, context)[0];

/**
 * All questions to a family, the one that says most first. Pure, and the same for the same input.
 * The type decides, however the name ends; a family of no known type is asked for its value, like a gauge.
 */
export const questionsOf = (family: MetricFamily, context: QuestionContext): [Question, ...Question[]] => {
  switch (family.type) {
    case 'counter':
      return questionsOfCounter(family, context);
    case 'histogram':
    case 'gaugehistogram':
      return questionsOfHistogram(family, context);
    case 'summary':
      return questionsOfSummary(family, context);
    case 'gauge':
    case 'info':
    case 'stateset':
    case 'unknown':
      return questionsOfGauge(family, context);
  }
};
