import { question, rate, spread, summed } from './ask.ts';
import type { MetricFamily } from './family.ts';
import type { Question, QuestionContext } from './question-model.ts';
import { type Unit, unitOf } from './unit.ts';

/** How fast it grows; beside that, the average of `x_sum` where `x_count` counts the same. */
export const questionsOfCounter = (family: MetricFamily, context: QuestionContext): [Question, ...Question[]] => {
  const average = averageOf(family, context);
  const grows = rateOf(family, context);
  return average === undefined ? [grows] : [average, grows];
};

const rateOf = (family: MetricFamily, context: QuestionContext): Question => {
  const unit = unitOf(family.name, family.unit);
  const scaled = (expr: string): string => inRateUnit(expr, unit);
  const each = rate(family.name, context);
  const drawn = spread(family, (labels) => scaled(summed(each)(labels)), scaled(each));
  const share = unit.rate === 'percentunit';
  return question(family, {
    kind: 'rate',
    what: share ? 'as a share of the time' : `${partOf(family.name, context)}per second`,
    says: share ? 'Seconds per second: 100% is one whole second in each' : 'How much is added per second',
    unit: unit.rate,
    ...drawn,
  });
};

/** Of a sum and a count of the same, which have one subject. */
const partOf = (name: string, { families }: QuestionContext): string => {
  const [, base, part] = /^(.*)_(sum|count)$/.exec(name) ?? [];
  const other = families?.get(`${base}_${part === 'sum' ? 'count' : 'sum'}`);
  if (part === undefined || other?.type !== 'counter') return '';
  return part === 'sum' ? 'sum ' : 'observations ';
};

const inRateUnit = (expr: string, { perRate }: Unit): string => {
  if (perRate === undefined) return expr;
  return perRate > 1 ? `${expr} / ${perRate}` : `${expr} * ${Math.round(1 / perRate)}`;
};

const averageOf = (family: MetricFamily, context: QuestionContext): Question | undefined => {
  if (!family.name.endsWith('_sum')) return undefined;
  const count = context.families?.get(`${family.name.slice(0, -'_sum'.length)}_count`);
  if (count?.type !== 'counter' || count.series === 0) return undefined;
  return averageQuestion(family, { sum: family.name, count: count.name }, context, [family.name, count.name]);
};

/** The average of what was observed: never over buckets or quantiles. */
export const averageQuestion = (
  family: MetricFamily,
  names: { sum: string; count: string },
  context: QuestionContext,
  families?: readonly string[],
): Question => {
  const [sum, count] = [rate(names.sum, context), rate(names.count, context)];
  const drawn = spread(family, (labels) => `${summed(sum)(labels)} / ${summed(count)(labels)}`, `${sum} / ${count}`, {
    operator: 'topk',
    whole: 'average',
  });
  return question(family, {
    kind: 'average',
    what: 'on average',
    says: 'What was added, divided by how often',
    unit: unitOf(family.name, family.unit).value,
    ...drawn,
    families,
  });
};
