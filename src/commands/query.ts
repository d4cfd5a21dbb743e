import type { Define } from '../cli/command.ts';
import { duration } from '../cli/parameters.ts';
import type { MonitorConfig } from '../config/model.ts';
import { closest } from '../config/suggest.ts';
import { parseDuration } from '../config/values.ts';
import { MonitorError, mistake } from '../errors.ts';
import { type Query, questionOf } from '../metrics/question.ts';
import type { QuerySeries, ReportOf } from '../output/report.ts';
import type { QueryResult } from '../prometheus/answers.ts';
import type { PrometheusClient } from '../prometheus/client.ts';
import { prometheusNow } from '../prometheus/clock.ts';
import { familyNamed } from '../prometheus/metrics.ts';
import { legendText, selectorText, seriesNames } from '../prometheus/series-names.ts';
import { type Deps, withSession } from '../stack/session.ts';
import { quoted } from '../words.ts';

export interface QueryOptions {
  /** Milliseconds; absent: the value now. */
  since?: number;
  /** Between two points; milliseconds. */
  step?: number;
  csv: boolean;
}

export const command: Define = (query, invoke) =>
  query
    .argument('<promql|metric>', 'an expression, or the name of a metric, for which the expression that fits is used')
    .option('--since <duration>', 'draw a chart that goes back so far, such as 15m', duration)
    .option('--step <duration>', 'time between two points (default: as many points as a chart shows)', duration)
    .option('--csv', 'print CSV, one row per sample', false)
    .addHelpText('after', EXAMPLES)
    .hook('preAction', () => {
      const { csv, json } = query.optsWithGlobals<{ csv: boolean; json: boolean }>();
      if (csv && json) query.error("error: option '--csv' cannot be used with option '--json'");
    })
    .action(invoke(runQuery));

const EXAMPLES = `
Examples:
  $ monitor query process_cpu_seconds_total --since 15m
  $ monitor query 'sum by (job) (rate(http_requests_total[5m]))'
  $ monitor query up --since 1h --csv > up.csv`;

/** What is sent to Prometheus. */
interface Asked {
  queries: readonly { expr: string; legend?: string }[];
  unit: string;
  notes: readonly string[];
  /** They only give the values now. */
  isInstant?: boolean;
}

/**
 * Asks Prometheus. `expression`: PromQL, or the name of a metric, for which the query that fits its type is sent. Fails with
 * `usage`, `wrong-expression`, `metric-not-found`, or as the client does.
 */
export const runQuery = (deps: Deps, expression: string, options: QueryOptions): Promise<ReportOf<'query'>> => {
  if (options.since === undefined && options.step !== undefined) {
    throw usage('--step needs a range', 'add how far the range goes back, such as --since 15m');
  }
  return withSession(deps, async ({ prometheus, loaded: { config } }) => {
    const scrape = scrapeSeconds(config);
    const range = options.since === undefined ? undefined : rangeOf(await prometheusNow(prometheus), options, scrape);
    const metric = await metricQuestion(prometheus, expression, rateRange(scrape, range?.step));
    const { queries, unit, notes, isInstant } = metric ?? (await plainQuestion(expression));
    const over = isInstant ? undefined : range;
    const results = await Promise.all(
      queries.map(({ expr }) => (over === undefined ? prometheus.query(expr) : prometheus.queryRange(expr, over))),
    );
    const series = results.flatMap((result, i) => seriesOf(result, queries[i], over === undefined));
    if (metric === undefined && series.length === 0) await refuseUnknown(prometheus, expression);
    return {
      kind: 'query',
      asked: expression,
      expressions: queries.map(({ expr }) => expr),
      unit,
      range: over,
      series,
      warnings: [...new Set(results.flatMap((result) => result.warnings))],
      infos: [...new Set(results.flatMap((result) => result.infos))],
      notes: [...notes],
      csv: options.csv || undefined,
    };
  });
};

const usage = (message: string, suggestion: string): MonitorError => mistake({ code: 'usage', message, suggestion });

/** The longest of all: a job that is scraped less often needs a longer range for its rates. */
const scrapeSeconds = ({ scrape_interval, targets }: MonitorConfig): number => {
  const intervals = [scrape_interval, ...targets.flatMap((target) => target.scrape_interval ?? [])];
  return Math.max(...intervals.map((text) => parseDuration(text) ?? 0)) / 1000;
};

/** As many points as a terminal shows, and not more than were scraped. */
const POINTS = 240;
/** Prometheus refuses more. Source: web/api/v1/api.go, "exceeded maximum resolution". */
const MOST_POINTS = 11_000;

