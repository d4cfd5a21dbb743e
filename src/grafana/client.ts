import { HttpError, type Transport } from '../http.ts';
import { parseJson, textOf } from '../json.ts';
import { type AnnotationCalls, annotationCalls } from './annotations.ts';
import { type Connection, connectionTo, type GrafanaClientOptions } from './ask.ts';
import { type DashboardCalls, dashboardCalls } from './dashboards.ts';
import { type DatasourceCalls, datasourceCalls } from './datasources.ts';
import { type LibraryPanelCalls, libraryPanelCalls } from './library-panels.ts';
import { notGrafana, unanswered } from './refusal.ts';

export type { GrafanaClientOptions } from './ask.ts';
export type { DatasourceHealth } from './datasources.ts';

export interface GrafanaHealth {
  /** `13.2.3`; empty where the server hides it. */
  version: string;
  /** `ok` */
  database: string;
}

/**
 * The calls of Grafana's HTTP API that this program makes, as an administrator. Each fails with a MonitorError whose
 * code begins with `grafana-`, and with the signal's reason once that aborts.
 * Source: https://grafana.com/docs/grafana/latest/developers/http_api/, and answers recorded from 7.5.5, 9.4 and 12.4.3.
 */
export type GrafanaClient = DatasourceCalls &
  DashboardCalls &
  AnnotationCalls &
  LibraryPanelCalls &
  Pick<Connection, 'signedIn'>;

/** Of a server that is not up: no listener yet, a published port without one behind it, an address that no machine has. */
const NOT_UP = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'TIMEOUT'],
  ...['EADDRNOTAVAIL', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT'],
]);

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
    if (NOT_UP.has(error.code)) return undefined;
    throw unanswered(what, url, error);
  });
  if (response === undefined || response.status === 503) return undefined;
  const answer = parseJson(response.body);
  const database = textOf(answer, 'database');
  if (response.status !== 200 || database === '') throw notGrafana(what, url, response);
  return { version: textOf(answer, 'version'), database };
}

/** Only to be made once the server is up. */
export function grafanaClient(options: GrafanaClientOptions): GrafanaClient {
  const connection = connectionTo(options);
  return {
    signedIn: connection.signedIn,
    ...datasourceCalls(connection),
    ...dashboardCalls(connection),
    ...annotationCalls(connection),
    ...libraryPanelCalls(connection),
  };
}
