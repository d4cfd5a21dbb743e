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

export const field = (value: Json, name: string): Json =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
export const text = (value: Json): string => (typeof value === 'string' ? value : '');
export const list = (value: Json): Json[] => (Array.isArray(value) ? value : []);
export const texts = (value: Json): string[] => list(value).map(text);
export const record = (value: Json): Record<string, string> => {
  if (typeof value !== 'object' || value === null) return {};
  return isOfTexts(value) ? value : Object.fromEntries(Object.entries(value).map(([k, v]) => [k, String(v)]));
};

/** What Prometheus answers always is, so that thousands of series need no copies. */
const isOfTexts = (value: object): value is Record<string, string> =>
  Object.values(value).every((one) => typeof one === 'string');

/** How Prometheus writes "never". */
const NEVER = '0001-01-01T00:00:00Z';

export const toTarget = (row: Json): ActiveTarget => {
  const labels = record(field(row, 'labels'));
  const health = text(field(row, 'health'));
  const lastScrape = text(field(row, 'lastScrape'));
  return {
    job: labels['job'] ?? '',
    instance: labels['instance'] ?? '',
    scrapeUrl: text(field(row, 'scrapeUrl')),
    scrapeInterval: text(field(row, 'scrapeInterval')) || undefined,
    health: health === 'up' || health === 'down' ? health : 'unknown',
    lastError: text(field(row, 'lastError')),
    lastScrape: lastScrape === '' || lastScrape === NEVER ? undefined : lastScrape,
    lastScrapeDuration: Number(field(row, 'lastScrapeDuration')) || 0,
    labels,
    discovered: record(field(row, 'discoveredLabels')),
  };
};

export const toTargetMetadata = (row: Json): TargetMetadata => ({
  job: text(field(field(row, 'target'), 'job')),
  metric: text(field(row, 'metric')),
  type: text(field(row, 'type')),
  help: text(field(row, 'help')),
  unit: text(field(row, 'unit')),
});

/** The whole body of `/api/v1/query` or `/api/v1/query_range`. Source: Prometheus's "HTTP API", "Expression query result formats". */
export const toQueryResult = (body: Json): QueryResult => {
  const data = field(body, 'data');
  const result = field(data, 'result');
  const notices = { warnings: texts(field(body, 'warnings')), infos: texts(field(body, 'infos')) };
  const type = field(data, 'resultType');
  switch (type) {
    case 'scalar':
    case 'string':
      return { type, series: [{ labels: {}, samples: toSamples([result]) }], ...notices };
    case 'matrix':
      return { type, series: list(result).map(rangeSeries), ...notices };
    default:
      return { type: 'vector', series: list(result).map(instantSeries), ...notices };
  }
};

const instantSeries = (row: Json): Series => {
  const histogram = field(row, 'histogram');
  return {
    labels: record(field(row, 'metric')),
    samples: toSamples([field(row, 'value')]),
    histograms: histogram === undefined ? undefined : toHistograms([histogram]),
  };
};

const rangeSeries = (row: Json): Series => {
  const histograms = field(row, 'histograms');
  return {
    labels: record(field(row, 'metric')),
    samples: toSamples(list(field(row, 'values'))),
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
