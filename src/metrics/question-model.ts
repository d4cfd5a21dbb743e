import type { MetricFamily } from './family.ts';

export type PanelKind = 'timeseries' | 'heatmap' | 'state-timeline' | 'table';

export type QuestionKind = 'rate' | 'value' | 'limit' | 'quantiles' | 'heatmap' | 'average' | 'age' | 'state' | 'info';

export interface Query {
  /** PromQL; `$__rate_interval` and the context's variables as they were given. */
  expr: string;
  /** Grafana's legend format, `{{label}}` for a label's value; never empty. */
  legend: string;
  /** Asked for one time, the end of the range: tables. */
  instant?: true;
  /** It gives a limit, drawn as a line of its own, not as one more series. */
  limit?: true;
}

/** What to ask of metrics, and how to draw the answer. */
export interface Question {
  kind: QuestionKind;
  title: string;
  /** The metric's help and what the query makes of it, harmless in a page and in Markdown. */
  description: string;
  /** Grafana's unit id: `s`, `bytes`, `Bps`, `reqps`, `percentunit`, `short`. */
  unit: string;
  panel: PanelKind;
  /** The answer has native histograms, which Grafana draws from 10 on. */
  native?: true;
  queries: readonly [Query, ...Query[]];
  /** Names of the families that it answers for, the asked one first. */
  families: readonly string[];
  /** What a person should know of it, a sentence each without a full stop. */
  notes: readonly string[];
}

export interface QuestionContext {
  /** Stand in each selector: `['job=~"$job"', 'instance=~"$instance"']`, or `['job="events"']`. */
  matchers: readonly string[];
  /** The range of rates. Absent: `$__rate_interval`. */
  range?: string;
  /** The other families of the job, by name: for limits and averages. */
  families?: ReadonlyMap<string, MetricFamily>;
}
