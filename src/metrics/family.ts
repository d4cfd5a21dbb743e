/** What a family's samples are; the words of OpenMetrics. `unknown` where nothing says. */
export type MetricType =
  | 'counter'
  | 'gauge'
  | 'histogram'
  | 'gaugehistogram'
  | 'summary'
  | 'info'
  | 'stateset'
  | 'unknown';

/** A label of a family, and what it says. `__name__`, `le` and `quantile` are not among them. */
export interface LabelUse {
  name: string;
  /** Distinct values. */
  values: number;
  /** The values with most series first, twelve at most. */
  top: readonly string[];
}

export interface MetricFamily {
  /** A histogram's or summary's without `_bucket`, `_sum` and `_count`; any other's as its series are called. */
  name: string;
  type: MetricType;
  /** Histograms alone: its samples are native ones, without `_bucket`. */
  native?: boolean;
  /** Empty where nothing says; as it was written, so for a page it has to be made harmless (`plainHelp`). */
  help: string;
  /** OpenMetrics's UNIT; mostly empty. */
  unit: string;
  /** By name. */
  labels: readonly LabelUse[];
  /** A histogram is one series. 0: it is described, and has no sample. */
  series: number;
  /** The least and the greatest value now; absent for histograms and summaries, and where there is no sample. */
  range?: { min: number; max: number };
  /** Names of its stored series: `x_bucket`, `x_count`, `x_sum`. */
  stored: readonly string[];
  /** Where its name, its type and what is stored contradict each other: a sentence each, without a full stop. */
  contradictions: readonly string[];
}

/** A series and its last sample, as an instant query answers it. */
export interface InstantSample {
  /** With `__name__`. */
  labels: Readonly<Record<string, string>>;
  /** Absent for a native histogram. */
  value?: number;
}

/** A row of `/api/v1/targets/metadata`, or an entry of `/api/v1/metadata`. */
export interface MetricMetadata {
  metric: string;
  /** Prometheus's word: `unknown` where it has none. */
  type: string;
  help: string;
  unit: string;
}
