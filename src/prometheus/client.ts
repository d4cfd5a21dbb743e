import { MonitorError } from '../errors.ts';
import { HttpError, type Transport } from '../http.ts';

/** A row of `/api/v1/targets`. */
export interface ActiveTarget {
  job: string;
  instance: string;
  /** `http://events:9100/metrics` */
  scrapeUrl: string;
  health: 'up' | 'down' | 'unknown';
  /** Empty where the last scrape went well, or none was made yet. */
  lastError: string;
  /** RFC 3339; absent before the first scrape. */
  lastScrape?: string;
  /** Seconds. */
  lastScrapeDuration: number;
  labels: Record<string, string>;
}

export interface PrometheusClient {
  /** `/-/ready` says so; `false` while it starts, replays its log, or does not answer. */
  ready(): Promise<boolean>;
  /** `/api/v1/status/config`: the loaded configuration, with every default written out. */
  loadedConfig(): Promise<string>;
  targets(): Promise<ActiveTarget[]>;
  /** `3.13.2` */
  version(): Promise<string>;
}

/** Prometheus's HTTP API (v1, the same fields from 2.42 to 3.x). Fails with `prometheus-unreachable` or `prometheus-api`. */
export const prometheusClient = (transport: Transport): PrometheusClient => {
  const get = (path: string): Promise<Json> => getData(transport, path);
  return {
    ready: async () => {
      try {
        const { status } = await transport({ method: 'GET', path: '/-/ready', timeoutMs: 5000 });
        return status === 200;
      } catch (error) {
        if (error instanceof HttpError) return false;
        throw error;
      }
    },
    loadedConfig: async () => text(field(await get('/api/v1/status/config'), 'yaml')),
    targets: async () => list(field(await get('/api/v1/targets?state=active'), 'activeTargets')).map(toTarget),
    version: async () => text(field(await get('/api/v1/status/buildinfo'), 'version')),
  };
};

type Json = unknown;

const getData = async (transport: Transport, path: string): Promise<Json> => {
  const response = await transport({ method: 'GET', path }).catch((error: unknown) => {
    if (!(error instanceof HttpError)) throw error;
    throw new MonitorError({
      code: 'prometheus-unreachable',
      message: 'Prometheus does not answer',
      detail: [`GET ${path}: ${error.message}`],
      suggestion: 'see `monitor logs prometheus`, and `monitor up` to bring the stack up',
      cause: error,
    });
  });
  if (response.status === 200) return field(parse(response.body), 'data');
  throw new MonitorError({
    code: 'prometheus-api',
    message: `Prometheus refused GET ${path} with status ${response.status}`,
    detail: [response.body.trim().slice(0, 500)],
    suggestion: 'see `monitor logs prometheus`',
  });
};

const parse = (body: string): Json => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};

const field = (value: Json, name: string): Json =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
const text = (value: Json): string => (typeof value === 'string' ? value : '');
const list = (value: Json): Json[] => (Array.isArray(value) ? value : []);
const record = (value: Json): Record<string, string> =>
  typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, String(v)]))
    : {};

/** How Prometheus writes "never". */
const NEVER = '0001-01-01T00:00:00Z';

const toTarget = (row: Json): ActiveTarget => {
  const labels = record(field(row, 'labels'));
  const health = text(field(row, 'health'));
  const lastScrape = text(field(row, 'lastScrape'));
  return {
    job: labels['job'] ?? '',
    instance: labels['instance'] ?? '',
    scrapeUrl: text(field(row, 'scrapeUrl')),
    health: health === 'up' || health === 'down' ? health : 'unknown',
    lastError: text(field(row, 'lastError')),
    ...(lastScrape === '' || lastScrape === NEVER ? {} : { lastScrape }),
    lastScrapeDuration: Number(field(row, 'lastScrapeDuration')) || 0,
    labels,
  };
};
