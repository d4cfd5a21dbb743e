import type { GrafanaVersion } from '../grafana/version.ts';
import type { MetricFamily } from '../metrics/family.ts';
import type { Question } from '../metrics/question.ts';
import type { Dashboard } from './model.ts';

/** A job as Prometheus has it now. */
export interface JobMetrics {
  /** The label `job` of its series. */
  job: string;
  families: readonly MetricFamily[];
}

export interface GenerateOptions {
  /** The stack's name, a tag of its container marks. */
  stack: string;
  /** Of the Grafana that takes it: 7 to 13. There are two forms, before 9 and from 9 on. */
  version: Pick<GrafanaVersion, 'major'>;
  /** Our datasource, under the name that it has in Grafana. */
  ours: { uid: string; name: string };
  /**
   * The scrape intervals of jobs that are scraped more seldom than the datasource says, as Prometheus durations: the
   * least steps of their queries, without which `$__rate_interval` holds less than two scrapes.
   */
  slow?: Readonly<Record<string, string>>;
}

export type HasSamples = (query: string) => boolean;

/** A dashboard before anything of it was asked. */
export interface Draft {
  /**
   * Every query that a panel of it may have: PromQL with `$__rate_interval`, `$job` and `$instance` in it
   * (`resolveVariables`). Each once.
   */
  queries: readonly string[];
  /**
   * The dashboard of those panels whose queries have samples; a query without any is left out of its panel.
   * Deterministic: the same answers give the same JSON. A sample that is NaN draws nothing, so it is for the caller to
   * count it as none.
   */
  dashboard(hasSamples: HasSamples): Dashboard;
}

/** A question with those of its queries that have samples; `undefined` where none has, or nothing but a limit. */
export const answered = (question: Question, hasSamples: HasSamples): Question | undefined => {
  const [first, ...others] = question.queries.filter(({ expr }) => hasSamples(expr));
  if (first === undefined || (first.limit === true && others.length === 0)) return undefined;
  return { ...question, queries: [first, ...others] };
};

/** Each query once, in the order in which they come. */
export const queriesOf = (questions: readonly Question[]): string[] => [
  ...new Set(questions.flatMap(({ queries }) => queries.map(({ expr }) => expr))),
];

/** A question that a page asks of its own accord, of no family. */
export const drawn = (asked: Pick<Question, 'kind' | 'title' | 'description' | 'unit' | 'queries'>): Question => ({
  ...asked,
  panel: asked.kind === 'state' ? 'state-timeline' : 'timeseries',
  families: [],
  notes: [],
});
