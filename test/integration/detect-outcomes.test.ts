import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { ReportOf } from '../../src/output/report.ts';
import { eventually, query, targetsOf } from '../support/ask.ts';
import { type DetectLab, detectLab, serving } from '../support/detect-lab.ts';
import { docker, networksOf } from '../support/engine-view.ts';
import { freePorts } from '../support/stack.ts';

/** What becomes of each kind of container, on the real engine: one `up`, and a look at every row of it. */
let lab: DetectLab;
let report: ReportOf<'detect'>;
let notices: string[];
let hostPort = 0;

const idle = 'trap "exit 0" TERM; sleep 1000 & wait';
const compose = { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'web' };
const LONG = `long-${'x'.repeat(80)}`;
const ODD = 'Odd_name.with--all-.of_It';

/** The labels in use, each on a container of its own: what it is scraped as. */
const ALIASES: Record<string, { labels: Record<string, string>; job?: string; port?: number; path?: string }> = {
  ours: {
    labels: {
      'prometheus.io/scrape': 'true',
      'prometheus.io/port': '9200',
      'prometheus.io/path': '/a',
      'prometheus.io/scheme': 'http',
      'prometheus.io/job': 'job-a',
    },
    job: 'job-a',
    port: 9200,
    path: '/a',
  },
  agent: {
    labels: {
      'metrics.agent.grafana.com/scrape': 'true',
      'metrics.agent.grafana.com/port': '9200',
      'metrics.agent.grafana.com/path': '/b',
    },
    port: 9200,
    path: '/b',
  },
  dotted: {
    labels: {
      'prometheus.scrape': 'true',
      'prometheus.port': '9200',
      'prometheus.path': '/c',
      'prometheus.job': 'job-c',
    },
    job: 'job-c',
    port: 9200,
    path: '/c',
  },
  underscored: {
    labels: { prometheus_job: 'job-d', prometheus_scrape_port: '9200', prometheus_scrape_path: '/d' },
    job: 'job-d',
    port: 9200,
    path: '/d',
  },
  dashed: {
    labels: {
      'prometheus-scrape.enabled': 'true',
      'prometheus-scrape.port': '9200',
      'prometheus-scrape.metrics_path': '/e',
      'prometheus-scrape.job_name': 'job-e',
    },
    job: 'job-e',
    port: 9200,
    path: '/e',
  },
  'job-only': { labels: { 'prometheus-job': 'job-f' }, job: 'job-f' },
  metrics: {
    labels: { 'metrics.job': 'job-g', 'metrics.port': '9200', 'metrics.path': '/g' },
    job: 'job-g',
    port: 9200,
    path: '/g',
  },
  discover: { labels: { 'service-discover.port.9200': '/h' }, port: 9200, path: '/h' },
};

/** An application with its metrics at no path that is asked. */
const NOT_FOUND = `PORTS=9100
trap 'exit 0' TERM
cat >/serve <<'END'
while read -r line && [ "$line" != "$(printf '\\r')" ]; do :; done
printf 'HTTP/1.0 404 Not Found\\r\\n\\r\\n{}'
END
nc -ll -p $PORTS -e sh /serve &
echo ready
wait
`;

const outcomesOf = (short: string) =>
  lab.rowsOf(report, short).map(({ port, verdict, code }) => [port, verdict, code].filter((x) => x !== undefined));

