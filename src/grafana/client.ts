import { MonitorError } from '../errors.ts';
import { HttpError, type HttpResponse, type Transport } from '../http.ts';
import { isObject, type JsonObject, parseJson, textOf } from './json.ts';
import type { Datasource, ObservedDatasource, OtherDatasource } from './model.ts';
import { type Account, notGrafana, passwordRefused, refused, unanswered, wordsOf } from './refusal.ts';
import { type GrafanaVersion, isAtLeast } from './version.ts';

export interface GrafanaHealth {
  /** `13.2.3`; empty where the server hides it. */
  version: string;
  /** `ok` */
  database: string;
}

export interface DatasourceHealth {
  ok: boolean;
  /** The server's own words. */
  message: string;
  /** `health`: Grafana's check of the datasource; `query`: a query through Grafana's proxy, where it has no such check. */
  how: 'health' | 'query';
}

/**
 * The calls of Grafana's HTTP API that this program makes, as an administrator. Each fails with a MonitorError whose
 * code begins with `grafana-`, and with the signal's reason once that aborts.
 * Source: https://grafana.com/docs/grafana/latest/developers/http_api/, and answers recorded from 7.5.5 and 9.4.
 */
export interface GrafanaClient {
  getDatasourceByUid(uid: string): Promise<ObservedDatasource | undefined>;
  listDatasources(): Promise<OtherDatasource[]>;
  createDatasource(datasource: Datasource): Promise<void>;
  /** Fails with `grafana-conflict` where somebody changed it since `current` was read. */
  updateDatasource(current: ObservedDatasource, datasource: Datasource): Promise<void>;
  /** Whether the datasource answers Grafana; that it does not is a result, not an error. */
  datasourceHealth(datasource: Pick<ObservedDatasource, 'id' | 'uid'>): Promise<DatasourceHealth>;
}

export interface GrafanaClientOptions extends Account {
  transport: Transport;
  password: string;
  /** Of the server, from its health. */
  version: GrafanaVersion;
  signal?: AbortSignal;
}

/** Answers of a server that is on its way up: no listener yet, or a published port without one behind it. */
const STARTING = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'TIMEOUT']);

/**
 * Asks without credentials whether Grafana is up and its database migrated; `undefined` while it is not.
 * Fails where something else answers (`grafana-answer`) or nothing can (`grafana-unreachable`). `url` is for these.
 */
export async function grafanaHealth(
  transport: Transport,
  url: string,
  signal?: AbortSignal,
): Promise<GrafanaHealth | undefined> {
  const what = 'tell its health';
  const request = { method: 'GET', path: '/api/health', timeoutMs: 2000 };
  const response = await transport(request, signal).catch((error: unknown) => {
    if (!(error instanceof HttpError)) throw error;
    if (STARTING.has(error.code)) return undefined;
    throw unanswered(what, url, error);
  });
  if (response === undefined || response.status === 503) return undefined;
  const answer = parseJson(response.body);
  const database = textOf(answer, 'database');
  if (response.status !== 200 || database === '') throw notGrafana(what, url, response);
  return { version: textOf(answer, 'version'), database };
}

/** Only to be made once the server is up. After a refused password no call sends another request. */
export function grafanaClient(options: GrafanaClientOptions): GrafanaClient {
  const ask = asker(options);
  // 9.0 has the routes by uid, 13.0 has no others.
  const byUid = isAtLeast(options.version, 9);
  const unexpected = (what: string, response: HttpResponse) => notGrafana(what, options.url, response);

  return {
    async getDatasourceByUid(uid) {
      const what = `show the datasource with uid "${uid}"`;
      const response = await ask(what, 'GET', `/api/datasources/uid/${encodeURIComponent(uid)}`);
      if (response.status === 404) return undefined;
      const datasource = toDatasource(accepted(what, response));
      if (datasource === undefined) throw unexpected(what, response);
      return datasource;
    },

    async listDatasources() {
      const what = 'list its datasources';
      const response = await ask(what, 'GET', '/api/datasources');
      const list = accepted(what, response);
      const datasources = Array.isArray(list) ? list.map(toOther) : [undefined];
      if (!datasources.every((one) => one !== undefined)) throw unexpected(what, response);
      return datasources;
    },

    async createDatasource(datasource) {
      const what = `create the datasource "${datasource.name}"`;
      accepted(what, await ask(what, 'POST', '/api/datasources', { body: datasource }));
    },

    async updateDatasource(current, datasource) {
      const what = `update the datasource "${current.name}"`;
      const route = byUid ? `uid/${encodeURIComponent(current.uid)}` : String(current.id);
      const body = { ...changeable(current.fields), ...datasource };
      accepted(what, await ask(what, 'PUT', `/api/datasources/${route}`, { body }));
    },

    async datasourceHealth({ id, uid }) {
      const what = 'ask its datasource';
      const name = encodeURIComponent(uid);
      if (byUid) {
        const response = await askThrough(ask, what, `/api/datasources/uid/${name}/health`);
        // Missing in a server without that route, and in one whose datasource plugin has no backend.
        if (response.status !== 404) return healthOf(response);
      }
      const route = byUid ? `uid/${name}` : String(id);
      return queryOf(await askThrough(ask, what, `/api/datasources/proxy/${route}/api/v1/query?query=up`));
    },
  };
}

