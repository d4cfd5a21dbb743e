import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import { Counter, collectDefaultMetrics, Histogram, type OpenMetricsContentType, Registry } from 'prom-client';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { dialectOf } from '../../src/detect/dialect.ts';
import { declaredFormat, parseExposition } from '../../src/detect/exposition.ts';
import { requestFor } from '../../src/detect/probe-exchange.ts';
import { connect } from '../../src/docker/connect.ts';
import type { Engine } from '../../src/docker/engine.ts';
import { eventually } from '../support/ask.ts';
import { docker } from '../support/engine-view.ts';
import { type Body, BY_HAND, withAccidents } from '../support/expositions.ts';
import { PROMETHEUS_VERSION } from '../support/prometheus-version.ts';
import '../support/sandbox-context.ts';

/**
 * What is taken for metrics is what this Prometheus takes for metrics: one Prometheus scrapes hundreds of bodies from one
 * server. SEED runs the same accidents again, ACCIDENTS that many.
 */
const name = `reads-as-${randomBytes(4).toString('hex')}`;
const SERVER = `${name}-server`;
const ACCIDENTS = Number(process.env['ACCIDENTS'] ?? 400);
const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
const version = PROMETHEUS_VERSION;
let engine: Engine;

const PROGRAM = `
const fs = require('node:fs');
const bodies = JSON.parse(fs.readFileSync('/bodies.json'));
require('node:http').createServer((q, r) => {
  if (q.url === '/0') fs.writeFileSync('/asked', q.rawHeaders.join('\\n'));
  const { bytes, contentType } = bodies[q.url.slice(1)];
  r.writeHead(200, contentType === '' ? {} : { 'Content-Type': contentType }).end(Buffer.from(bytes, 'base64'));
}).listen(9100, () => console.log('ready'));
process.on('SIGTERM', () => process.exit(0));
`;

/** What a real client library writes in both formats. */
const ofLibraries = async (all: boolean): Promise<Body[]> => {
  const text = new Registry();
  const openMetrics = new Registry<OpenMetricsContentType>();
  openMetrics.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  for (const registry of [text, openMetrics]) {
    if (all) collectDefaultMetrics({ register: registry });
    const labels = { name: 'jobs', help: 'Jobs\nof "köln" \\', labelNames: ['where'], registers: [registry] };
    new Counter(labels).inc({ where: 'a "quoted" \\ köln\n' });
    new Histogram({ ...labels, name: 'took_seconds' }).observe({ where: 'x' }, 0.3);
  }
  return [
    { bytes: Buffer.from(await text.metrics()), contentType: text.contentType },
    { bytes: Buffer.from(await openMetrics.metrics()), contentType: openMetrics.contentType },
  ];
};

/** `{a}` makes Prometheus 2.51 to 3.10 panic. */
const isSafe = ({ bytes }: Body): boolean =>
  !dialectOf(version).bareNameInBraces || !/\{[ \t]*[a-zA-Z_][ \t]*[,}]/.test(bytes.toString('latin1'));

let bodies: Body[] = [];
/** The error of each body's scrape; empty: none. */
let errors: string[] = [];

beforeAll(async () => {
  engine = await connect({ env: process.env, homedir: homedir(), platform: process.platform });
  const known = [...(await ofLibraries(true)), ...BY_HAND];
  const short = [
    ...(await ofLibraries(false)),
    ...BY_HAND.filter(({ bytes }) => bytes.length < 1000 && !bytes.includes(0)),
  ];
  bodies = [...known, ...withAccidents(short, ACCIDENTS, seed)].filter(isSafe);
  await docker.createNetwork({ Name: name });
  const json = bodies.map(({ bytes, contentType }) => ({ bytes: bytes.toString('base64'), contentType }));
  await run(SERVER, inject('images').node, ['node', '-e', PROGRAM], '/bodies.json', JSON.stringify(json));
  const targets = bodies.map(
    (_, n) => `  - {targets: ['${SERVER}:9100'], labels: {__metrics_path__: /${n}, case_: '${n}'}}`,
  );
  const config = `global: {scrape_interval: 3s, scrape_timeout: 3s}\nscrape_configs:\n- job_name: bodies\n  static_configs:\n${targets.join('\n')}\n`;
  const command = ['/bin/prometheus', '--config.file=/etc/bodies.yml', '--storage.tsdb.path=/tmp/data'];
  await run(name, inject('images').prometheus.image, command, '/etc/bodies.yml', config);
  errors = await eventually(scraped, 60_000);
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

const scraped = async (): Promise<string[]> => {
  const asked = ['wget', '-qO-', 'http://127.0.0.1:9090/api/v1/targets?state=active'];
  const { stdout } = await engine.exec(name, asked, { timeoutMs: 10_000 });
  const targets: { labels: { case_: string }; lastError: string; health: string }[] =
    JSON.parse(stdout).data.activeTargets;
  if (targets.length < bodies.length || targets.some(({ health }) => health === 'unknown')) throw new Error('not yet');
  // On a busy machine some come too late, and are asked again.
  if (targets.some(({ lastError }) => lastError.startsWith('Get '))) throw new Error('not all were asked in time');
  const byCase = new Map(targets.map(({ labels, lastError }) => [labels.case_, lastError]));
  return bodies.map((_, n) => byCase.get(`${n}`) ?? 'never scraped');
};

/** A sample that Prometheus drops for its time is not checked for labels that come twice. */
const isDroppedUnchecked = (read: ReturnType<typeof parseExposition>, bytes: Buffer): boolean =>
  !read.ok && read.reason.endsWith('comes twice') && /\} \S+ \d+$/m.test(bytes.toString('latin1'));

test(`hundreds of bodies are taken or refused as Prometheus ${version} takes or refuses them`, () => {
  const differences = bodies.flatMap(({ bytes, contentType }, n) => {
    const read = parseExposition(bytes, contentType, { version });
    const needsFallback =
      bytes.length > 0 && declaredFormat(contentType) === undefined && dialectOf(version).strictContentType;
    const isTaken = read.ok && !needsFallback;
    if (isTaken === (errors[n] === '') || isDroppedUnchecked(read, bytes)) return [];
    const body = JSON.stringify(bytes.toString('latin1')).slice(0, 2000);
    return [{ body, contentType, prometheus: errors[n]?.slice(0, 300), read: read.ok ? 'taken' : read.reason }];
  });
  expect(differences, `seed ${seed}`).toEqual([]);
  expect(errors.filter((error) => error === '').length, 'some are taken').toBeGreaterThan(bodies.length / 10);
  expect(errors.filter((error) => error !== '').length, 'some are refused').toBeGreaterThan(bodies.length / 10);
});

test('it is asked as this Prometheus asks', async () => {
  const { stdout } = await engine.exec(SERVER, ['cat', '/asked']);
  const raw = stdout.split('\n');
  const theirs = Object.fromEntries(raw.flatMap((key, n) => (n % 2 === 0 ? [[key, raw[n + 1]]] : [])));
  const lines = requestFor({ address: `${SERVER}:9100`, scheme: 'http', metrics_path: '/0' }, version)
    .split('\r\n')
    .slice(1, -2);
  const ours = Object.fromEntries(lines.map((line) => line.split(': ')));
  // A distribution's build has a suffix: 3.5.3+ds1.
  theirs['User-Agent'] = theirs['User-Agent']?.replace(/\+.*/, '');
  expect(ours).toEqual({ ...theirs, Connection: 'close', 'X-Prometheus-Scrape-Timeout-Seconds': '10' });
});