beforeAll(async () => {
  lab = await detectLab({ what: 'outcomes' });
  [hostPort = 0] = await freePorts(1);
  await Promise.all(['a', 'b'].map((name) => lab.network(name)));
  await lab.network('inner', { Internal: true });
  await lab.run({ name: 'owner', expose: [9100] });
  const quiet = { sh: idle };
  await Promise.all([
    lab.run({ name: 'list', sh: serving(9100, 9200), labels: { 'prometheus.io/port': '9100,9200/custom/metrics' } }),
    lab.run({ name: 'image', image: await imageNamed('node-exporter'), expose: [8080] }),
    lab.run({ name: 'exposed', expose: [9100] }),
    lab.run({ name: 'inner', expose: [9100], networks: ['inner'] }),
    lab.run({ name: 'several', expose: [9100], networks: ['b', 'a'] }),
    ...[1, 2, 3].map((n) => lab.run({ name: `web-${n}`, expose: [9100], labels: compose })),
    lab.run({ name: 'guest', mode: 'container:owner', sh: serving(9101), labels: { 'prometheus.io/port': '9101' } }),
    lab.run({ name: 'silent-guest', mode: 'container:owner', ...quiet }),
    lab.run({
      name: 'host',
      mode: 'host',
      sh: serving(hostPort),
      labels: { 'prometheus.io/port': `${hostPort}` },
    }),
    lab.run({ name: 'silent-host', mode: 'host', ...quiet }),
    lab.run({ name: 'bridged', mode: 'bridge', expose: [9100] }),
    lab.run({ name: 'alone', mode: 'none', expose: [9100] }),
    lab.run({ name: 'portless', ...quiet }),
    lab.run({ name: 'paused', expose: [9100] }),
    lab.run({ name: 'restarting', expose: [9100], sh: 'exit 3', restart: 'always' }),
    lab.run({ name: 'ended', expose: [9100], sh: 'exit 0' }),
    ...[ODD, LONG, 'dots..dots.'].map((name) => lab.run({ name, expose: [9100] })),
    lab.run({ name: 'out', expose: [9100], labels: { 'prometheus.io/scrape': 'false' } }),
    ...['twin-1', 'twin-2'].map((name) => lab.run({ name, expose: [9100], aliases: ['twin'] })),
    lab.run({ name: 'published', publish: [9100] }),
    lab.run({ name: 'theirs', expose: [9100], labels: { 'monitor.stack': 'another-one' } }),
    lab.run({ name: 'database', expose: [5432, 9100], sh: serving(5432, 9100) }),
    lab.run({ name: 'vague', expose: [9100, 9200], sh: serving(9100), labels: { 'prometheus.io/scrape': 'true' } }),
    lab.run({ name: 'nonsense', expose: [9100], labels: { 'prometheus.io/port': 'abc' } }),
    lab.run({ name: 'elsewhere', expose: [9100], sh: NOT_FOUND }),
    ...Object.entries(ALIASES).map(([name, { labels }]) =>
      lab.run({ name, labels, expose: [9100], sh: serving(9100, 9200) }),
    ),
  ]);
  await docker.getContainer(lab.named('paused')).pause();
  notices = (await lab.succeed('--json', 'up')).report('up').notices;
  report = await lab.detect();
});

afterAll(async () => {
  await lab.remove();
  await docker
    .getImage(`${lab.stack.name}/node-exporter:1`)
    .remove()
    .catch(() => undefined);
});

/** The server of the other containers, under a name that is known for its port. */
const imageNamed = async (name: string): Promise<string> => {
  const [repo, tag] = [`${lab.stack.name}/${name}`, '1'];
  await docker.getImage(inject('images').busybox).tag({ repo, tag });
  return `${repo}:${tag}`;
};

test.each<[what: string, short: () => string, outcomes: unknown[][]]>([
  [
    'a list of ports',
    () => 'list',
    [
      [9100, 'scraped', 'label'],
      [9200, 'scraped', 'label'],
    ],
  ],
  ['a known image, on its port and not the exposed one', () => 'image', [[9100, 'scraped', 'image']]],
  ['an exposed port', () => 'exposed', [[9100, 'scraped', 'port']]],
  ['an exposed port on an internal network', () => 'inner', [[9100, 'scraped', 'port']]],
  ['several networks', () => 'several', [[9100, 'scraped', 'port']]],
  ['one replica of a service', () => 'web-1', [[9100, 'scraped', 'port']]],
  ['another replica of it', () => 'web-3', [[9100, 'scraped', 'port']]],
  ['one in another one’s network', () => 'guest', [[9101, 'scraped', 'label']]],
  ['one in another one’s network that names no port', () => 'silent-guest', [['skipped', 'no-port']]],
  ['one on the host’s network that names no port', () => 'silent-host', [['skipped', 'no-port']]],
  ['one on the default bridge', () => 'bridged', [[9100, 'scraped', 'port']]],
  ['one without a network', () => 'alone', [['skipped', 'no-network']]],
  ['one without a port', () => 'portless', [['skipped', 'no-port']]],
  ['a paused one', () => 'paused', [['skipped', 'paused']]],
  ['one that has ended', () => 'ended', [['skipped', 'not-running']]],
  ['one with an odd name', () => ODD, [[9100, 'scraped', 'port']]],
  ['one whose name is longer than a host name', () => LONG, [[9100, 'scraped', 'port']]],
  ['one whose name is no host name', () => 'dots..dots.', [[9100, 'scraped', 'port']]],
  ['one that opted out', () => 'out', [['skipped', 'opted-out']]],
  ['one of two with the same alias', () => 'twin-1', [[9100, 'scraped', 'port']]],
  ['the other of the two', () => 'twin-2', [[9100, 'scraped', 'port']]],
  ['a port that is published only', () => 'published', [[9100, 'scraped', 'port']]],
  ['one of another stack of monitor: not even mentioned', () => 'theirs', []],
  [
    'a database beside its metrics',
    () => 'database',
    [
      [5432, 'skipped', 'not-metrics-port'],
      [9100, 'scraped', 'port'],
    ],
  ],
  [
    'scrape=true with two ports: each is asked',
    () => 'vague',
    [
      [9100, 'scraped', 'port'],
      [9200, 'refused', 'refused'],
    ],
  ],
])('%s', (_, short, outcomes) => {
  expect(outcomesOf(short())).toEqual(outcomes);
});

