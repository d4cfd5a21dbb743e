import { decoded } from './bytes.ts';

/** A series that one answer has more than once, with the same timestamp or none. */
export interface Duplicate {
  /** `http_requests_total{code="200"}`, its escapes as they are written. */
  series: string;
  times: number;
}

/** What an answer holds that Prometheus may drop or refuse once it has read it. */
export interface Facts {
  /** Samples with a timestamp of their own, which Prometheus keeps it by; Unix ms. Absent: there are none. */
  timestamps?: { samples: number; oldest: number; newest: number };
  /**
   * For `label_limit` and its like, the metric's name counted as a label (`__name__`), those of the target not: the most
   * of one sample, and the longest name and value in bytes, as they are written. Absent: there are no samples.
   */
  labels?: { most: number; longestName: number; longestValue: number };
  /**
   * Sorted by how often. Prometheus keeps the first and drops the others while the target stays up: 3.x counts them in
   * `prometheus_target_scrapes_sample_duplicate_timestamp_total` and warns in its log, 2.42 does neither (measured on 3.13.2
   * and 2.42.0). Absent: there are none.
   */
  duplicates?: Duplicate[];
}

/** Counts samples while they are read. */
export interface Tally {
  samples: number;
  timestamps: { samples: number; oldest: number; newest: number };
  labels: { most: number; longestName: number; longestValue: number };
  series: Map<string, number>;
  add(metric: string, labels: readonly (readonly [name: string, value: string])[], time: number | undefined): void;
}

export const newTally = (): Tally => ({
  samples: 0,
  timestamps: { samples: 0, oldest: Number.POSITIVE_INFINITY, newest: Number.NEGATIVE_INFINITY },
  labels: { most: 0, longestName: 0, longestValue: 0 },
  series: new Map(),
  add(metric, labels, time) {
    this.samples += 1;
    const { timestamps, labels: most } = this;
    if (time !== undefined) {
      timestamps.samples += 1;
      timestamps.oldest = Math.min(timestamps.oldest, time);
      timestamps.newest = Math.max(timestamps.newest, time);
    }
    most.most = Math.max(most.most, labels.length + 1);
    most.longestName = Math.max(most.longestName, '__name__'.length);
    most.longestValue = Math.max(most.longestValue, metric.length);
    for (const [name, value] of labels) {
      most.longestName = Math.max(most.longestName, name.length);
      most.longestValue = Math.max(most.longestValue, value.length);
    }
    const key = `${seriesOf(metric, labels)} ${time ?? ''}`;
    this.series.set(key, (this.series.get(key) ?? 0) + 1);
  },
});

const seriesOf = (metric: string, labels: readonly (readonly [string, string])[]): string => {
  if (labels.length === 0) return metric;
  const pairs = labels.map(([name, value]) => `${name}="${value}"`);
  return `${metric}{${(pairs.length > 1 ? pairs.sort() : pairs).join(',')}}`;
};

export const factsOf = ({ samples, timestamps, labels, series }: Tally): Facts => {
  const duplicates = [...series]
    .filter(([, times]) => times > 1)
    .map(([key, times]) => ({ series: decoded(key.slice(0, key.lastIndexOf(' '))), times }))
    .sort((a, b) => b.times - a.times);
  return {
    ...(timestamps.samples > 0 && { timestamps }),
    ...(samples > 0 && { labels }),
    ...(duplicates.length > 0 && { duplicates }),
  };
};