interface AskOptions {
  body?: unknown;
  /** Milliseconds; absent: the transport's. */
  timeoutMs?: number;
}

type Ask = (what: string, method: string, path: string, options?: AskOptions) => Promise<HttpResponse>;

/** How long Grafana may hang on a connection to Prometheus that died with a network; milliseconds. */
const FIRST_PATIENCE_MS = 3000;

/**
 * A GET that Grafana passes on to Prometheus. It keeps connections, and does not see that one is dead until the request
 * on it is given up: then the next one takes a new connection.
 */
const askThrough = (ask: Ask, what: string, path: string): Promise<HttpResponse> =>
  ask(what, 'GET', path, { timeoutMs: FIRST_PATIENCE_MS }).catch((error: unknown) => {
    if (error instanceof MonitorError && error.code === 'grafana-timeout') return ask(what, 'GET', path);
    throw error;
  });

function asker(options: GrafanaClientOptions): Ask {
  const { transport, user, password, signal, url } = options;
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  let wrongPassword: MonitorError | undefined;

  return async (what, method, path, { body, timeoutMs } = {}) => {
    // Five wrong passwords lock the user for five minutes, also for the person who knows the right one.
    if (wrongPassword !== undefined) throw wrongPassword;
    const headers = { accept: 'application/json', authorization };
    const request = {
      method,
      path,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(body === undefined
        ? { headers }
        : { headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    };
    const response = await transport(request, signal).catch((error: unknown) => {
      throw error instanceof HttpError ? unanswered(what, url, error) : error;
    });
    if (response.status === 401) {
      wrongPassword = passwordRefused(options, response);
      throw wrongPassword;
    }
    return response;
  };
}

function accepted(what: string, response: HttpResponse): unknown {
  if (response.status < 200 || response.status > 299) throw refused(what, response);
  return parseJson(response.body);
}

function toDatasource(answer: unknown): ObservedDatasource | undefined {
  const other = toOther(answer);
  if (other === undefined || !isObject(answer)) return undefined;
  if (answer.id !== undefined && typeof answer.id !== 'number') return undefined;
  return {
    ...other,
    // Only servers before 9.0 are asked by it, and all of those tell it.
    id: answer.id ?? 0,
    readOnly: answer.readOnly === true,
    type: textOf(answer, 'type'),
    access: textOf(answer, 'access'),
    url: textOf(answer, 'url'),
    jsonData: isObject(answer.jsonData) ? answer.jsonData : {},
    fields: answer,
  };
}

function toOther(answer: unknown): OtherDatasource | undefined {
  const [uid, name] = [textOf(answer, 'uid'), textOf(answer, 'name')];
  if (!isObject(answer) || uid === '' || name === '') return undefined;
  return { uid, name, isDefault: answer.isDefault === true };
}

/**
 * What an update sends back: all but what only an answer has. `version` stays, by which the server notices somebody
 * else's change; secrets are not in it, and are kept where an update does not name them.
 */
function changeable(fields: JsonObject): JsonObject {
  const { id, orgId, typeName, typeLogoUrl, secureJsonFields, readOnly, accessControl, ...rest } = fields;
  return rest;
}

/** Source: grafana/grafana pkg/promlib/healthcheck.go: 200 `OK`, or 400 `ERROR` with the reason. */
function healthOf(response: HttpResponse): DatasourceHealth {
  const ok = response.status === 200 && textOf(parseJson(response.body), 'status') === 'OK';
  return { ok, message: wordsOf(response), how: 'health' };
}

function queryOf(response: HttpResponse): DatasourceHealth {
  const ok = response.status === 200 && textOf(parseJson(response.body), 'status') === 'success';
  return { ok, message: ok ? 'Prometheus answered a query through Grafana' : wordsOf(response), how: 'query' };
}
