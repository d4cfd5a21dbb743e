import { MonitorError } from '../errors.ts';
import { HttpError, type HttpResponse, type Transport } from '../http.ts';
import { parseJson } from './json.ts';
import { type Account, notGrafana, passwordRefused, refused, unanswered } from './refusal.ts';
import type { GrafanaVersion } from './version.ts';

export interface GrafanaClientOptions extends Account {
  transport: Transport;
  password: string;
  /** Of the server, from its health. */
  version: GrafanaVersion;
  signal?: AbortSignal;
}

interface AskOptions {
  body?: unknown;
  /** Milliseconds; absent: the transport's. */
  timeoutMs?: number;
}

/** Sends one request. `what` is for an error: `update the datasource "Prometheus"`. Any status but 401 is an answer. */
export type Ask = (what: string, method: string, path: string, options?: AskOptions) => Promise<HttpResponse>;

/** What the calls of one subject (datasources, dashboards, annotations) are made of. */
export interface Connection {
  ask: Ask;
  version: GrafanaVersion;
  /** An answer that no Grafana gives. */
  unexpected: (what: string, response: HttpResponse) => MonitorError;
}

/** As an administrator. After a refused password no call sends another request. */
export function connectionTo(options: GrafanaClientOptions): Connection {
  const { transport, user, password, signal, url, version } = options;
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  let wrongPassword: MonitorError | undefined;

  const ask: Ask = async (what, method, path, { body, timeoutMs } = {}) => {
    // Five wrong passwords lock the user for five minutes, also for the person who knows the right one.
    if (wrongPassword !== undefined) throw wrongPassword;
    const json = body === undefined ? undefined : JSON.stringify(body);
    const headers = { accept: 'application/json', authorization };
    const typed = json === undefined ? headers : { ...headers, 'content-type': 'application/json' };
    const request = { method, path, timeoutMs, headers: typed, body: json };
    const response = await transport(request, signal).catch((error: unknown) => {
      throw error instanceof HttpError ? unanswered(what, url, error) : error;
    });
    if (response.status === 401) {
      wrongPassword = passwordRefused(options, response);
      throw wrongPassword;
    }
    return response;
  };
  return { ask, version, unexpected: (what, response) => notGrafana(what, url, response) };
}

/** What a successful answer says. Fails with Grafana's refusal. */
export function accepted(what: string, response: HttpResponse): unknown {
  if (response.status < 200 || response.status > 299) throw refused(what, response);
  return parseJson(response.body);
}

/** How long Grafana may hang on a connection to Prometheus that died with a network; milliseconds. */
const FIRST_PATIENCE_MS = 3000;

/**
 * A GET that Grafana passes on to Prometheus. It keeps connections, and does not see that one is dead until the request
 * on it is given up: then the next one takes a new connection.
 */
export const askThrough = (ask: Ask, what: string, path: string): Promise<HttpResponse> =>
  ask(what, 'GET', path, { timeoutMs: FIRST_PATIENCE_MS }).catch((error: unknown) => {
    if (error instanceof MonitorError && error.code === 'grafana-timeout') return ask(what, 'GET', path);
    throw error;
  });
