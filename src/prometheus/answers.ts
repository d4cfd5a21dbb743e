import { asRecord, isRecord, list, number, text, texts } from '../json.ts';

/** Prometheus's JSON answers, read into types. Pure; what is not as the API's documentation says reads as empty. */

type Json = unknown;

export type Labels = Readonly<Record<string, string>>;

/** Unix time in seconds, and the value as Prometheus writes it: `0.35`, `NaN`, `+Inf`. */
export type Sample = readonly [time: number, value: string];

/** A native histogram at a time; numbers as Prometheus writes them. */
export type HistogramSample = readonly [time: number, histogram: { count: string; sum: string }];

export interface Series {
  labels: Labels;
  /** In order of time; one of an instant query. */
  samples: Sample[];
  /** Where the series has native histograms in place of numbers. */
  histograms?: HistogramSample[];
}

/** A number or a native histogram. A division of nothing by nothing is none: Grafana draws nothing for it. */
export const hasSample = ({ samples, histograms }: Series): boolean =>
  histograms !== undefined || samples.some(([, value]) => value !== 'NaN');

/** What an expression gives. */
export interface QueryResult {
  /** A scalar or a string is one series without labels. */
  type: 'vector' | 'matrix' | 'scalar' | 'string';
  series: Series[];
  /** Something that makes the result doubtful. Prometheus has them since 2.1. */
  warnings: string[];
  /** Something that is likely a mistake. Prometheus has them since 2.48. */
  infos: string[];
}

/** A row of `/api/v1/targets`. */
export interface ActiveTarget {
  job: string;
  instance: string;
  /** `http://events:9100/metrics` */
  scrapeUrl: string;
  /** A Prometheus duration: `15s`. */
  scrapeInterval?: string;
  health: 'up' | 'down' | 'unknown';
  /** Empty where the last scrape went well, or none was made yet. */
  lastError: string;
  /** RFC 3339; absent before the first scrape. */
  lastScrape?: string;
  /** Seconds. */
  lastScrapeDuration: number;
  labels: Record<string, string>;
  /** Before relabelling: `__address__`, `__metrics_path__`, `__meta_*`. */
  discovered: Record<string, string>;
}

/** A row of `/api/v1/targets/metadata`. */
export interface TargetMetadata {
  job: string;
  metric: string;
  type: string;
  help: string;
  unit: string;
}

export const field = (value: Json, name: string): Json => asRecord(value)[name];
export const record = (value: Json): Record<string, string> => (isOfTexts(value) ? value : {});

/** Thousands of series need no copies. */
const isOfTexts = (value: Json): value is Record<string, string> =>
  isRecord(value) && Object.values(value).every((one) => typeof one === 'string');

/** How Prometheus writes "never". */
const NEVER = '0001-01-01T00:00:00Z';

export const toTarget = (row: Json): ActiveTarget => {
  const { labels: given, health, lastScrape, scrapeInterval, ...rest } = asRecord(row);
  const labels = record(given);
  return {
    job: labels['job'] ?? '',
    instance: labels['instance'] ?? '',
    scrapeUrl: text(rest['scrapeUrl']),
    scrapeInterval: text(scrapeInterval) || undefined,
    health: health === 'up' || health === 'down' ? health : 'unknown',
    lastError: text(rest['lastError']),
    lastScrape: lastScrape === NEVER ? undefined : text(lastScrape) || undefined,
    lastScrapeDuration: number(rest['lastScrapeDuration']),
    labels,
    discovered: record(rest['discoveredLabels']),
  };
};

export const toTargetMetadata = (row: Json): TargetMetadata => {
  const { target, metric, type, help, unit } = asRecord(row);
  return {
    job: text(field(target, 'job')),
    metric: text(metric),
    type: text(type),
    help: text(help),
    unit: text(unit),
  };
};

/** The whole body of `/api/v1/query` or `/api/v1/query_range`. Source: Prometheus's "HTTP API", "Expression query result formats". */
export const toQueryResult = (body: Json): QueryResult => {
  const { data, warnings, infos } = asRecord(body);
  const { resultType, result } = asRecord(data);
  const notices = { warnings: texts(warnings), infos: texts(infos) };
  if (resultType === 'scalar' || resultType === 'string')
    return { type: resultType, series: [{ labels: {}, samples: toSamples([result]) }], ...notices };
  return { type: resultType === 'matrix' ? 'matrix' : 'vector', series: list(result).map(toSeries), ...notices };
};

/** A range query's row has lists of what an instant query's has one of. */
const toSeries = (row: Json): Series => {
  const { metric, value, values = [value], histogram, histograms = histogram && [histogram] } = asRecord(row);
  return {
    labels: record(metric),
    samples: toSamples(list(values)),
    histograms: histograms === undefined ? undefined : toHistograms(list(histograms)),
  };
};

const toSamples = (pairs: readonly Json[]): Sample[] =>
  pairs.flatMap((pair): Sample[] => {
    const [time, value] = list(pair);
    return typeof time === 'number' && typeof value === 'string' ? [[time, value]] : [];
  });

const toHistograms = (pairs: readonly Json[]): HistogramSample[] =>
  pairs.flatMap((pair): HistogramSample[] => {
    const [time, value] = list(pair);
    const [count, sum] = [text(field(value, 'count')), text(field(value, 'sum'))];
    return typeof time === 'number' && count !== '' ? [[time, { count, sum }]] : [];
  });
