import type { HttpResponse } from '../http.ts';
import { asRecord, isRecord, type JsonRecord, parseJson, textOf } from '../json.ts';
import { askThrough, type Connection, change, find, list } from './ask.ts';
import type { Datasource, ObservedDatasource, OtherDatasource } from './model.ts';
import { wordsOf } from './refusal.ts';
import { isAtLeast } from './version.ts';

export interface DatasourceHealth {
  ok: boolean;
  message: string;
  /** `health`: Grafana's check of the datasource; `query`: a query through Grafana's proxy, where it has no such check. */
  how: 'health' | 'query';
}

export interface ListedDatasource extends OtherDatasource {
  /** The plugin: `prometheus`, `loki`. */
  type: string;
}

export interface DatasourceCalls {
  getDatasourceByUid(uid: string): Promise<ObservedDatasource | undefined>;
  listDatasources(): Promise<ListedDatasource[]>;
  createDatasource(datasource: Datasource): Promise<void>;
  /** Fails with `grafana-conflict` where it was changed since `current` was read. */
  updateDatasource(current: ObservedDatasource, datasource: Datasource): Promise<void>;
  /** Whether the datasource answers Grafana; that it does not is a result, not an error. */
  datasourceHealth(datasource: Pick<ObservedDatasource, 'id' | 'uid'>): Promise<DatasourceHealth>;
}

export function datasourceCalls(connection: Connection): DatasourceCalls {
  const { ask, version } = connection;
  // 9.0 has the routes by uid, 13.0 has no others.
  const byUid = isAtLeast(version, 9);

  return {
    getDatasourceByUid: (uid) =>
      find(
        connection,
        `show the datasource with uid "${uid}"`,
        `/api/datasources/uid/${encodeURIComponent(uid)}`,
        toDatasource,
      ),

    listDatasources: () => list(connection, 'list its datasources', '/api/datasources', toOther),

    async createDatasource(datasource) {
      await change(connection, `create the datasource "${datasource.name}"`, 'POST', '/api/datasources', datasource);
    },

    async updateDatasource(current, datasource) {
      const route = byUid ? `uid/${encodeURIComponent(current.uid)}` : String(current.id);
      const body = { ...changeable(current.fields), ...datasource };
      await change(connection, `update the datasource "${current.name}"`, 'PUT', `/api/datasources/${route}`, body);
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

function toDatasource(answer: unknown): ObservedDatasource | undefined {
  const other = toOther(answer);
  if (other === undefined || !isRecord(answer)) return undefined;
  if (answer.id !== undefined && typeof answer.id !== 'number') return undefined;
  return {
    ...other,
    // Only servers before 9.0 are asked by it, and all of those tell it.
    id: answer.id ?? 0,
    readOnly: answer.readOnly === true,
    access: textOf(answer, 'access'),
    url: textOf(answer, 'url'),
    jsonData: asRecord(answer.jsonData),
    fields: answer,
  };
}

function toOther(answer: unknown): ListedDatasource | undefined {
  const [uid, name] = [textOf(answer, 'uid'), textOf(answer, 'name')];
  if (!isRecord(answer) || uid === '' || name === '') return undefined;
  return { uid, name, type: textOf(answer, 'type'), isDefault: answer.isDefault === true };
}

/**
 * What an update sends back: all but what only an answer has. `version` stays, by which the server notices somebody
 * else's change; secrets are not in it, and are kept where an update does not name them.
 */
function changeable(fields: JsonRecord): JsonRecord {
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
