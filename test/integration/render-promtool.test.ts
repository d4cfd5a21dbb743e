import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { resolve } from '../../src/config/resolve.ts';
import { isServer } from '../../src/config/servers.ts';
import { jobNameRule } from '../../src/config/values.ts';
import { connect } from '../../src/docker/connect.ts';
import type { Engine } from '../../src/docker/engine.ts';
import { MonitorError } from '../../src/errors.ts';
import { renderPrometheusConfig } from '../../src/prometheus/render.ts';
import { resolveTargets } from '../../src/stack/resolve-targets.ts';
import { observed } from '../support/observed.ts';
import '../support/sandbox-context.ts';

const name = `render-test-${randomBytes(4).toString('hex')}`;
let engine: Engine;
let container = '';

beforeAll(async () => {
  engine = await connect({ env: process.env, homedir: homedir(), platform: process.platform });
  container = await engine.createContainer({
    name,
    image: inject('images').prometheus.image,
    entrypoint: ['/bin/sh'],
    command: ['-c', 'trap "exit 0" TERM; while :; do sleep 0.1; done'],
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
  await engine.startContainer(container);
});

afterAll(async () => {
  await engine.removeContainer(container);
  engine.close();
});

const CASES = 250;
/** Told in a failure, to run the same cases again. */
const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);

/** Text of every kind that a label or a job name may be made of, and that YAML or Prometheus could trip over. */
const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({
    unit: fc.constantFrom(
      '"',
      "'",
      '\\',
      '\n',
      '\t',
      '\r',
      ' ',
      ':',
      '#',
      '$',
      '{',
      '}',
      '%',
      '-',
      '?',
      '&',
      '*',
      '!',
      '|',
      '>',
      '@',
      '`',
      ',',
      '[',
      ']',
      '\u0085',
      '\u2028',
      '\ufeff',
      '\u007f',
      'é',
      '日',
      'a',
      '0',
    ),
    maxLength: 12,
  }),
  fc.constantFrom(
    '',
    'yes',
    'no',
    'null',
    '~',
    'true',
    '1.10',
    '0x1F',
    '1e3',
    '12:30:45',
    '2001-01-01',
    '<<',
    '=',
    '.inf',
    '.NaN',
    '\u0024{HOME}',
    '$1',
    '{{ $labels.x }}',
    '---',
    '...',
    '- a',
    'a: b',
  ),
);
const labelName = fc
  .stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,12}$/)
  .filter((n) => !n.startsWith('__') && n !== 'job' && n !== 'instance' && n !== '__proto__');
const jobName = fc
  .oneof(anyText, fc.stringMatching(/^[a-z]{1,8}$/))
  .filter((n) => jobNameRule(n) === undefined && !isServer(n));
const host = fc
  .oneof(
    fc.stringMatching(/^[a-z][a-z0-9_-]{0,10}[a-z0-9]$/),
    fc.ipV4(),
    fc.constantFrom('localhost', '127.0.0.1', '[::1]', '[fe80::1]', 'host.docker.internal'),
  )
  .filter((h) => h !== '0.0.0.0');
const duration = fc.oneof(
  fc.integer({ min: 1, max: 999 }).map((n) => `${n}s`),
  fc.constantFrom('1m', '1h30m', '500ms', '1d'),
);
const path = fc.oneof(
  fc.constant('/metrics'),
  fc.string({ unit: 'grapheme', maxLength: 12 }).map((p) => `/${p.replace(/[?#\s]/gu, '')}`),
);

const target = fc.record(
  {
    address: fc.tuple(host, fc.integer({ min: 1, max: 65_535 })).map(([h, p]) => `${h}:${p}`),
    job_name: jobName,
    metrics_path: path,
    scheme: fc.constantFrom('http', 'https'),
    scrape_interval: duration,
    labels: fc.dictionary(labelName, anyText, { maxKeys: 4 }),
  },
  { requiredKeys: ['address'] },
);

