import type { MetricFamily } from './family.ts';
import { aggregate, matcher, plainName, RATE_INTERVAL, selector } from './promql.ts';
import { RUNTIMES } from './runtimes/index.ts';
import type { Sign, SignMetric } from './runtimes/runtime.ts';

export type { Sign } from './runtimes/runtime.ts';

/** It is the process's or the runtime's, and not what the service is there for. */
export const isRuntimeFamily = (name: string): boolean =>
  RUNTIMES.some(({ families }) => families.test(plainName(name)));

/** A metric of a job that says something of its process or runtime. */
export interface FoundSign {
  sign: Sign;
  metric: string;
  known: SignMetric;
}

/** What a job's families say, each sign by the first metric that is there. */
export const signsOf = (families: readonly MetricFamily[]): FoundSign[] => {
  const stored = new Map(
    families.flatMap((family) => family.stored.map((name) => [plainName(name), { name, family }] as const)),
  );
  const found = RUNTIMES.flatMap(({ signs }) => signs).flatMap((known) => {
    const found = known.metrics.flatMap((name) => stored.get(name) ?? []).find(({ family }) => isThere(family, known));
    return found === undefined ? [] : [{ sign: known.sign, metric: found.name, known }];
  });
  return found.filter(({ sign }, index) => found.findIndex((other) => other.sign === sign) === index);
};

const isThere = ({ labels }: MetricFamily, { where }: SignMetric): boolean =>
  where === undefined || labels.some(({ name, top }) => name === where[0] && top.includes(where[1]));

/** The query for it: seconds, bytes, shares and numbers, whatever the library exports. One series an instance. */
export const signQuery = ({ metric, known }: FoundSign, matchers: readonly string[]): string => {
  const { rate, where, sum, divide } = known;
  const picked = where === undefined ? [] : [matcher(where[0], '=', where[1])];
  const each = selector(metric, [...picked, ...matchers]);
  const grown = rate ? `rate(${each}[${RATE_INTERVAL}])` : each;
  const one = sum ? aggregate('sum', ['job', 'instance'], grown) : grown;
  return divide === undefined ? one : `${one} / ${divide}`;
};
