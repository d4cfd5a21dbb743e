import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { generatedDashboards } from '../../src/dashboards/generated.ts';
import { jobDraft } from '../../src/dashboards/job.ts';
import type { Dashboard } from '../../src/dashboards/model.ts';
import { servicesDraft } from '../../src/dashboards/services.ts';
import { connect } from '../../src/docker/connect.ts';
import type { Engine } from '../../src/docker/engine.ts';
import type { MetricFamily } from '../../src/metrics/family.ts';
import { type PrometheusClient, prometheusClient } from '../../src/prometheus/client.ts';
import { gatherFamilies } from '../../src/prometheus/metrics.ts';
import { eventually } from '../support/ask.ts';
import { docker } from '../support/engine-view.ts';
import '../support/sandbox-context.ts';

/** A real Prometheus scrapes what real libraries wrote, with counters that grow, and is asked all that is generated. */
const name = `generated-${randomBytes(4).toString('hex')}`;
const SERVER = `${name}-server`;
const fixtures = new URL('../fixtures/expositions/', import.meta.url);
const libraries = readdirSync(fixtures).map((file) => file.slice(0, -'.txt'.length));
let engine: Engine;
let prometheus: PrometheusClient;
let families: Map<string, MetricFamily[]>;
const refused: string[] = [];

const PROGRAM = `
const texts = JSON.parse(require('node:fs').readFileSync('/texts.json'));
const start = Date.now();
const grow = (text) => {
  const factor = 1 + (Date.now() - start) / 1000;
  const types = new Map([...text.matchAll(/^# TYPE (\\S+) (\\S+)/gm)].map(([, name, type]) => [name, type]));
  const isGrowing = (name) => types.get(name) === 'counter' || /histogram|summary/.test(types.get(name.replace(/_(bucket|sum|count)$/, '')));
  return text.replace(/^([^{\\s#]+)(\\{.*\\})? (\\S+)$/gm, (line, name, labels = '', value) =>
    isGrowing(name) ? name + labels + ' ' + Number(value) * factor : line);
};
require('node:http').createServer((q, r) => {
  r.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4' }).end(grow(texts[q.url.slice(1)]));
}).listen(9100);
process.on('SIGTERM', () => process.exit(0));
`;

beforeAll(async () => {
  engine = await connect({ env: process.env, homedir: homedir(), platform: process.platform });
  await docker.createNetwork({ Name: name });
  const texts = libraries.map((library) => [library, readFileSync(new URL(`${library}.txt`, fixtures), 'utf8')]);
  await run(
    SERVER,
    inject('images').node,
    ['node', '-e', PROGRAM],
    '/texts.json',
    JSON.stringify(Object.fromEntries(texts)),
  );
  const jobs = libraries.map(
    (job) => `- {job_name: ${job}, metrics_path: /${job}, static_configs: [{targets: ['${SERVER}:9100']}]}`,
  );
  const config = `global: {scrape_interval: 1s}\nscrape_configs:\n${jobs.join('\n')}\n`;
  const command = ['/bin/prometheus', '--config.file=/etc/libraries.yml', '--storage.tsdb.path=/tmp/data'];
  await run(name, inject('images').prometheus.image, command, '/etc/libraries.yml', config);
  const asked = prometheusClient(async ({ path, body }) => {
    const post = body === undefined ? [] : ['--post-data', `${body}`];
    const url = `http://127.0.0.1:9090${path}`;
    const { stdout, exitCode } = await engine.exec(name, ['wget', '-qO-', ...post, url], { timeoutMs: 20_000 });
    return { status: exitCode === 0 ? 200 : 400, headers: {}, body: stdout };
  });
  const query: PrometheusClient['query'] = (expression) =>
    asked.query(expression).catch((error: unknown) => {
      refused.push(expression);
      throw error;
    });
  prometheus = { ...asked, query };
  await eventually(async () => {
    const { series } = await asked.query('count by (job) (rate(process_start_time_seconds[5s]) or rate(up[5s]))');
    if (series.length < libraries.length) throw new Error('not all were scraped twice yet');
  }, 60_000);
  families = await gatherFamilies(prometheus);
});

afterAll(async () => {
  for (const made of [name, SERVER]) await engine.removeContainer(made).catch(() => undefined);
  await docker.getNetwork(name).remove();
  engine.close();
});

const run = async (container: string, image: string, command: string[], path: string, content: string) => {
  const id = await engine.createContainer({
    name: container,
    image,
    entrypoint: command,
    env: {},
    labels: { 'monitor.test.run': name },
    mounts: [],
    ports: [],
    network: { name, aliases: [] },
    extraHosts: [],
    restart: 'no',
    capDrop: [],
    securityOpt: [],
    logOptions: {},
  });
  await engine.putFiles(id, [{ path, content, mode: 0o644, uid: 0, gid: 0 }]);
  await engine.startContainer(id);
};

const queriesOf = ({ panels }: Dashboard): string[] =>
  panels
    .flatMap((panel) => (panel.type === 'row' ? panel.panels : [panel]))
    .flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
    .sort();

test('Prometheus accepts every query, and each panel of every library has data after two scrapes', async () => {
  const options = { stack: name, version: { major: 12 }, ours: { uid: 'prometheus', name: 'Prometheus' } };
  const dashboards = await generatedDashboards(prometheus, families, options);
  expect(refused).toEqual([]);
  const byTitle = new Map(dashboards.map(({ dashboard }) => [dashboard.title, dashboard]));
  const jobs = [...families].map(([job, own]) => ({ job, families: own }));
  const asked: [string, readonly string[]][] = [
    ['Services', servicesDraft(jobs, options).queries],
    ...jobs.map((job): [string, readonly string[]] => [`Job ${job.job}`, jobDraft(job, options).queries]),
  ];
  for (const [title, queries] of asked) {
    const dashboard = byTitle.get(title);
    expect([title, dashboard && [...new Set(queriesOf(dashboard))]]).toEqual([title, [...queries].sort()]);
  }
});