/** What Prometheus itself takes, with text of others wherever it allows it. */
const scrapeConfig = fc.record(
  {
    job_name: jobName,
    honor_labels: fc.boolean(),
    sample_limit: fc.nat(1000),
    params: fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), fc.array(anyText, { maxLength: 3 }), { maxKeys: 2 }),
    basic_auth: fc.record({ username: anyText, password: anyText }),
    static_configs: fc.array(
      fc.record({
        targets: fc.array(
          fc.integer({ min: 1, max: 9999 }).map((p) => `db:${p}`),
          { maxLength: 3 },
        ),
        labels: fc.dictionary(labelName, anyText, { maxKeys: 3 }),
      }),
      { maxLength: 3 },
    ),
    relabel_configs: fc.array(
      fc.record({
        source_labels: fc.array(labelName, { minLength: 1, maxLength: 2 }),
        separator: anyText,
        regex: fc.constantFrom('(.*)', 'a|b', '\\d+'),
        target_label: labelName,
        replacement: anyText,
      }),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: ['job_name'] },
);

const uniqueJobs = <T extends { job_name?: string }>(list: T[]): T[] =>
  list.filter((item, i) => list.findIndex((other) => other.job_name === item.job_name) === i);

/** monitor.yml as JSON, which is YAML; a file with clashes that `resolve` refuses is another test's. */
const file = fc
  .record({
    interval: duration,
    targets: fc.array(target, { maxLength: 5 }),
    configs: fc.array(scrapeConfig, { maxLength: 3 }).map(uniqueJobs),
  })
  .map(({ interval, targets, configs }) => ({
    version: 1,
    scrape_interval: interval,
    targets,
    scrape_configs: configs,
  }));

/** `undefined` for what clashes by chance, and is refused before it is rendered. */
const rendered = (written: object): string | undefined => {
  try {
    const config = resolve(JSON.stringify(written), 'monitor.yml');
    return renderPrometheusConfig(config, resolveTargets(config, observed()).targets);
  } catch (error) {
    if (error instanceof MonitorError) return undefined;
    throw error;
  }
};

const put = (files: Record<string, string>) =>
  engine.putFiles(
    container,
    Object.entries(files).map(([path, content]) => ({ path, content, mode: 0o644, uid: 0, gid: 0 })),
  );

const sh = (script: string) => engine.exec(container, ['sh', '-c', script], { timeoutMs: 60_000 });

it(`${CASES} random configurations are all accepted by promtool`, async () => {
  const files = fc
    .sample(file, { numRuns: CASES * 2, seed })
    .flatMap((written) => rendered(written) ?? [])
    .slice(0, CASES);
  expect(files.length, 'most random files have to be good ones').toBe(CASES);
  await put(Object.fromEntries(files.map((text, i) => [`/tmp/files/${i}.yml`, text])));
  const { stdout, exitCode } = await sh('cd /tmp/files; /bin/promtool check config --syntax-only *.yml 2>&1');
  const refused = stdout.split('\n').filter((line) => line.includes('FAILED'));
  const first = Number(/(\d+)\.yml/.exec(refused[0] ?? '')?.[1] ?? 0);
  expect(refused, `seed ${seed}\n${files[first]}`).toEqual([]);
  expect(exitCode, stdout.slice(0, 2000)).toBe(0);
  expect(stdout.match(/SUCCESS/g)).toHaveLength(CASES);
});

it('labels arrive in a real Prometheus as they were written, whatever they are made of', async () => {
  const labels = fc.sample(fc.dictionary(labelName, anyText, { maxKeys: 5 }), { numRuns: 200, seed });
  const targets = labels.map((own, i) => ({ address: `host${i}:80`, job_name: 'all', labels: own }));
  const text = rendered({ version: 1, scrape_interval: '1h', targets });
  await put({ '/tmp/all.yml': text ?? '' });
  const listen = '127.0.0.1:9099';
  const { stdout } = await sh(`
    /bin/prometheus --config.file=/tmp/all.yml --storage.tsdb.path=/tmp/data --web.listen-address=${listen} 2>/tmp/log &
    targets() { wget -q -O - 'http://${listen}/api/v1/targets?state=active'; }
    until targets | grep -q 'host199' || ! kill -0 $!; do sleep 0.1; done
    targets || cat /tmp/log
    kill $!`);
  const answer: { data: { activeTargets: { labels: Record<string, string> }[] } } = JSON.parse(stdout);
  const arrived = new Map(answer.data.activeTargets.map((t) => [t.labels['instance'], t.labels]));
  for (const { address, labels: written } of targets) {
    // An empty label is none, to Prometheus.
    const kept = Object.fromEntries(Object.entries(written).filter(([, value]) => value !== ''));
    expect(arrived.get(address), `seed ${seed}`).toEqual({ instance: address, job: 'all', ...kept });
  }
});
