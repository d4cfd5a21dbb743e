import type { MetricFamily } from './family.ts';
import { groupingOf, SHOWN_OF_MANY } from './labels.ts';
import { aggregate, RATE_INTERVAL, selector } from './promql.ts';
import type { Question, QuestionContext, QuestionKind } from './question-model.ts';
import { markdownText, sentence, titleText } from './text.ts';
import { subject } from './unit.ts';

/** What the questions of all types are made of. */

/** `x{job="a"}[5m]`, with the context's matchers and range. */
const ranged = (metric: string, { matchers, range = RATE_INTERVAL }: QuestionContext): string =>
  `${selector(metric, matchers)}[${range}]`;

export const rate = (metric: string, context: QuestionContext): string => `rate(${ranged(metric, context)})`;

/** How many series are cut, and what all of them together are called. */
const GREATEST: { operator: 'topk' | 'bottomk'; whole: string } = { operator: 'topk', whole: 'total' };

/**
 * The series of one family, as it is drawn: alone, by the label that says most (`label`), or the greatest beside the total.
 * `combine` makes one number of several series: `(by) => sum by (...)`.
 * `single` is the expression for a family of one series.
 */
export const spread = (
  family: MetricFamily,
  combine: (labels: readonly string[]) => string,
  single: string = combine([]),
  { operator, whole } = GREATEST,
): Pick<Asked, 'queries' | 'label'> => {
  if (family.series <= 1) return { queries: [{ expr: single, legend: '{{job}}' }] };
  const grouping = groupingOf(family);
  if (grouping === undefined) return { queries: [{ expr: combine([]), legend: 'all' }] };
  const { label, many } = grouping;
  const grouped = combine([label]);
  const legend = `{{${label}}}`;
  if (!many) return { queries: [{ expr: grouped, legend }], label };
  return {
    queries: [
      { expr: `${operator}(${SHOWN_OF_MANY}, ${grouped})`, legend },
      { expr: combine([]), legend: whole },
    ],
    label,
  };
};

export const summed =
  (expr: string) =>
  (labels: readonly string[]): string =>
    aggregate('sum', labels, expr);

export interface Asked extends Partial<Pick<Question, 'panel' | 'native' | 'families'>> {
  kind: QuestionKind;
  /** What the query makes of the metric: `per second`. */
  what: string;
  /** The same as a sentence. */
  says: string;
  unit: string;
  queries: Question['queries'];
  label?: string;
}

const ACRONYM = /\b(?:api|cpu|db|dns|gc|gpu|http|io|ip|jvm|rpc|sql|tcp|tls|udp|url)\b/gi;

/** A question to a family, with the title and description that it is shown with. */
export const question = (family: MetricFamily, asked: Asked): Question => {
  const { what, says, label, panel = 'timeseries', families = [family.name], ...rest } = asked;
  const isValue = rest.kind === 'value' || rest.kind === 'limit';
  const words = titleText(subject(family.name, isValue));
  const named = `${words.charAt(0).toUpperCase()}${words.slice(1)}`.replace(ACRONYM, (word) => word.toUpperCase());
  const title = [
    what === '' ? named : `${named} ${what}`,
    ...(label === undefined || words.endsWith(`by ${label}`) ? [] : [`by ${titleText(label)}`]),
  ];
  const notes = family.contradictions;
  const sentences = [
    sentence(markdownText(family.help)),
    sentence(says),
    `Metric: ${families.map((name) => `\`${name.replaceAll('`', "'")}\``).join(', ')}.`,
    ...notes.map((note) => sentence(markdownText(`${note.charAt(0).toUpperCase()}${note.slice(1)}`))),
  ];
  const { kind, unit, native, queries } = rest;
  const description = sentences.filter((text) => text !== '').join(' ');
  return { kind, title: title.join(' '), description, unit, panel, native, queries, families, notes };
};

/** How often values were observed; `each`: a rate of them. */
export const observationsPerSecond = (family: MetricFamily, each: string): Question => {
  return question(family, {
    kind: 'rate',
    what: 'observations per second',
    says: 'How many values were observed per second',
    unit: /request/.test(family.name) ? 'reqps' : 'cps',
    ...spread(family, summed(each), each),
  });
};
