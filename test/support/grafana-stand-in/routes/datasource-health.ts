import { type Answer, failure, json, noSuchRoute } from '../answer.ts';
import { credentialsFor, targetUrl } from '../datasource.ts';
import { type Call, type Context, type Route, route } from '../router.ts';
import type { StoredDatasource } from '../state.ts';
import { byId, byUid, noSuchDatasource } from './datasources.ts';

const queryTimeoutMs = 10_000;

export const datasourceHealthRoutes: readonly Route[] = [
  route('GET', '/api/datasources/uid/:uid/health', healthByUid),
  route('GET', '/api/datasources/:id/health', healthById),
];

function healthById({ profile, store }: Context, call: Call): Answer | Promise<Answer> {
  if (!profile.datasourceByNumericId) return noSuchRoute();
  if (profile.datasourceHealth === 'queries Prometheus') {
    return healthOf(store.read().datasources.find(byId(call.params.id)));
  }
  if (profile.datasourceHealth === 'plugin not found') return json(404, { message: 'Plugin not found' });
  return failure(profile, 404, 'Not found');
}

function healthByUid({ profile, store }: Context, call: Call): Answer | Promise<Answer> {
  if (!profile.datasourceByUid) return noSuchRoute();
  if (profile.datasourceHealth !== 'queries Prometheus') return failure(profile, 404, 'Not found');
  return healthOf(store.read().datasources.find(byUid(call.params.uid)));
}

const healthOf = (datasource: StoredDatasource | undefined): Answer | Promise<Answer> =>
  datasource ? queryPrometheus(datasource) : noSuchDatasource();

/** Recorded from 12.4.3, of a Prometheus without rules. */
const details = { application: 'Prometheus', features: { rulerApiEnabled: false } };

/** Source: grafana/grafana pkg/promlib/healthcheck.go: the query `1+1`, and an HTTP 400 where it fails. */
async function queryPrometheus(datasource: StoredDatasource): Promise<Answer> {
  const problem = await ask(datasource).catch(reason);
  if (!problem) return json(200, { details, message: 'Successfully queried the Prometheus API.', status: 'OK' });
  const message = `${problem} - There was an error returned querying the Prometheus API.`;
  return json(400, { message, status: 'ERROR' });
}

async function ask(datasource: StoredDatasource): Promise<string | undefined> {
  const base = targetUrl(datasource).href.replace(/\/+$/, '');
  const authorization = credentialsFor(datasource);
  const response = await fetch(`${base}/api/v1/query?query=1%2B1`, {
    headers: authorization ? { authorization } : {},
    signal: AbortSignal.timeout(queryTimeoutMs),
  });
  await response.arrayBuffer();
  return response.ok ? undefined : `the server answered ${response.status}`;
}

/** `fetch` hides what went wrong behind the cause of its error. */
function reason(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return inner instanceof Error ? inner.message : String(inner);
}
