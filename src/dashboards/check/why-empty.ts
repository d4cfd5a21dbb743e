import { closest, didYouMean } from '../../config/suggest.ts';
import { parseDuration } from '../../config/values.ts';
import type { Labels } from '../../prometheus/answers.ts';
import type { Matcher, Selector } from '../../prometheus/selectors.ts';
import { quoted } from '../../words.ts';
import type { Variable } from './variables.ts';

export interface Cause {
  code:
    | 'metric-never-seen'
    | 'metric-vanished'
    | 'label-missing'
    | 'value-missing'
    | 'no-such-combination'
    | 'variable-empty'
    | 'window-too-short'
    | 'too-few-samples'
    | 'counter-not-moved'
    | 'other-datasource'
    | 'wrong-expression'
    | 'nothing-left';
  /** For a person; a sentence without a full stop. */
  message: string;
}

export interface Evidence {
  /** Series of the metric within the panel's range, and as far back as Prometheus remembers; the latter only where there are none. */
  inRange: readonly Labels[];
  ever: readonly Labels[];
  /** Names of all metrics; only for one that was never seen. */
  names: readonly string[];
  /** Of a range selector with series: most samples that one of them has in its window, and whether any of them has changed. */
  samples?: number;
  moved?: boolean;
  /** The longest scrape interval of the targets that its series come from; seconds. */
  scrapeSeconds?: number;
}

/** Why a selector has no samples; `undefined` where it has some. Pure. */
export const whyNothing = ({ metric, matchers, range, over }: Selector, evidence: Evidence): Cause | undefined => {
  const { inRange, ever, names } = evidence;
  const shown = metric === '' ? 'a metric with these labels' : metric;
  if (inRange.length === 0 && ever.length > 0) {
    return { code: 'metric-vanished', message: `${shown} has no samples in this time range; it had some before` };
  }
  if (inRange.length === 0) {
    return { code: 'metric-never-seen', message: `Prometheus has never seen ${shown}${hintOf(metric, names)}` };
  }
  const alone = matchers.map((matcher) => whyNoMatch(shown, matcher, inRange)).find((cause) => cause !== undefined);
  if (alone !== undefined) return alone;
  const matched = inRange.filter((labels) => matchers.every((matcher) => fits(matcher, labels)));
  if (matched.length === 0) {
    const all = matchers.map(matcherText).join(', ');
    return { code: 'no-such-combination', message: `no series of ${shown} has all of ${all}` };
  }
  return range === undefined ? undefined : whyTooLittle(shown, range, over ?? '', evidence);
};

const whyTooLittle = (
  shown: string,
  range: string,
  over: string,
  { samples = 2, moved = true, scrapeSeconds = 0 }: Evidence,
): Cause | undefined => {
  const seconds = (parseDuration(range) ?? 0) / 1000;
  const window = `${over === '' ? '' : `${over} of `}${shown}[${range}]`;
  if (samples < 2 && seconds < 2 * scrapeSeconds) {
    const message = `${window} is shorter than two scrapes, which are ${scrapeSeconds} s apart; $__rate_interval is not`;
    return { code: 'window-too-short', message };
  }
  if (samples < 2)
    return { code: 'too-few-samples', message: `${shown} has fewer than two samples in ${range} so far` };
  return moved ? undefined : { code: 'counter-not-moved', message: `${shown} has not changed in this time range` };
};

/** Grafana sends it as it is written. */
const UNSET_VARIABLE = /\$(?:\{\w+[^}]*\}|[a-zA-Z_]\w*)|\[\[\w+\]\]/;

const whyNoMatch = (shown: string, matcher: Matcher, series: readonly Labels[]): Cause | undefined => {
  if (series.some((labels) => fits(matcher, labels))) return undefined;
  const { label, operator, value } = matcher;
  if (operator === '!=' || operator === '!~') {
    return { code: 'value-missing', message: `${matcherText(matcher)} leaves out every series of ${shown}` };
  }
  const values = [...new Set(series.flatMap((labels) => labels[label] ?? []))].sort();
  if (values.length === 0) {
    const labels = [...new Set(series.flatMap(Object.keys))];
    return { code: 'label-missing', message: `${shown} has no label ${label}${hintOf(label, labels)}` };
  }
  const unset = UNSET_VARIABLE.exec(value)?.[0];
  const near = operator === '=' ? closest(value, values) : undefined;
  const some = values.slice(0, 3).map(quoted).join(', ');
  const more = values.length > 3 ? ` and ${values.length - 3} more` : '';
  const known = near === undefined ? `it has ${some}${more}` : `did you mean ${quoted(near)}?`;
  const hint = unset === undefined ? known : `the dashboard has no variable ${unset}`;
  return { code: 'value-missing', message: `no series of ${shown} has ${matcherText(matcher)}; ${hint}` };
};

const hintOf = (name: string, known: readonly string[]): string => {
  const meant = didYouMean(name, known);
  return meant === undefined ? '' : `; ${meant}`;
};

const matcherText = ({ label, operator, value }: Matcher): string => `${label}${operator}${JSON.stringify(value)}`;

/** Whether a series has what a matcher asks for; a label that is missing is an empty one. */
const fits = ({ label, operator, value }: Matcher, labels: Labels): boolean => {
  const has = labels[label] ?? '';
  if (operator === '=') return has === value;
  if (operator === '!=') return has !== value;
  const pattern = patternOf(value);
  return pattern === undefined || pattern.test(has) === (operator === '=~');
};

/** Anchored, as Prometheus has it. Its syntax is RE2's: what JavaScript cannot read counts as fitting. */
const patternOf = (value: string): RegExp | undefined => {
  const [, flag, body = value] = /^\(\?(i|s|is|si)\)([\s\S]*)$/.exec(value) ?? [];
  try {
    return new RegExp(`^(?:${body})$`, flag === undefined ? 'su' : `${flag.replace('s', '')}su`);
  } catch {
    return undefined;
  }
};

/** Why a query whose variables have no value gives nothing; `undefined` where all have one. Pure. */
export const whyVariables = (variables: readonly Variable[]): Cause | undefined => {
  const found = variables.find(({ problem }) => problem !== undefined);
  if (found?.problem === undefined) return undefined;
  const { name, problem } = found;
  const why =
    problem.kind === 'query'
      ? `${problem.query} gives nothing`
      : `its regular expression ${problem.regex} fits none of its values, such as ${problem.values.map(quoted).join(', ')}`;
  return { code: 'variable-empty', message: `the variable $${name} is empty: ${why}` };
};
