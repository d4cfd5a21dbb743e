import { type JsonObject, objectAt, sortObject, stringAt } from './json.ts';
import type { Profile } from './profile.ts';
import type { State, StoredDatasource } from './state.ts';

/** The part of a datasource that a request body sets. */
export type DatasourceSettings = Omit<StoredDatasource, 'id' | 'version'>;

/** @param before the datasource that is updated: its uid and secrets stay where the body has none. */
export function settingsFrom(body: JsonObject, uid: string, before?: StoredDatasource): DatasourceSettings {
  return {
    uid,
    name: stringAt(body, 'name'),
    type: stringAt(body, 'type'),
    access: stringAt(body, 'access'),
    url: stringAt(body, 'url'),
    user: stringAt(body, 'user'),
    database: stringAt(body, 'database'),
    basicAuth: body.basicAuth === true,
    basicAuthUser: stringAt(body, 'basicAuthUser'),
    withCredentials: body.withCredentials === true,
    isDefault: body.isDefault === true,
    jsonData: sortObject(objectAt(body, 'jsonData')),
    secureJsonData: { ...before?.secureJsonData, ...secretsIn(objectAt(body, 'secureJsonData')) },
  };
}

function secretsIn(secureJsonData: JsonObject): Record<string, string> {
  return Object.fromEntries(Object.keys(secureJsonData).map((key) => [key, stringAt(secureJsonData, key)]));
}

/** A datasource as the API shows it: of its secrets only which ones are set. */
export function datasourceView(profile: Profile, datasource: StoredDatasource): JsonObject {
  const { id, uid, name, type, access, url, user, database, basicAuth, basicAuthUser } = datasource;
  const { withCredentials, isDefault, jsonData, secureJsonData, version } = datasource;
  const secureJsonFields = Object.fromEntries(Object.keys(secureJsonData).map((key) => [key, true]));
  return {
    ...{ id, uid, orgId: 1, name, type, typeLogoUrl: profile.datasourcePlugin ? logoOf(type) : '', access, url },
    ...(profile.datasourcePasswordFields ? { password: '' } : {}),
    ...{ user, database, basicAuth, basicAuthUser },
    ...(profile.datasourcePasswordFields ? { basicAuthPassword: '' } : {}),
    ...{ withCredentials, isDefault, jsonData, secureJsonFields, version, readOnly: false },
    ...(profile.datasourcePlugin ? { apiVersion: '' } : {}),
  };
}

const logoOf = (type: string): string => `public/plugins/${type}/img/${type}_logo.svg`;

/**
 * A datasource as the list shows it. Only an empty list was recorded: this is what a list entry and the single
 * datasource have in common.
 */
export function datasourceEntry(profile: Profile, datasource: StoredDatasource): JsonObject {
  const hidden = new Set(['basicAuthUser', 'basicAuthPassword', 'withCredentials', 'secureJsonFields', 'version']);
  return Object.fromEntries(Object.entries(datasourceView(profile, datasource)).filter(([key]) => !hidden.has(key)));
}

/** There is one default datasource: the last one that was made so. */
export function keepOneDefault(state: State, chosen: StoredDatasource): void {
  if (!chosen.isDefault) return;
  for (const datasource of state.datasources) datasource.isDefault = datasource.id === chosen.id;
}

/** Whether Grafana takes the text for a URL; one without scheme is taken for http. */
export function isUsableUrl(url: string): boolean {
  return url === '' || URL.canParse(/^[^/]*:\/\//.test(url) ? url : `http://${url}`);
}

export function targetUrl(datasource: StoredDatasource): URL {
  return new URL(/^[^/]*:\/\//.test(datasource.url) ? datasource.url : `http://${datasource.url}`);
}

/** The `Authorization` header for the datasource's server, where it has one. */
export function credentialsFor(datasource: StoredDatasource): string | undefined {
  if (!datasource.basicAuth) return undefined;
  const password = datasource.secureJsonData.basicAuthPassword ?? '';
  return `Basic ${Buffer.from(`${datasource.basicAuthUser}:${password}`).toString('base64')}`;
}
