import { MonitorError, mistake } from '../errors.ts';
import { HttpError, type Transport } from '../http.ts';
import { list, parseJson, text, texts } from '../json.ts';
import {
  type ActiveTarget,
  field,
  type Labels,
  type QueryResult,
  record,
  type TargetMetadata,
  toQueryResult,
  toTarget,
  toTargetMetadata,
} from './answers.ts';
import { withClock } from './clock.ts';

export type { ActiveTarget } from './answers.ts';

/** Unix times in seconds. */
export interface TimeRange {
  start: number;
  end: number;
}

/** A scrape that is not answered ends with its `scrape_timeout`, 10 s. */
export const AFTER_RELOAD_MS = 60_000;

export type PrometheusClient = ReturnType<typeof prometheusClient>;

/**
 * Prometheus's HTTP API (v1, the same fields from 2.42 to 3.x). Fails with `prometheus-unreachable`, `prometheus-starting` or
 * `prometheus-api`.
 */
export const prometheusClient = (given: Transport) => {
  const { transport, ahead } = withClock(given);
  const get = async (path: string, timeoutMs?: number): Promise<unknown> =>
    field(await answered(transport, { method: 'GET', path, timeoutMs }), 'data');
  const ask = async (path: string, expression: string, form: Form): Promise<QueryResult> =>
    toQueryResult(await answered(transport, posted(path, { query: expression, ...form }), expression));
  /** `/-/ready` says so; `false` while it starts, replays its log, or does not answer. */
  const ready = async (): Promise<boolean> => {
    try {
      const { status } = await transport({ method: 'GET', path: '/-/ready', timeoutMs: 5000 });
      return status === 200;
    } catch (error) {
      if (error instanceof HttpError) return false;
      throw error;
    }
  };
  return {
    ready,
    /** The loaded configuration, with every default written out. */
    loadedConfig: async (): Promise<string> => text(field(await get('/api/v1/status/config'), 'yaml')),
    /**
     * What it scrapes. After a reload it answers once it has ended the scrapes of the jobs that are gone, one after the
     * other: `AFTER_RELOAD_MS` is time for that.
     */
    targets: async (timeoutMs?: number): Promise<ActiveTarget[]> =>
      list(field(await get('/api/v1/targets?state=active', timeoutMs), 'activeTargets')).map(toTarget),
    /** The labels before relabelling of each target that relabelling drops. */
    droppedTargets: async (): Promise<Labels[]> =>
      list(field(await get('/api/v1/targets?state=dropped'), 'droppedTargets')).map((target) =>
        record(field(target, 'discoveredLabels')),
      ),
    /** `3.13.2` */
    version: async (): Promise<string> => text(field(await get('/api/v1/status/buildinfo'), 'version')),
    /** An expression at a time, by default now. Fails with `wrong-expression` or `query-failed` too. */
    query: (expression: string, time?: number) => ask('/api/v1/query', expression, { time }),
    /** An expression every `step` seconds of a range. Fails as `query` does. */
    queryRange: (expression: string, { start, end, step }: TimeRange & { step: number }) =>
      ask('/api/v1/query_range', expression, { start, end, step }),
    /** The labels, with `__name__`, of the series that any of the selectors matches within the range. */
    series: async (selectors: readonly string[], { start, end }: TimeRange): Promise<Labels[]> => {
      const request = posted('/api/v1/series', { 'match[]': selectors, start, end });
      return list(field(await answered(transport, request), 'data')).map(record);
    },
    /** Values of a label in the range; of the series that any of the selectors matches, where there are any. */
    labelValues: async (label: string, selectors: readonly string[], { start, end }: TimeRange): Promise<string[]> =>
      texts(await get(`/api/v1/label/${escapedLabel(label)}/values?${formText({ 'match[]': selectors, start, end })}`)),
    /** Names of labels, likewise. */
    labelNames: async (selectors: readonly string[], { start, end }: TimeRange): Promise<string[]> =>
      texts(await get(`/api/v1/labels?${formText({ 'match[]': selectors, start, end })}`)),
    /** What each target says of its metrics: one row a target and metric. */
    metadata: async (): Promise<TargetMetadata[]> => list(await get('/api/v1/targets/metadata')).map(toTargetMetadata),
    /** Milliseconds that its clock is ahead of this machine's; 0 for less than 3 s, and where it does not answer. */
    clockAhead: async (): Promise<number> => {
      if (ahead() === undefined) await ready();
      return ahead() ?? 0;
    },
  };
};