const rangeOf = (nowMs: number, options: QueryOptions, scrape: number) => {
  const [now, since] = [nowMs / 1000, (options.since ?? 0) / 1000];
  const step = options.step === undefined ? Math.max(scrape, Math.ceil(since / POINTS)) : options.step / 1000;
  if (since / step > MOST_POINTS) {
    const least = `${Math.ceil(since / MOST_POINTS)}s`;
    throw usage(
      `--step is too short: Prometheus gives at most ${MOST_POINTS} points of a series`,
      `use --step ${least} or longer`,
    );
  }
  return { start: now - since, end: now, step };
};

/** As Grafana's `$__rate_interval`: two samples are in it even where a scrape is missed. */
const rateRange = (scrape: number, step = scrape): string => `${Math.ceil(Math.max(step + scrape, 4 * scrape))}s`;

const METRIC_NAME = /^[a-zA-Z_:][\w:]*$/;
/** A UTF-8 name (Prometheus 3), which an expression has in quotes: with other characters, but none of a call or a string. */
const QUOTED_NAME = /^(?=.*[^\w:\s])\D[^(){}[\]"'`]*$/;

/** A difference may look like a name too: what Prometheus has decides. */
const mayBeName = (text: string): boolean =>
  (METRIC_NAME.test(text) && !/^(inf|nan)$/i.test(text)) || QUOTED_NAME.test(text);

const metricQuestion = async (
  prometheus: PrometheusClient,
  text: string,
  range: string,
): Promise<Asked | undefined> => {
  const found = mayBeName(text.trim()) ? await familyNamed(prometheus, text.trim()) : undefined;
  if (found === undefined || found.family.series === 0) return undefined;
  const { family, families } = found;
  const { queries, unit, notes } = questionOf(family, { matchers: [], range, families });
  const hasJobs = family.labels.some(({ name, values }) => name === 'job' && values > 1);
  const isInstant = queries.every((query) => query.instant);
  return { queries: hasJobs ? queries.map(byJob) : queries, unit, notes, isInstant };
};

/** A metric's query is made for one job; for several, its sums are kept apart. */
const byJob = ({ expr, legend }: Query): Query => ({
  expr: expr.replace(/\b(sum|avg|min|max)(?: by \(([^)]*)\))? ?\(/g, (_, operator: string, labels?: string) => {
    return `${operator} by (${labels === undefined ? 'job' : `job, ${labels}`}) (`;
  }),
  legend: legend === 'all' ? '{{job}}' : `{{job}} ${legend}`,
});

/** PromQL as it was given. Its grammar is loaded for this alone. */
const plainQuestion = async (expr: string): Promise<Asked> => {
  const { unitOfExpression } = await import('../prometheus/expression-unit.ts');
  return { queries: [{ expr }], unit: unitOfExpression(expr), notes: [] };
};

/** In Prometheus's order where the query sorts them, else in that of their names. */
const seriesOf = (
  { series }: QueryResult,
  { expr = '', legend }: Partial<Asked['queries'][number]> = {},
  isInstant: boolean,
): QuerySeries[] => {
  const byLabels = seriesNames(series.map(({ labels }) => labels));
  const byLegend = legend === undefined ? byLabels : series.map(({ labels }) => legendText(legend, labels));
  const names = new Set(byLegend).size < series.length ? byLabels : byLegend;
  const named = series.map(({ labels, samples, histograms }, i) => ({
    name: names[i] || selectorText(labels),
    labels,
    values: samples,
    histograms,
  }));
  return isInstant && isSorted(expr) ? named : named.sort((a, b) => compareNames(a.name, b.name));
};

/** As a person counts: `node-2` before `node-10`; quantiles and buckets by their number, `0.25` before `0.5`. */
const compareNames = (a: string, b: string): number =>
  numberOf(a) - numberOf(b) || a.localeCompare(b, 'en', { numeric: true });

const numberOf = (name: string): number => Number(name.replace('Inf', 'Infinity'));

/** Prometheus gives these in the order that was asked for, and others in no order. */
const isSorted = (expression: string): boolean => /^\s*(sort\w*|topk|bottomk)\b/.test(expression);

/** An empty answer to an expression is an answer; a name without one is probably misspelt. */
const refuseUnknown = async (prometheus: PrometheusClient, text: string): Promise<void> => {
  const name = text.trim();
  if (!METRIC_NAME.test(name)) return;
  const now = (await prometheusNow(prometheus)) / 1000;
  const near = closest(name, await prometheus.labelValues('__name__', [], { start: now - DAY, end: now }));
  throw new MonitorError({
    code: 'metric-not-found',
    message: `Prometheus has no samples of a metric ${quoted(name)}`,
    suggestion: near === undefined || near === name ? 'see `monitor metrics`' : `did you mean ${near}?`,
  });
};

const DAY = 86_400;
