import type { InstantSample, LabelUse, MetricFamily, MetricMetadata, MetricType } from './family.ts';
import { compare, groupBy } from './group.ts';

/** What Prometheus adds to each target, and no metadata describes. Source: scrape/scrape.go, `report`. */
const OF_THE_SCRAPE: ReadonlyMap<string, string> = new Map([
  ['up', 'Whether the last scrape succeeded'],
  ['scrape_duration_seconds', 'How long the last scrape took'],
  ['scrape_samples_scraped', 'Samples in the last scrape'],
  ['scrape_samples_post_metric_relabeling', 'Samples of the last scrape that were kept'],
  ['scrape_series_added', 'New series in the last scrape'],
]);

export const isOfTheScrape = (name: string): boolean => OF_THE_SCRAPE.has(name);

/**
 * The families of a job from what Prometheus answers to the instant query `{job="events"}`, which has each series with
 * its last sample and tells native histograms from others, and to `/api/v1/targets/metadata?match_target={job="events"}`.
 * By name; `_created` series are left out, as they say when a series began and nothing else. Pure.
 */
export const familiesOf = (samples: readonly InstantSample[], metadata: readonly MetricMetadata[]): MetricFamily[] => {
  const described = describe(metadata);
  const stored = groupBy(samples, ({ labels }) => labels['__name__'] ?? '');
  const named = [...stored.keys()].flatMap((name) => {
    const family = familyName(name, described, stored);
    return family === undefined ? [] : [{ family, name }];
  });
  const members = groupBy(named, ({ family }) => family);
  const absent = [...described.keys()].filter((name) => !members.has(name) && !isOther(name, described, members));
  return [...members.keys(), ...absent].sort(compare).map((name) =>
    build(
      name,
      (members.get(name) ?? []).map((one) => one.name),
      { described, stored },
    ),
  );
};

interface Description {
  type: MetricType;
  help: string;
  unit: string;
  /** All types that its targets give it, where they are several. */
  types: readonly MetricType[];
}

const TYPES: ReadonlySet<string> = new Set('counter gauge histogram gaugehistogram summary info stateset'.split(' '));
const isType = (word: string): word is MetricType => TYPES.has(word);

/** One description a metric; of several types the one that most targets give it. */
const describe = (metadata: readonly MetricMetadata[]): Map<string, Description> =>
  new Map(
    [...groupBy(metadata, ({ metric }) => metric)].map(([name, rows]) => {
      const counts = [...groupBy(rows.map(({ type }) => type).filter(isType), (type) => type)];
      const types = counts.sort((a, b) => b[1].length - a[1].length || compare(a[0], b[0])).map(([type]) => type);
      const first = (of: (row: MetricMetadata) => string): string => rows.map(of).find((text) => text !== '') ?? '';
      return [name, { type: types[0] ?? 'unknown', help: first((r) => r.help), unit: first((r) => r.unit), types }];
    }),
  );

const SUFFIXES: readonly (readonly [suffix: string, types: readonly MetricType[]])[] = [
  ['_bucket', ['histogram', 'gaugehistogram']],
  ['_count', ['histogram', 'summary']],
  ['_sum', ['histogram', 'summary']],
  ['_gcount', ['gaugehistogram']],
  ['_gsum', ['gaugehistogram']],
];

type Described = ReadonlyMap<string, Description>;
type Stored = ReadonlyMap<string, readonly InstantSample[]>;

/** The family that a stored name belongs to: what describes it decides, then the names beside it. */
const familyName = (name: string, described: Described, stored: Stored): string | undefined => {
  if (isCreated(name, described, stored)) return undefined;
  if (described.has(name)) return name;
  for (const [suffix, types] of SUFFIXES) {
    if (!name.endsWith(suffix)) continue;
    const base = name.slice(0, -suffix.length);
    const type = described.get(base)?.type;
    if (type !== undefined ? types.includes(type) : hasParts(base, stored)) return base;
  }
  return name;
};

/** Buckets, quantiles, or a sum with a count: what histograms and summaries store. */
const hasParts = (base: string, stored: Stored): boolean =>
  stored.has(`${base}_count`) && (stored.has(`${base}_bucket`) || stored.has(`${base}_sum`));

const isCreated = (name: string, described: Described, stored: Stored): boolean => {
  if (!name.endsWith('_created')) return false;
  const base = name.slice(0, -'_created'.length);
  return [base, `${base}_total`, `${base}_count`].some((other) => described.has(other) || stored.has(other));
};

/** OpenMetrics describes `x` and stores `x_total` or `x_info`. */
const openMetricsBase = (name: string, described: Described): Description | undefined => {
  const type = name.endsWith('_total') ? 'counter' : name.endsWith('_info') ? 'info' : undefined;
  const base = type && described.get(name.replace(/_(?:total|info)$/, ''));
  return base?.type === type ? base : undefined;
};

