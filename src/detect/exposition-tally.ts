import { decoded } from './bytes.ts';

/** A series that one answer has more than once, with the same timestamp or none. */
export interface Duplicate {
  /** `http_requests_total{code="200"}`, its escapes as they are written. */
  series: string;
  times: number;
}

/** What is counted of an answer while it is read; names and values are bytes. */
export interface Tally {
  samples: number;
  /** Types by metric; `untyped` where nothing says. */
  types: Map<string, string>;
  /** Samples with a timestamp of their own, which Prometheus keeps them by; Unix ms. Absent: there are none. */
  timestamps?: { samples: number; oldest: number; newest: number };
  /** How often each series comes, by its text and its timestamp. */
  series: Map<string, number>;
}

export const newTally = (): Tally => ({ samples: 0, types: new Map(), timestamps: undefined, series: new Map() });

/** Counts a metric that HELP, TYPE or UNIT names. */
export const countMetric = ({ types }: Tally, name: string, type = types.get(name) ?? 'untyped'): void => {
  types.set(name, type);
};

/** Counts a sample, in the metric that its name belongs to or in one of its own. */
export const countSample = (tally: Tally, name: string, labels: readonly Label[], time: number | undefined): void => {
  tally.samples += 1;
  if (!isPart(name, tally.types)) countMetric(tally, name);
  if (time !== undefined) {
    const { samples, oldest, newest } = tally.timestamps ?? { samples: 0, oldest: time, newest: time };
    tally.timestamps = { samples: samples + 1, oldest: Math.min(oldest, time), newest: Math.max(newest, time) };
  }
  const key = `${seriesOf(name, labels)} ${time ?? ''}`;
  tally.series.set(key, (tally.series.get(key) ?? 0) + 1);
};

export type Label = readonly [name: string, value: string];

/** Which types a sample's suffix belongs to. Sources: the Prometheus text format, and OpenMetrics 1.0 "Suffixes". */
const TYPES_BY_SUFFIX: Readonly<Record<string, readonly string[]>> = {
  _bucket: ['histogram', 'gaugehistogram'],
  _count: ['histogram', 'summary'],
  _sum: ['histogram', 'summary'],
  _gcount: ['gaugehistogram'],
  _gsum: ['gaugehistogram'],
  _total: ['counter'],
  _created: ['counter', 'histogram', 'summary'],
  _info: ['info'],
};

const isPart = (name: string, types: Tally['types']): boolean => {
  const at = name.lastIndexOf('_');
  const type = at < 0 || types.has(name) ? undefined : types.get(name.slice(0, at));
  return type !== undefined && TYPES_BY_SUFFIX[name.slice(at)]?.includes(type) === true;
};

const seriesOf = (metric: string, labels: readonly Label[]): string => {
  if (labels.length === 0) return metric;
  const pairs = labels.map(([name, value]) => `${name}="${value}"`);
  return `${metric}{${(pairs.length > 1 ? pairs.sort() : pairs).join(',')}}`;
};

/** Sorted by how often. */
export const duplicatesIn = ({ samples, series }: Tally): Duplicate[] =>
  series.size === samples
    ? []
    : [...series]
        .filter(([, times]) => times > 1)
        .map(([key, times]) => ({ series: decoded(key.slice(0, key.lastIndexOf(' '))), times }))
        .sort((a, b) => b.times - a.times);
