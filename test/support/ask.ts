import { setTimeout as sleep } from 'node:timers/promises';
import type { TestStack } from './stack.ts';

/** Tries until `check` no longer throws; then gives its result, or throws its last error after `timeoutMs`. */
export const eventually = async <T>(check: () => Promise<T>, timeoutMs = 20_000): Promise<T> => {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(50);
    }
  }
};

interface Sample {
  metric: Record<string, string>;
  value: number;
}

/** The samples of an instant query, asked of Prometheus itself. */
export const query = async ({ prometheus }: TestStack, expression: string): Promise<Sample[]> => {
  const response = await fetch(`${prometheus.url}/api/v1/query?query=${encodeURIComponent(expression)}`);
  return samplesIn(await response.json());
};

/** The value of the one sample that a query has to give. */
export const sampleOf = async (stack: TestStack, expression: string): Promise<number> => {
  const [sample, ...rest] = await query(stack, expression);
  if (sample === undefined || rest.length > 0)
    throw new Error(`${expression} gave ${rest.length + (sample ? 1 : 0)} samples`);
  return sample.value;
};

/** The instances of a job, as Prometheus lists its targets, with what it dials. */
export const targetsOf = async ({
  prometheus,
}: TestStack): Promise<{ job: string; instance: string; url: string }[]> => {
  const answer: unknown = await (
    await fetch(`${prometheus.url}/api/v1/targets?state=active`, { signal: AbortSignal.timeout(5000) })
  ).json();
  return list(at(answer, 'data', 'activeTargets')).map((target) => ({
    job: String(at(target, 'labels', 'job')),
    instance: String(at(target, 'labels', 'instance')),
    url: String(at(target, 'scrapeUrl')),
  }));
};

/** What Prometheus says it has loaded. */
export const loadedConfig = async ({ prometheus }: TestStack): Promise<string> =>
  String(at(await (await fetch(`${prometheus.url}/api/v1/status/config`)).json(), 'data', 'yaml'));

export interface GrafanaAnswer {
  status: number;
  body: unknown;
}

/** One request to Grafana, with the stack's own password unless another is given. */
export const askGrafana = async (
  stack: TestStack,
  path: string,
  { method = 'GET', body, password }: { method?: string; body?: unknown; password?: string } = {},
): Promise<GrafanaAnswer> => {
  const secret = password ?? stack.stateFile('grafana-admin-password').trim();
  const response = await fetch(`${stack.grafana.url}${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`admin:${secret}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
};

/** The datasource that the stack's Grafana has under our uid. */
export const datasource = async (stack: TestStack): Promise<Record<string, unknown>> => {
  const { status, body } = await askGrafana(stack, '/api/datasources/uid/prometheus');
  if (status !== 200) throw new Error(`Grafana has no datasource: HTTP ${status}`);
  return record(body);
};

/** A query through Grafana's proxy to its datasource, by the route that this version has. */
export const queryThroughGrafana = async (stack: TestStack, expression: string): Promise<Sample[]> => {
  const route = (await grafanaMajor(stack)) >= 9 ? 'uid/prometheus' : String((await datasource(stack))['id']);
  const path = `/api/datasources/proxy/${route}/api/v1/query?query=${encodeURIComponent(expression)}`;
  return samplesIn((await askGrafana(stack, path)).body);
};

/** Changes the datasource as a person does in the form, by the route that this version has. */
export const changeDatasource = async (stack: TestStack, changes: Record<string, unknown>): Promise<void> => {
  const now = await datasource(stack);
  const route = (await grafanaMajor(stack)) >= 9 ? 'uid/prometheus' : String(now['id']);
  const { status, body } = await askGrafana(stack, `/api/datasources/${route}`, {
    method: 'PUT',
    body: { ...now, ...changes },
  });
  if (status !== 200) throw new Error(`Grafana did not change it: HTTP ${status} ${JSON.stringify(body)}`);
};

const grafanaMajor = async ({ grafana }: TestStack): Promise<number> =>
  Number.parseInt(String(at(await (await fetch(`${grafana.url}/api/health`)).json(), 'version')), 10);

const samplesIn = (answer: unknown): Sample[] =>
  list(at(answer, 'data', 'result')).map((row) => ({
    metric: Object.fromEntries(Object.entries(record(at(row, 'metric'))).map(([k, v]) => [k, String(v)])),
    value: Number(list(at(row, 'value'))[1]),
  }));

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const at = (value: unknown, ...path: string[]): unknown => path.reduce((v, key) => record(v)[key], value);