/** It describes what has another name, or says when a series began. */
const isOther = (name: string, described: Described, members: ReadonlyMap<string, unknown>): boolean =>
  [`${name}_total`, `${name}_info`].some((other) => members.has(other) && openMetricsBase(other, described)) ||
  isCreated(name, described, new Map());

const build = (
  name: string,
  names: readonly string[],
  from: { described: Described; stored: Stored },
): MetricFamily => {
  const description = from.described.get(name) ?? openMetricsBase(name, from.described);
  const samplesOf = (stored: string): readonly InstantSample[] => from.stored.get(stored) ?? [];
  const stored = [...names].sort(compare);
  const own = samplesOf(name);
  const native = isNative(own);
  const type = typeOf(name, stored, own, description?.type);
  const counted = names.includes(`${name}_count`) ? samplesOf(`${name}_count`) : [];
  const representative = native || counted.length === 0 ? stored.flatMap(samplesOf) : counted;
  const { labels, series } = labelsOf(native ? own : representative);
  const values = own.flatMap(({ value }) => value ?? []).filter(Number.isFinite);
  const single = type !== 'histogram' && type !== 'gaugehistogram' && type !== 'summary';
  return {
    name,
    type,
    native: native || undefined,
    help: description?.help ?? OF_THE_SCRAPE.get(name) ?? '',
    unit: description?.unit ?? '',
    labels,
    series,
    range: single && values.length > 0 ? rangeOf(values) : undefined,
    stored,
    contradictions: contradictionsOf(name, type, description),
  };
};

const isNative = (samples: readonly InstantSample[]): boolean => samples.some(({ value }) => value === undefined);

const rangeOf = (values: readonly number[]): { min: number; max: number } => ({
  min: values.reduce((a, b) => Math.min(a, b)),
  max: values.reduce((a, b) => Math.max(a, b)),
});

/** As it was scraped; where that says nothing, as it is stored, then by its name. */
const typeOf = (
  name: string,
  stored: readonly string[],
  own: readonly InstantSample[],
  described: MetricType = 'unknown',
): MetricType => {
  if (isNative(own)) return 'histogram';
  if (described !== 'unknown') return described;
  if (isOfTheScrape(name)) return 'gauge';
  if (stored.includes(`${name}_bucket`)) return 'histogram';
  if (stored.includes(`${name}_sum`) || own.some(({ labels }) => labels['quantile'] !== undefined)) return 'summary';
  return typeByName(name) ?? 'unknown';
};

/** What a name's suffix says; a count without its sum counts something. */
const typeByName = (name: string): MetricType | undefined => {
  if (/_(?:total|count|sum)$/.test(name)) return 'counter';
  return name.endsWith('_info') ? 'info' : undefined;
};

const contradictionsOf = (name: string, type: MetricType, description: Description | undefined): string[] => {
  const said: string[] = [];
  const suffix = /_(?:total|count|sum|bucket|info)$/.exec(name)?.[0] ?? '';
  const usual = USUAL.get(suffix);
  if (description !== undefined && description.type !== 'unknown' && usual !== undefined && !usual.includes(type))
    said.push(
      `its name ends in ${suffix}, which is usual for a ${usual.join(' or a ')}; its type is ${type}, which takes precedence`,
    );
  const [first, ...others] = description?.types ?? [];
  if (others.length > 0)
    said.push(`its targets give it different types: ${[first, ...others].join(', ')}; it is read as a ${type}`);
  return said;
};

const USUAL: ReadonlyMap<string, readonly MetricType[]> = new Map([
  ...SUFFIXES,
  ['_total', ['counter']],
  ['_info', ['info', 'gauge']],
]);

/** Parts of a histogram or summary, not of what is measured. */
const PARTS: ReadonlySet<string> = new Set(['__name__', 'le', 'quantile']);
const TOP = 12;

const labelsOf = (samples: readonly InstantSample[]): { labels: LabelUse[]; series: number } => {
  const uses = new Map<string, Map<string, number>>();
  const seen = new Set<string>();
  for (const { labels } of samples) {
    const own = Object.entries(labels).filter(([name]) => !PARTS.has(name));
    const key = JSON.stringify(own);
    if (seen.has(key)) continue;
    seen.add(key);
    for (const [name, value] of own) {
      const values = uses.get(name) ?? new Map<string, number>();
      uses.set(name, values.set(value, (values.get(value) ?? 0) + 1));
    }
  }
  const labels = [...uses]
    .sort(([a], [b]) => compare(a, b))
    .map(([name, values]) => ({
      name,
      values: values.size,
      top: [...values]
        .sort((a, b) => b[1] - a[1] || compare(a[0], b[0]))
        .slice(0, TOP)
        .map(([value]) => value),
    }));
  return { labels, series: seen.size };
};
