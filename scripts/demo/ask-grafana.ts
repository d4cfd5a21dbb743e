import { setTimeout as sleep } from 'node:timers/promises';
import type { MonitorConfig } from '../../src/config/model.ts';
import type { Engine } from '../../src/docker/engine.ts';
import { grafanaHealth } from '../../src/grafana/client.ts';
import { isAtLeast, parseVersion } from '../../src/grafana/version.ts';
import type { Transport } from '../../src/http.ts';
import { transportsTo } from '../../src/stack/transports.ts';
import { stackUrls } from '../../src/stack/urls.ts';

const DEADLINE_MS = 60_000;
const POLL_MS = 1000;

export interface Sample {
  labels: Record<string, string>;
  value: string;
}

/**
 * What Prometheus answers to a query that is sent to Grafana, for its datasource, with the admin's password: the way a
 * panel of a dashboard goes. Asks again until there is a sample.
 *
 * @throws Error with the last answer when there is none after a minute.
 */
export async function askGrafana(
  engine: Engine,
  config: MonitorConfig,
  password: string,
  query: string,
): Promise<Sample[]> {
  const { grafana } = transportsTo(engine, config);
  const get = getWith(grafana, config, password);
  const health = await grafanaHealth(grafana, stackUrls(config, engine.endpoint).grafana);
  const path = `${await proxyPath(health?.version ?? '', get)}/api/v1/query?query=${encodeURIComponent(query)}`;
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const answer = await get(path);
    const samples = answer.status === 200 ? samplesOf(JSON.parse(answer.body)) : [];
    if (samples.length > 0) return samples;
    if (Date.now() > deadline) throw new Error(`Grafana answered ${answer.status} to ${path}:\n${answer.body}`);
    await sleep(POLL_MS);
  }
}

type Get = (path: string) => ReturnType<Transport>;

const getWith = (transport: Transport, { grafana }: MonitorConfig, password: string): Get => {
  const authorization = `Basic ${Buffer.from(`${grafana.admin_user}:${password}`).toString('base64')}`;
  return (path) => transport({ method: 'GET', path, headers: { authorization } });
};

/** Grafana 9 and later proxy by the datasource's uid, older ones by its number only. */
async function proxyPath(version: string, get: Get): Promise<string> {
  if (isAtLeast(parseVersion(version), 9)) return '/api/datasources/proxy/uid/prometheus';
  const { body } = await get('/api/datasources/uid/prometheus');
  const { id } = JSON.parse(body);
  return `/api/datasources/proxy/${id}`;
}

/** Source: https://prometheus.io/docs/prometheus/latest/querying/api/#instant-vectors */
function samplesOf({ data }: { data: { result: { metric: Record<string, string>; value: [number, string] }[] } }) {
  return data.result.map(({ metric, value: [, value] }) => ({ labels: metric, value }));
}
