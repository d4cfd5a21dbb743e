/** A metric as its endpoint describes it. */
export interface MetricFamily {
  name: string;
  /** `counter`, `gauge`, `histogram`, `summary`, ...; `untyped` where nothing says. */
  type: string;
  /** Empty where nothing says; escapes as they are written. */
  help: string;
}

/** Families in the order in which they first came. */
export interface Families {
  byName: Map<string, MetricFamily>;
  describe(name: string, what: { type: string } | { help: string }): void;
  /** Counts a sample's name in: to the family that it belongs to, or as one of its own. */
  sample(name: string): void;
}

type Suffixes = readonly (readonly [suffix: string, types: readonly string[]])[];

/** Which types a sample's suffix belongs to. Sources: the Prometheus text format, and OpenMetrics 1.0 "Suffixes". */
const TEXT_SUFFIXES: Suffixes = [
  ['_bucket', ['histogram']],
  ['_count', ['histogram', 'summary']],
  ['_sum', ['histogram', 'summary']],
];
const OPENMETRICS_SUFFIXES: Suffixes = [
  ...TEXT_SUFFIXES,
  ['_bucket', ['gaugehistogram']],
  ['_gcount', ['gaugehistogram']],
  ['_gsum', ['gaugehistogram']],
  ['_total', ['counter']],
  ['_created', ['counter', 'histogram', 'summary']],
  ['_info', ['info']],
];

export function newFamilies(format: 'text' | 'openmetrics'): Families {
  const suffixes = format === 'text' ? TEXT_SUFFIXES : OPENMETRICS_SUFFIXES;
  const byName = new Map<string, MetricFamily>();
  const family = (name: string): MetricFamily => {
    const known = byName.get(name);
    if (known !== undefined) return known;
    const added = { name, type: 'untyped', help: '' };
    byName.set(name, added);
    return added;
  };
  // Samples of one metric come one after the other, so that the last name is mostly this one.
  let last = '';
  return {
    byName,
    describe: (name, what) => {
      Object.assign(family(name), what);
    },
    sample: (name) => {
      if (name === last) return;
      last = name;
      if (!byName.has(name) && !belongs(byName, name, suffixes)) family(name);
    },
  };
}

const belongs = (byName: ReadonlyMap<string, MetricFamily>, name: string, suffixes: Suffixes): boolean =>
  suffixes.some(([suffix, types]) => {
    if (!name.endsWith(suffix)) return false;
    const type = byName.get(name.slice(0, -suffix.length))?.type;
    return type !== undefined && types.includes(type);
  });