test('a container that keeps restarting is skipped', () => {
  const [row, ...more] = lab.rowsOf(report, 'restarting');
  expect(more).toEqual([]);
  expect(['restarting', 'not-running', 'refused', 'no-such-host', 'timeout']).toContain(row?.code);
});

test('every row has a reason', () => {
  for (const row of report.rows) expect(row.reason).toMatch(/\w+ \w+/);
});

test('an invalid label is a warning with container and label', () => {
  expect(report.warnings).toContainEqual(expect.stringMatching(`${lab.named('nonsense')}.*prometheus.io/port.*"abc"`));
  expect(report.warnings).toContainEqual(
    expect.stringMatching(`${lab.named('vague')}.*prometheus.io/scrape.*9100, 9200`),
  );
});

test('an application without metrics on its ports is one hint of `up` and `detect`', async () => {
  const hint = `1 container gave no metrics (${lab.named('elsewhere')}): \`monitor explain ${lab.named('elsewhere')}\` tells why`;
  expect(notices).toContain(hint);
  expect(report.hint).toBe(hint);
});

test('one on the host’s network is scraped as the host', async () => {
  expect(outcomesOf('host')).toEqual([[hostPort, 'scraped', 'label']]);
  await eventually(async () =>
    expect(await targetsOf(lab.stack)).toContainEqual(
      expect.objectContaining({ url: `http://host.docker.internal:${hostPort}/metrics` }),
    ),
  );
});

test('two containers with one alias are two targets', async () => {
  await eventually(async () => {
    const instances = (await targetsOf(lab.stack)).map((t) => t.instance);
    expect(instances).toEqual(expect.arrayContaining([`${lab.named('twin-1')}:9100`, `${lab.named('twin-2')}:9100`]));
  });
});

describe('labels in use elsewhere', () => {
  test.each(Object.entries(ALIASES))('%s', (name, { job, port = 9100, path = '/metrics' }) => {
    expect(lab.rowsOf(report, name)).toEqual([
      expect.objectContaining({ verdict: 'scraped', port, metrics_path: path, job: job ?? lab.named(name) }),
    ]);
  });
});

test('Prometheus scrapes all of them, under names that outlive their addresses', async () => {
  const scraped = report.rows.filter((row) => row.verdict === 'scraped').map((row) => `${row.container}:${row.port}`);
  await eventually(async () => {
    const up = (await query(lab.stack, 'up{container!=""} == 1')).map((s) => s.metric['instance']);
    expect(up.sort()).toEqual(scraped.sort());
  }, 30_000);
});

test('Prometheus is on the networks of its targets, and on no others', async () => {
  const networks = [lab.stack.network, 'bridge', lab.named('a'), lab.named('inner'), lab.named('net')];
  expect(await networksOf(lab.stack.prometheus.container)).toEqual(networks.sort());
});

test('series have the Compose project and service as labels', async () => {
  const series = await eventually(async () => {
    const found = await query(lab.stack, 'up{job="web"}');
    expect(found).toHaveLength(3);
    return found;
  });
  for (const { metric } of series) {
    expect(metric).toMatchObject({
      compose_project: 'shop',
      compose_service: 'web',
      container: expect.stringMatching(/web-\d$/),
    });
  }
});

test('a target whose container was removed is explained as such, without a suggested name', async () => {
  await docker.getContainer(lab.named('exposed')).remove({ force: true });
  await eventually(async () => {
    const ran = await lab.monitor('--json', 'explain', `${lab.named('exposed')}:9100`);
    expect(ran.report('explain').explained).toMatchObject([
      {
        health: 'down',
        code: 'container-gone',
        cause: `container ${lab.named('exposed')} is gone`,
        remedy: expect.stringContaining('`monitor up` removes it'),
      },
    ]);
  });
});
