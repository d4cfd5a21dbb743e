import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { assemble } from '../../src/detect/assemble.ts';
import type { Verdict } from '../../src/detect/classify.ts';
import { recognize } from '../../src/detect/recognize.ts';
import { beforeAsking } from '../../src/detect/survey.ts';
import { connect } from '../../src/docker/connect.ts';
import type { Container, Engine } from '../../src/docker/engine.ts';
import { renderPrometheusConfig } from '../../src/prometheus/render.ts';
import { container, tcp } from '../support/containers.ts';
import { attached, config, network } from '../support/observed.ts';
import { prometheusIsAtLeast } from '../support/prometheus-version.ts';
import { wildText } from '../support/wild-text.ts';
import '../support/sandbox-context.ts';

/** Whatever labels containers carry, a real promtool takes the prometheus.yml that is made of them. */
const name = `detect-promtool-${randomBytes(4).toString('hex')}`;
let engine: Engine;
let id = '';

beforeAll(async () => {
  engine = await connect({ env: process.env, homedir: homedir(), platform: process.platform });
  id = await engine.createContainer({
    name,
    image: inject('images').prometheus.image,
    entrypoint: ['/bin/sh', '-c', 'trap "exit 0" TERM; sleep 600 & wait'],
    env: {},
    labels: { 'monitor.test.run': name },
    mounts: [],
    ports: [],
    network: { name: 'none', aliases: [] },
    extraHosts: [],
    restart: 'no',
    capDrop: [],
    securityOpt: [],
    logOptions: {},
  });
  await engine.startContainer(id);
});
afterAll(async () => {
  if (id !== '') await engine.removeContainer(id);
  engine.close();
});

const FILES = 100;
/** Told in a failure, to run the same cases again. */
const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);

const LABELS = [
  ...['scrape', 'port', 'path', 'scheme', 'job'].map((n) => `prometheus.io/${n}`),
  ...['prometheus-job', 'prometheus_job', 'prometheus_scrape_interval', 'prometheus_scrape_timeout'],
  ...['metrics.path', 'metrics.port', 'service-discover.port.9200', 'prometheus-scrape.metrics_path'],
  ...['com.docker.compose.project', 'com.docker.compose.service'],
];
const value = fc.oneof(
  wildText(40),
  fc.constantFrom(
    '9100',
    '9100,9200/a b',
    '9100/%zz,9100/ü',
    '/m',
    '/a?b=c',
    'https',
    'true',
    '1s',
    '5m',
    '9999d',
    '10s',
  ),
  fc.constantFrom('yes', 'null', '~', '1e3', '- a', 'a: b', '\u0024{HOME}', '{{ $x }}', '<<', '%', "'", '"', '`', '@x'),
  fc.constantFrom('prometheus', 'grafana', 'taken', 'a', 'a', 'b'),
  fc.constantFrom(`x${'y'.repeat(100_000)}`, `9100${',9100'.repeat(20_000)}`, '\n'.repeat(1000)),
);
const good: Verdict = { ok: true, format: 'text', metrics: 1, samples: 1 };
const fallbacks: Verdict[] = [
  { ...good, fallback: 'PrometheusText0.0.4' },
  { ...good, format: 'openmetrics', fallback: 'OpenMetricsText1.0.0' },
];
const verdict = fc.constantFrom<Verdict[]>(good, ...(prometheusIsAtLeast(3, 0) ? fallbacks : []));
const aContainer = fc.record({
  labels: fc.dictionary(fc.constantFrom(...LABELS), value, { maxKeys: 8 }),
  verdict,
  ports: fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }), { maxLength: 3 }),
  on: fc.constantFrom('app', 'bridge', 'monitoring'),
});

const rendered = (containers: readonly Container[], verdicts: readonly Verdict[]): string => {
  const settings = config('scrape_configs:', '  - {job_name: taken, static_configs: [{targets: ["a:1"]}]}');
  const networks = ['app', 'bridge', 'monitoring'].map((n) => network(n));
  const recognized = recognize(containers, () => false);
  const surveyed = beforeAsking(recognized.candidates, { containers, networks }, 'monitoring').map((s, i) => ({
    ...s,
    verdict: verdicts[i % verdicts.length] ?? good,
  }));
  const { targets } = assemble({
    recognized,
    surveyed,
    configured: [],
    takenJobs: ['taken'],
    scraped: new Set<string>(),
  });
  return renderPrometheusConfig(settings, targets);
};

test(`${FILES} engines full of containers with wild labels`, async () => {
  const engines = fc.sample(fc.array(aContainer, { minLength: 1, maxLength: 12 }), { numRuns: FILES, seed });
  const texts = engines.map((parts) =>
    rendered(
      parts.map(({ labels, ports, on }, i) =>
        container(`c${i}`, { labels, ports: tcp(...ports), networkMode: on, networks: [attached(on)] }),
      ),
      parts.map((p) => p.verdict),
    ),
  );
  expect(texts.filter((text) => text.includes('container:')).length, 'most of them have targets').toBeGreaterThan(
    FILES / 2,
  );
  await engine.putFiles(
    id,
    texts.map((content, i) => ({ path: `/tmp/files/${i}.yml`, content, mode: 0o644, uid: 0, gid: 0 })),
  );
  const script = 'cd /tmp/files; /bin/promtool check config --syntax-only *.yml 2>&1';
  const { stdout, exitCode } = await engine.exec(id, ['sh', '-c', script], { timeoutMs: 60_000 });
  const failures = stdout.split('\n').filter((line) => line.includes('FAILED'));
  expect(failures, `seed ${seed}`).toEqual([]);
  expect(exitCode, `seed ${seed}: ${stdout.slice(0, 2000)}`).toBe(0);
  expect(stdout.match(/SUCCESS/g)).toHaveLength(FILES);
});
