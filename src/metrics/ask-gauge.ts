import { question, spread } from './ask.ts';
import type { MetricFamily } from './family.ts';
import { aggregate, selector } from './promql.ts';
import type { Question, QuestionContext } from './question-model.ts';
import { type Unit, unitOf } from './unit.ts';

/** What a gauge says: a fact, a state, a time, or a value, alone or against its limit. */
export const questionsOfGauge = (family: MetricFamily, context: QuestionContext): [Question] => {
  if (isInfo(family)) return [infoQuestion(family, context)];
  const states = stateLabel(family);
  if (states !== undefined) return [statesQuestion(family, states, context)];
  if (isState(family)) return [stateQuestion(family, context)];
  const time = timeUnit(family);
  if (time !== undefined) return [ageQuestion(family, time, context)];
  return [valueQuestion(family, context)];
};

const always = ({ range }: MetricFamily, value: number): boolean =>
  range === undefined || (range.min === value && range.max === value);

/** A constant 1 with what it says in its labels: `x_info`, `build_info`, a version. */
const isInfo = (family: MetricFamily): boolean => {
  if (family.type === 'info') return true;
  if (family.type === 'counter') return false;
  if (/(?:^|[_.])info$/.test(family.name)) return always(family, 1);
  return family.range !== undefined && always(family, 1) && family.labels.some(({ name }) => name === 'version');
};

const infoQuestion = (family: MetricFamily, { matchers }: QuestionContext): Question =>
  question(family, {
    kind: 'info',
    what: 'info',
    says: 'What its labels say now',
    unit: 'none',
    panel: 'table',
    queries: [{ expr: selector(family.name, matchers), legend: family.name, instant: true }],
  });

/** OpenMetrics's StateSet: one series a state, in a label of the metric's name. */
const stateLabel = ({ name, labels }: MetricFamily): string | undefined =>
  labels.find((label) => label.name === name)?.name;

const statesQuestion = (family: MetricFamily, label: string, { matchers }: QuestionContext): Question =>
  question(family, {
    kind: 'state',
    what: '',
    says: 'The state that is 1 is the one it is in',
    unit: 'bool_yes_no',
    panel: 'state-timeline',
    queries: [{ expr: aggregate('max', [label], selector(family.name, matchers)), legend: `{{${label}}}` }],
  });

const STATE_NAME =
  /(?:^|[_.])(?:up|ready|healthy|health|alive|enabled|leader|is_leader|success|succeeded|status|state|ok)$|(?:^|[_.])is_/;

/** It is 0 or 1, and its name asks a question with that answer. `running` or `active` may be a number that is 0 or 1 just now. */
const isState = ({ name, range, unit }: MetricFamily): boolean => {
  if (unit !== '' && unit !== '1') return false;
  if (name === 'up') return true;
  return STATE_NAME.test(name) && range !== undefined && range.min >= 0 && range.max <= 1;
};

const stateQuestion = (family: MetricFamily, { matchers }: QuestionContext): Question => {
  const each = selector(family.name, matchers);
  // Those that say no are what is looked for.
  const cut = { operator: 'bottomk', whole: 'all' } as const;
  const drawn = spread(family, (labels) => aggregate('min', labels, each), each, cut);
  return question(family, {
    kind: 'state',
    what: '',
    says: '1 is yes, 0 is no',
    unit: 'bool_yes_no',
    panel: 'state-timeline',
    ...(family.name === 'up' ? { queries: [{ expr: each, legend: '{{instance}}' }] } : drawn),
  });
};

/** 2001 in seconds: what is greater is a time, and no duration. */
const A_TIME = 1e9;

/** What a point in time is divided by to be in seconds; `undefined` where the family gives none. */
const timeUnit = ({ name, range }: MetricFamily): number | undefined => {
  const of = /_(?:timestamp|time)(?:(?:_in)?_(seconds|milliseconds|ms))?$|_(?:timestamp|time)_(seconds)/.exec(name);
  if (of === null) return undefined;
  // Without a unit in its name the value tells it: Prometheus's own `prometheus_tsdb_head_max_time` is in milliseconds.
  const unit = of[1] ?? of[2] ?? ((range?.max ?? 0) > A_TIME * 1000 ? 'ms' : 'seconds');
  const divisor = unit === 'seconds' ? 1 : 1000;
  const named = /timestamp|(?:start|boot)_time/.test(name);
  return range === undefined ? (named ? divisor : undefined) : range.max > A_TIME * divisor ? divisor : undefined;
};

