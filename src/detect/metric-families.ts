import { decoded } from './bytes.ts';

/** A metric as its endpoint describes it. */
export interface MetricFamily {
  name: string;
  /** `counter`, `gauge`, `histogram`, `summary`, ...; `untyped` where nothing says. */
  type: string;
  /** Empty where nothing says; escapes as they are written. */
  help: string;
  /** Only OpenMetrics says one; empty where nothing says. */
  unit: string;
  /** The names of all labels that its samples have. */
  labels: Set<string>;
}

/** Families in the order in which they first came. */
export interface Families {
  byName: Map<string, MetricFamily>;
  describe(name: string, what: { type: string } | { help: string } | { unit: string }): void;
  /** Counts a sample in: to the family that its name belongs to, or as one of its own. Label names as bytes. */
  sample(name: string, labels: readonly (readonly [name: string, value: string])[]): void;
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
    const added = { name, type: 'untyped', help: '', unit: '', labels: new Set<string>() };
    byName.set(name, added);
    return added;
  };
  // Samples of one metric come one after the other, so that the last name is mostly this one.
  let last: { name: string; family: MetricFamily } | undefined;
  return {
    byName,
    describe: (name, what) => {
      Object.assign(family(name), what);
    },
    sample: (name, labels) => {
      if (last?.name !== name)
        last = { name, family: byName.get(name) ?? parentOf(byName, name, suffixes) ?? family(name) };
      for (const [label] of labels) last.family.labels.add(decoded(label));
    },
  };
}

/** The family whose type has samples of that suffix. */
const parentOf = (
  byName: ReadonlyMap<string, MetricFamily>,
  name: string,
  suffixes: Suffixes,
): MetricFamily | undefined => {
  for (const [suffix, types] of suffixes) {
    const family = name.endsWith(suffix) ? byName.get(name.slice(0, -suffix.length)) : undefined;
    if (family !== undefined && types.includes(family.type)) return family;
  }
  return undefined;
};