type Form = Readonly<Record<string, string | number | readonly string[] | undefined>>;
type Request = Parameters<Transport>[0];

const formText = (form: Form): string => {
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries(form)) {
    for (const one of [value].flat()) if (one !== undefined) fields.append(name, String(one));
  }
  return fields.toString();
};

/** A form in the body has no limit of length, as an address has. */
const posted = (path: string, form: Form): Request => ({
  method: 'POST',
  path,
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: formText(form),
});

/** A name that is not of the old kind is escaped as Prometheus 3 wants it: `U__` and each odd character as `_2e_`. */
const escapedLabel = (label: string): string => {
  if (/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label)) return label;
  const escaped = [...label].map((c) => {
    if (c === '_') return '__';
    return /[a-zA-Z0-9:]/.test(c) ? c : `_${c.codePointAt(0)?.toString(16)}_`;
  });
  return `U__${escaped.join('')}`;
};

/** The body of an answer with status 200. `expression`: what a refusal is about. */
const answered = async (transport: Transport, request: Request, expression?: string): Promise<unknown> => {
  const { method, path } = request;
  const response = await transport(request).catch((error: unknown) => {
    if (!(error instanceof HttpError)) throw error;
    throw new MonitorError({
      code: 'prometheus-unreachable',
      message: 'Prometheus does not answer',
      detail: [`${method} ${path}: ${error.message}`],
      suggestion: 'see `monitor logs prometheus`, or start the stack with `monitor up`',
      cause: error,
    });
  });
  const body = parseJson(response.body);
  // Prometheus has no metadata before the first scrape, and calls that not found.
  if (response.status === 200 || field(body, 'errorType') === 'not_found') return body;
  const refusal = expression === undefined ? undefined : queryRefusal(expression, body);
  if (refusal !== undefined) throw refusal;
  // Without JSON it is not the API that says so. Source: testReady in web/web.go.
  if (response.status === 503 && body === undefined) {
    throw new MonitorError({
      code: 'prometheus-starting',
      message: 'Prometheus is still starting: it reads its data first',
      suggestion: 'run the command again in a moment; `monitor logs prometheus` shows how far it is',
    });
  }
  throw new MonitorError({
    code: 'prometheus-api',
    message: `Prometheus refused ${method} ${path} with status ${response.status}`,
    detail: [response.body.trim().slice(0, 500)],
    suggestion: 'see `monitor logs prometheus`',
  });
};

/**
 * Prometheus's refusal of an expression, for a person: the line that it breaks at, with a caret below the place.
 * `wrong-expression` (exit code 2) where it cannot be evaluated as it is written, `query-failed` where Prometheus gave
 * up on it; `undefined` where the body is not such a refusal. Source of the error types: web/api/v1/api.go. Pure.
 */
const queryRefusal = (expression: string, body: unknown): MonitorError | undefined => {
  const type = text(field(body, 'errorType'));
  const words = text(field(body, 'error')).replace(/^invalid parameter "query": /, '');
  if (words === '') return undefined;
  if (type === 'bad_data' || type === 'execution') {
    const { reason, place } = placed(expression, words);
    return mistake({ code: 'wrong-expression', message: `The expression is wrong: ${reason}`, detail: place });
  }
  return new MonitorError({
    code: 'query-failed',
    message: `Prometheus gave up on the expression: ${words}`,
    detail: expression.split('\n'),
    suggestion: 'ask for a shorter range or fewer series',
  });
};

const PLACE = /^(?:(\d+):(\d+)|unknown position): parse error: ([\s\S]*)$/;

/** Prometheus counts lines and the bytes of a line, both from 1. Source: ParseErr in promql/parser/parse.go. */
const placed = (expression: string, words: string): { reason: string; place: string[] } => {
  const [, line, column, reason] = PLACE.exec(words) ?? [];
  // Each tab is one column, as the caret counts it.
  const written = expression.replaceAll('\t', ' ').split('\n');
  const at = written[Number(line) - 1];
  if (at === undefined || reason === undefined) return { reason: reason ?? words, place: written.filter(Boolean) };
  const before = Buffer.from(at)
    .subarray(0, Number(column) - 1)
    .toString();
  return { reason, place: [at, `${' '.repeat(before.length)}^`] };
};
