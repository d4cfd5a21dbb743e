import { MonitorError } from '../errors.ts';
import { HttpError, type HttpResponse, type Transport } from '../http.ts';
import { parseJson } from '../json.ts';
import { type Account, notGrafana, passwordRefused, refused, unanswered, wordsOf } from './refusal.ts';
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
  /** The form of the answer; JSON where absent. */
  accept?: string;
  /** Milliseconds; absent: the transport's. */
  timeoutMs?: number;
}

/** Sends one request. `what` is for an error: `update the datasource "Prometheus"`. Any status but 401 is an answer. */
export type Ask = (what: string, method: string, path: string, options?: AskOptions) => Promise<HttpResponse>;

/** What the calls of one subject (datasources, dashboards, annotations) are made of. */
export interface Connection {
  ask: Ask;
  /**
   * Signs in for the time of `work`: a request with a password costs Grafana 15 ms of hashing it, one in a session 2 ms
   * (7.5.5). Where no session is given, as without a login form, the password goes along. Fails with `grafana-password`.
   */
  signedIn: <T>(work: () => Promise<T>) => Promise<T>;
  version: GrafanaVersion;
  /** An answer that no Grafana gives. */
  unexpected: (what: string, response: HttpResponse) => MonitorError;
}

/** As an administrator. After a refused password no call sends another request. What changes something goes in turn. */
export function connectionTo(options: GrafanaClientOptions): Connection {
  const { transport, user, password, signal, url, version } = options;
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  let wrongPassword: MonitorError | undefined;
  let written: Promise<unknown> = Promise.resolve();
  let session: string | undefined;

  const send: Ask = async (what, method, path, { body, accept = 'application/json', timeoutMs } = {}) => {
    // Five wrong passwords lock the user for five minutes, also for the person who knows the right one.
    if (wrongPassword !== undefined) throw wrongPassword;
    const json = body === undefined ? undefined : JSON.stringify(body);
    const credentials: Record<string, string> =
      session !== undefined && method === 'GET' ? { cookie: session } : { authorization };
    const headers = { accept, ...credentials };
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
  // Grafana's SQLite has one writer: 7.5.5 answers several at a time with 500, "database is locked".
  const ask: Ask = (what, method, path, request) => {
    if (method === 'GET') return send(what, method, path, request);
    const answer = written.then(() => send(what, method, path, request));
    written = answer.catch(() => undefined);
    return answer;
  };

  const signedIn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (wrongPassword !== undefined) throw wrongPassword;
    const answer = await signIn(options);
    if (answer !== undefined && isWrongPassword(answer)) {
      wrongPassword = passwordRefused(options, answer);
      throw wrongPassword;
    }
    const cookie = answer && cookiesOf(answer);
    if (cookie === undefined) return work();
    session = cookie;
    try {
      return await work();
    } finally {
      session = undefined;
      // Nothing waits for its end.
      transport({ method: 'GET', path: '/logout', headers: { cookie } }).catch(() => undefined);
    }
  };
  return { ask, signedIn, version, unexpected: (what, response) => notGrafana(what, url, response) };
}

/** Without an answer the request that follows says why. */
function signIn({ transport, user, password, signal }: GrafanaClientOptions): Promise<HttpResponse | undefined> {
  const request = {
    method: 'POST',
    path: '/login',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user, password }),
  };
  return transport(request, signal).catch(() => undefined);
}

/** A server without a login form answers 401 too, in other words. */
const isWrongPassword = (response: HttpResponse): boolean =>
  response.status === 401 && /username or password/i.test(wordsOf(response));

/** Those of a new session; undefined where the server gives none. */
const cookiesOf = ({ status, headers }: HttpResponse): string | undefined => {
  const cookies = status === 200 ? (headers['set-cookie'] ?? []) : [];
  return cookies.map((cookie) => cookie.split(';', 1)[0]).join('; ') || undefined;
};

/** What a successful answer says. Fails with Grafana's refusal. */
export function accepted(what: string, response: HttpResponse): unknown {
  if (response.status < 200 || response.status > 299) throw refused(what, response);
  return parseJson(response.body);
}

/** Changes something; what the answer says. Fails with Grafana's refusal. */
export const change = async (
  { ask }: Connection,
  what: string,
  method: string,
  path: string,
  body: unknown,
): Promise<unknown> => accepted(what, await ask(what, method, path, { body }));

/** What a path shows, as `read` has it: it answers undefined to what no Grafana writes. Undefined where nothing is there. */
export const find = async <T>(
  { ask, unexpected }: Connection,
  what: string,
  path: string,
  read: (answer: unknown) => T | undefined,
): Promise<T | undefined> => {
  const response = await ask(what, 'GET', path);
  if (response.status === 404) return undefined;
  const found = read(accepted(what, response));
  if (found === undefined) throw unexpected(what, response);
  return found;
};

/** All that a path lists, each as `read` has it. */
export const list = async <T>(
  { ask, unexpected }: Connection,
  what: string,
  path: string,
  read: (answer: unknown) => T | undefined,
): Promise<T[]> => {
  const response = await ask(what, 'GET', path);
  const answer = accepted(what, response);
  const found = Array.isArray(answer) ? answer.map(read) : [undefined];
  if (!found.every((one) => one !== undefined)) throw unexpected(what, response);
  return found;
};

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