const ageQuestion = (family: MetricFamily, divisor: number, { matchers }: QuestionContext): Question => {
  const each = selector(family.name, matchers);
  const since = divisor === 1 ? each : `${each} / ${divisor}`;
  const drawn = spread(
    family,
    (labels) => `time() - ${aggregate('max', labels, each)}${divisor === 1 ? '' : ` / ${divisor}`}`,
    `time() - ${since}`,
    { operator: 'topk', whole: 'latest' },
  );
  const start = /(?:start|boot)_time/.test(family.name);
  const what = start ? 'until now' : 'age';
  return question(family, {
    kind: 'age',
    what,
    says: start ? 'How long it runs' : 'How long ago that was',
    unit: 's',
    ...drawn,
  });
};

const valueQuestion = (family: MetricFamily, context: QuestionContext): Question => {
  const unit = unitOf(family.name, family.unit);
  const operator = together(family.name, unit);
  const draw = (metric: string) => {
    const each = selector(metric, context.matchers);
    return { each, combine: (labels: readonly string[]) => aggregate(operator, labels, each) };
  };
  const own = draw(family.name);
  const isOne = family.series <= 1;
  const limit = limitOf(family, context, unit);
  const says = isOne ? 'Its value' : COMBINED[operator];
  if (limit === undefined) {
    const cut = { operator: 'topk', whole: WHOLE[operator] } as const;
    const drawn = spread(family, own.combine, own.each, cut);
    return question(family, { kind: 'value', what: '', says, unit: unit.value, ...drawn });
  }
  // Of several series the whole is drawn against the whole limit: ten limits are no line.
  const of = draw(limit.name);
  const positive = limit.range !== undefined && limit.range.min < 0 ? `${of.each} >= 0` : of.each;
  return question(family, {
    kind: 'limit',
    what: 'and limit',
    says: `${says}, and the limit that it has`,
    unit: unit.value,
    queries: [
      isOne ? { expr: own.each, legend: '{{job}}' } : { expr: own.combine([]), legend: 'all' },
      { expr: limit.series <= 1 ? positive : aggregate(operator, [], positive), legend: 'limit', limit: true },
    ],
    families: [family.name, limit.name],
  });
};

type Together = 'sum' | 'avg' | 'max' | 'min';
const COMBINED: Readonly<Record<Together, string>> = {
  sum: 'The sum of its series',
  avg: 'The average of its series',
  max: 'The greatest of its series',
  min: 'The least of its series',
};

const WHOLE: Readonly<Record<Together, string>> = { sum: 'total', avg: 'average', max: 'greatest', min: 'least' };

/** How several series make one: as the name says, else as the unit does. */
const together = (name: string, unit: Unit): Together => {
  if (/(?:^|_)(?:max|peak|limit|p9\d+)(?:_|$)/.test(name)) return 'max';
  if (/(?:^|_)min(?:_|$)/.test(name)) return 'min';
  return /(?:^|_)(?:avg|mean|average|load\d*|p50|median)(?:_|$)/.test(name) ? 'avg' : unit.together;
};

/** The gauge that says how much of this one there may be, in the same unit. A greatest value beside a least one was observed. */
const limitOf = (family: MetricFamily, { families }: QuestionContext, unit: Unit): MetricFamily | undefined => {
  const hasLeast = limitNames(family.name, ['min']).some((name) => families?.has(name));
  const isLimit = (limit: MetricFamily): boolean =>
    limit.series > 0 &&
    (limit.type === 'gauge' || limit.type === 'unknown') &&
    isBounded(limit.range?.max ?? 1) &&
    unitOf(limit.name, limit.unit).value === unit.value;
  return limitNames(family.name, hasLeast ? ['limit'] : ['max', 'limit'])
    .flatMap((name) => families?.get(name) ?? [])
    .find(isLimit);
};

/** Programs write -1, or the greatest number of 64 bits, for no limit: beside that, a value is a line at zero. */
const isBounded = (limit: number): boolean => limit > 0 && limit < 2 ** 63;

/** `x_max`, `x_limit`, `x_max_bytes` of `x_bytes`, and `max_fds` of `open_fds`. */
const limitNames = (name: string, words: readonly string[]): string[] => {
  const last = name.lastIndexOf('_');
  const inside = last < 0 ? [] : words.map((word) => `${name.slice(0, last)}_${word}${name.slice(last)}`);
  const instead = words.flatMap((word) => {
    const other = name.replace(/(^|_)(?:open|used|current|active|in_use)(?=_|$)/, `$1${word}`);
    return other === name ? [] : [other];
  });
  return [...words.map((word) => `${name}_${word}`), ...inside, ...instead];
};
