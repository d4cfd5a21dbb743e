import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { ExplainedRow } from '../../src/output/report.ts';
import { eventually } from '../support/ask.ts';
import { BROKEN, brokenServers, type ServiceSpec, startService } from '../support/broken-services.ts';
import { docker, networksOf } from '../support/engine-view.ts';
import { prometheusIsAtLeast } from '../support/prometheus-version.ts';
import { freePorts, freshStack, type TestStack } from '../support/stack.ts';

/** All that can be wrong with a target, at once, on one stack: what `explain` says of each. */
let stack: TestStack;
let servers: string;
let network: string;
let otherNetwork: string;
let onLoopback: Server;
let loopbackPort: number;
let publishedPort: number;
let unusedPort: number;
let explained: ExplainedRow[];
let status: string;
const IDLE = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.2; done'];
const SERVE = `
const r = (q, s) => { s.writeHead(200, {'Content-Type': 'text/plain; version=0.0.4'}); s.end('a 1\\n'); };
require('node:http').createServer(r).listen(9100, process.env.HOST ?? '0.0.0.0');
process.on('SIGTERM', () => process.exit(0));`;
const SERVER = ['node', '-e', SERVE];

const named = (what: string): string => `${stack.name}-${what}`;
const start = (what: string, spec: Partial<ServiceSpec> & Pick<ServiceSpec, 'command'>): Promise<void> =>
  startService(stack.name, { name: named(what), network, ...spec });
const at = (port: number): string => `${servers}:${port}`;

const targets = (): string[] => [
  ...Object.values(BROKEN)
    .filter((port) => port !== BROKEN.unusual && port !== BROKEN.many)
    .map((port) => at(port)),
  ...['stopped', 'exited', 'paused', 'restarting', 'moved', 'bare', 'oom'].map((what) => `${named(what)}:9100`),
  `${named('serverz')}:${BROKEN.good}`,
  'nowhere-at-all:9100',
  `localhost:${loopbackPort}`,
  `localhost:${publishedPort}`,
  `localhost:${BROKEN.unusual}`,
  `host.docker.internal:${unusedPort}`,
];

const more = (): string => `targets: ${JSON.stringify(targets())}
scrape_configs:
  - job_name: secure
    scheme: https
    static_configs: [{targets: ["${at(BROKEN.tls)}", "${at(BROKEN.good)}"]}]
  - job_name: few
    sample_limit: 100
    static_configs: [{targets: ["${at(BROKEN.many)}"]}]
  - job_name: short
    body_size_limit: 100B
    static_configs: [{targets: ["${at(BROKEN.many)}"]}]
  - job_name: here
    static_configs: [{targets: ["localhost:${BROKEN.unusual}"]}]
`;

beforeAll(async () => {
  stack = await freshStack({ what: 'explain' });
  [publishedPort = 0, unusedPort = 0] = await freePorts(2);
  onLoopback = createServer((_, response) => response.end('a 1\n'));
  await new Promise<void>((resolve) => onLoopback.listen(0, '127.0.0.1', resolve));
  loopbackPort = portOf(onLoopback.address());
  [servers, network, otherNetwork] = [named('servers'), named('net'), named('other')];
  await Promise.all([stack.users.network(network), stack.users.network(otherNetwork)]);
  const busybox = inject('images').busybox;
  await Promise.all([
    start('servers', brokenServers()),
    start('stopped', { image: busybox, command: IDLE }),
    start('exited', { image: busybox, command: ['sh', '-c', 'echo starting; echo "no config.toml"; sleep 1; exit 3'] }),
    start('paused', { command: SERVER }),
    start('moved', { command: SERVER }),
    // Not at once: an engine that does not wait between two starts has no time for anything else.
    start('restarting', {
      image: busybox,
      command: ['sh', '-c', 'echo "no database"; sleep 0.5; exit 7'],
      restart: 'always',
    }),
    // Its image has a `cat`, and it takes it away: what listens has to be seen from beside it.
    start('bare', { command: ['node', '-e', `require('fs').rmSync('/bin/cat'); ${SERVE}`], env: ['HOST=127.0.0.1'] }),
    start('published', {
      command: SERVER,
      ports: [{ container: 9100, host: publishedPort, bind: '127.0.0.1' }],
    }),
    start('oom', { image: busybox, command: ['sh', '-c', 'sleep 1; exec tail /dev/zero'], memory: 16 * 1024 * 1024 }),
  ]);
  stack.edit('targets: []\nscrape_configs: []', more());
  await stack.succeed(['up']);
  await docker.getContainer(named('stopped')).stop({ t: 1 });
  await docker.getContainer(named('paused')).pause();
  await docker.getNetwork(otherNetwork).connect({ Container: named('moved') });
  await docker.getNetwork(network).disconnect({ Container: named('moved') });
  await eventually(async () => {
    const report = (await stack.monitor(['status', '--json'])).report('status');
    for (const target of report.targets) expect(target.health, target.instance).not.toBe('pending');
    expect((await docker.getContainer(named('restarting')).inspect()).RestartCount).toBeGreaterThan(4);
  }, 30_000);
  status = (await stack.monitor(['status'])).stdout;
  const ran = await stack.monitor(['explain', '--json']);
  expect(ran.code).toBe(3);
  explained = ran.report('explain').explained;
}, 120_000);

afterAll(async () => {
  onLoopback?.close();
  await docker
    .getContainer(named('paused'))
    .unpause()
    .catch(() => {});
  await stack?.remove();
});

const portOf = (address: AddressInfo | string | null): number =>
  typeof address === 'object' && address !== null ? address.port : 0;

describe('the explanation of a target', () => {
  it.each<[what: string, target: () => string, code: string, cause: RegExp, remedy: RegExp]>([
    [
      'stopped',
      () => `${named('stopped')}:9100`,
      'container-exited',
      /stopped has ended with exit code 0/,
      /docker start/,
    ],
    [
      'exited',
      () => `${named('exited')}:9100`,
      'container-exited',
      /exit code 3; the last line of its log: no config.toml/,
      /docker logs/,
    ],
    ['paused', () => `${named('paused')}:9100`, 'container-paused', /is paused/, /docker unpause/],
    [
      'restarting',
      () => `${named('restarting')}:9100`,
      'container-restarting',
      // The engine forgets the exit code for the moment in which it runs again.
      /keeps restarting \(\d+ times so far\)(: it ends with exit code 7)?; .*no database/,
      /docker logs/,
    ],
    [
      'on another network',
      () => `${named('moved')}:9100`,
      'no-shared-network',
      /-moved is on the network \S+-other, and Prometheus is not/,
      /`monitor up` lets Prometheus join \S+-other/,
    ],
    [
      'misspelt',
      () => `${named('serverz')}:9000`,
      'no-such-host',
      /-serverz" does not resolve: there is no container of that name; did you mean \S+-servers\?$/,
      /add-target \S+-servers:9000`/,
    ],
    ['unknown', () => 'nowhere-at-all:9100', 'no-such-host', /there is no container of that name$/, /docker ps/],
    [
      'on 127.0.0.1 inside',
      () => at(BROKEN.loopback),
      'listens-on-loopback',
      /listens on 127\.0\.0\.1:9001 only/,
      /0\.0\.0\.0:9001 inside the container/,
    ],
    [
      'on 127.0.0.1 without a cat',
      () => `${named('bare')}:9100`,
      'listens-on-loopback',
      /listens on 127\.0\.0\.1:9100 only/,
      /0\.0\.0\.0:9100/,
    ],
    [
      'on another port',
      () => at(BROKEN.closed),
      'wrong-port',
      /nothing in container \S+ listens on port 9002; port 9000 serves 1 metric at \/metrics/,
      /add-target \S+:9000`/,
    ],
    [
      'silent',
      () => at(BROKEN.silent),
      'timeout',
      /accepts the connection on port 9003 and does not answer in time/,
      /docker logs/,
    ],
    [
      'at another path',
      () => at(BROKEN.actuator),
      'wrong-path',
      /HTTP 404\); \/actuator\/prometheus serves 1 metric/,
      /`monitor add-target \S+:9004 --metrics-path \/actuator\/prometheus`/,
    ],
    ['at no usual path', () => at(BROKEN.nowhere), 'not-found', /HTTP 404\), nor at the usual paths/, /--metrics-path/],
    ['401', () => at(BROKEN.unauthorized), 'unauthorized', /asks for credentials .*HTTP 401/, /basic_auth/],
    ['403', () => at(BROKEN.forbidden), 'unauthorized', /HTTP 403/, /authorization/],
    ['HTML', () => at(BROKEN.html), 'html', /web page/, /switch them on/],
    ['JSON', () => at(BROKEN.json), 'not-metrics', /JSON/, /promtool/],
    ['500', () => at(BROKEN.failing), 'http-status', /HTTP 500 Internal Server Error/, /docker logs/],
    ['hanging up', () => at(BROKEN.hangsUp), 'reset', /closes the connection/, /serves HTTP/],
    [
      'redirected to a closed port',
      () => at(BROKEN.away),
      'redirected',
      /\/metrics redirects to http:\/\/\S+:9002\/, which refuses the connection/,
      /without that redirect/,
    ],
    ['endless', () => at(BROKEN.endless), 'endless', /its answer does not end/, /end its answer/],
    ['cut short', () => at(BROKEN.short), 'reset', /without a whole answer/, /log of/],
    ['TLS', () => at(BROKEN.tls), 'wants-tls', /speaks TLS, and is asked in plain HTTP/, /--scheme https`/],
    [
      'on this machine, 127.0.0.1',
      () => `localhost:${loopbackPort}`,
      'listens-on-loopback',
      /program on this machine listens on 127\.0\.0\.1:\d+ only/,
      /0\.0\.0\.0/,
    ],
    [
      'published to 127.0.0.1',
      () => `localhost:${publishedPort}`,
      'localhost-is-a-container',
      /published from container \S+-published on 127\.0\.0\.1 only/,
      /add-target \S+-published:9100`/,
    ],
    [
      'localhost for what a container has',
      () => `localhost:${BROKEN.unusual}`,
      'localhost-is-a-container',
      /container \S+-servers does/,
      /add-target \S+-servers:47391`/,
    ],
    [
      'on this machine, nothing',
      () => `host.docker.internal:${unusedPort}`,
      'not-listening',
      /nothing listens on port/,
      /start the program/,
    ],
  ])('%s', (_, target, code, cause, remedy) => {
    const row = explained.find((r) => r.target === target() && r.job !== 'secure' && r.job !== 'here');
    expect(row).toMatchObject({ code, cause: expect.stringMatching(cause), remedy: expect.stringMatching(remedy) });
    expect(row).toMatchObject({ health: 'down', error: expect.stringMatching(/./) });
  });

  it.each<[job: string, port: number, code: string, cause: RegExp, remedy: RegExp]>([
    [
      'secure',
      BROKEN.tls,
      'certificate',
      /certificate is valid for elsewhere\.example, not/,
      /server_name: elsewhere\.example/,
    ],
    [
      'secure',
      BROKEN.good,
      'wants-plain-http',
      /speaks plain HTTP, and is asked over TLS/,
      /job "secure" of `scrape_configs`, write `scheme: http`/,
    ],
    ['few', BROKEN.many, 'sample-limit', /serves 200 samples, and the job "few" takes 100/, /raise `sample_limit`/],
    ['short', BROKEN.many, 'body-size-limit', /body_size_limit 100B/, /raise `body_size_limit`/],
  ])('in the job %s, port %i', (job, port, code, cause, remedy) => {
    const row = explained.find((r) => r.target === at(port) && r.job === job);
    expect(row).toMatchObject({ code, cause: expect.stringMatching(cause), remedy: expect.stringMatching(remedy) });
  });

  it('out of memory, as far as the engine noted it', async () => {
    const { OOMKilled } = (await docker.getContainer(named('oom')).inspect()).State;
    expect(explained.find((r) => r.target === `${named('oom')}:9100`)).toMatchObject({
      code: OOMKilled ? 'container-out-of-memory' : 'container-exited',
      cause: expect.stringMatching(OOMKilled ? /more memory than its limit/ : /exit code 137 \(.*no memory left\)/),
    });
  });

  it('localhost in scrape_configs', () => {
    expect(explained.find((r) => r.job === 'here')).toMatchObject({
      code: 'localhost-in-scrape-configs',
      remedy: `in the job "here" of \`scrape_configs\`, write ${servers}:47391 in place of localhost:47391; then \`monitor up\``,
    });
  });

  it('a Content-Type that Prometheus 3 refuses, and 2 does not', () => {
    const row = explained.find((r) => r.target === at(BROKEN.contentType));
    if (!prometheusIsAtLeast(3, 0)) expect(row).toBeUndefined();
    else {
      expect(row).toMatchObject({
        code: 'content-type',
        cause: expect.stringContaining('the Content-Type "application/json"'),
        remedy: expect.stringContaining('fallback_scrape_protocol: PrometheusText0.0.4'),
      });
    }
  });

  it('duplicate samples, of a target that is up', () => {
    expect(explained.find((r) => r.target === at(BROKEN.duplicates))).toMatchObject({
      health: 'up',
      code: 'duplicate-samples',
      cause: expect.stringContaining('a{x="1"} 2 times in one answer'),
    });
  });

  it('a healthy target has no explanation', () => {
    expect(explained.filter((r) => r.target === at(BROKEN.good) && r.job !== 'secure')).toEqual([]);
    expect(explained.filter((r) => r.target === 'localhost:9090')).toEqual([]);
  });
});

it('the table of `status` has causes and remedies', () => {
  expect(status).toMatch(/-exited:9100 +down +\d+s ago .*container \S+-exited has ended with exit code 3/);
  expect(status).toMatch(/→ \S+-paused:9100: `docker unpause/);
  expect(status).toMatch(/-servers:9004 +down .*\/actuator\/prometheus serves 1 metric/);
});

describe('a name given to explain', () => {
  it('may be a container, an address, a job, or the instance of a target that is up', async () => {
    const [container, address, job] = await Promise.all([
      stack.monitor(['explain', named('exited')]),
      stack.monitor(['explain', at(BROKEN.good), '--json']),
      stack.monitor(['explain', 'few', '--json']),
    ]);
    expect(container.code).toBe(3);
    expect(container.stdout).toMatch(/✘ \S+-exited:9100 \(job \S+-exited\) is down: container .* has ended/);
    expect(container.stdout).toMatch(/ {2}→ fix what ended it/);
    expect(container.stdout).toMatch(/ {2}Prometheus says: Get "http/);
    expect(
      address
        .report('explain')
        .explained.map((r) => r.health)
        .sort(),
    ).toEqual(['down', 'up']);
    expect(job.report('explain').explained).toMatchObject([{ job: 'few', code: 'sample-limit' }]);
  });

  it('that is not found is an error with the nearest name', async () => {
    const ran = await stack.monitor(['explain', `${named('exitted')}`]);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(`did you mean \`monitor explain ${named('exited')}\`?`);
  });
});

describe('a container that is not a target', () => {
  it('is explained by detection being off', async () => {
    const ran = await stack.monitor(['explain', named('published'), '--json']);
    expect(ran.code).toBe(0);
    expect(ran.report('explain').explained).toMatchObject([{ health: 'missing', code: 'detection-off' }]);
  });

  it('is explained by its detection verdict', async () => {
    const image = inject('images').busybox;
    await Promise.all([
      start('optout', { command: SERVER, labels: { 'prometheus.io/scrape': 'false' } }),
      start('inside', {
        network: otherNetwork,
        command: SERVER,
        env: ['HOST=127.0.0.1'],
        labels: { 'prometheus.io/port': '9100' },
      }),
      start('portless', { image, command: IDLE }),
      start('new', { command: SERVER, labels: { 'prometheus.io/port': '9100' } }),
    ]);
    stack.edit('detect: {enabled: false}', 'detect: {enabled: true}');
    const said = async (what: string): Promise<ExplainedRow[]> =>
      (await stack.monitor(['explain', named(what), '--json'])).report('explain').explained;
    const networks = await networksOf(stack.prometheus.container);
    // An address that `explain` prints is one that it takes.
    const asked = ['optout', 'portless', 'inside', 'new', 'inside:9100', 'inside:9101'];
    const [optout, portless, inside, newcomer, address, unasked] = await Promise.all(asked.map(said));
    expect(optout).toMatchObject([{ code: 'opted-out', cause: expect.stringContaining('prometheus.io/scrape') }]);
    expect(portless).toMatchObject([{ code: 'no-port', remedy: expect.stringContaining('prometheus.io/port') }]);
    expect(inside).toMatchObject([{ target: `${named('inside')}:9100`, code: 'listens-on-loopback' }]);
    expect(newcomer).toMatchObject([{ code: 'not-loaded', remedy: expect.stringContaining('monitor up') }]);
    expect(address).toMatchObject([{ target: `${named('inside')}:9100`, code: 'listens-on-loopback' }]);
    expect(unasked).toMatchObject([{ target: `${named('inside')}:9101`, code: 'not-asked' }]);
    expect(await networksOf(stack.prometheus.container)).toEqual(networks);
    stack.edit('detect: {enabled: true}', 'detect: {enabled: false}');
  });
});

it('endpoints that labels ask for and that are not targets are explained without being named', async () => {
  await Promise.all([
    start('partly', { command: SERVER, labels: { 'prometheus.io/port': '9100,9300' } }),
    start('vague', { command: SERVER, labels: { 'prometheus.io/scrape': 'true' } }),
  ]);
  stack.edit('targets: [', `targets: ["${named('partly')}:9100", `);
  stack.edit('detect: {enabled: false}', 'detect: {enabled: true}');
  const { explained: all } = (await stack.monitor(['explain', '--json'])).report('explain');
  const of = (what: string): ExplainedRow[] => all.filter((r) => r.container === named(what));
  expect(of('partly')).toMatchObject([
    { target: `${named('partly')}:9100`, code: 'not-loaded' },
    { target: `${named('partly')}:9300`, code: 'wrong-port', health: 'missing' },
  ]);
  const again = await stack.monitor(['explain', `${named('partly')}:9300/metrics`, '--json']);
  expect(again.report('explain').explained).toMatchObject([{ target: `${named('partly')}:9300`, code: 'wrong-port' }]);
  expect(of('vague')).toMatchObject([
    { health: 'missing', code: 'unusable-label', cause: expect.stringContaining('prometheus.io/scrape') },
  ]);
  stack.edit('detect: {enabled: true}', 'detect: {enabled: false}');
  stack.edit(`targets: ["${named('partly')}:9100", `, 'targets: [');
}, 120_000);

it('a target that monitor.yml names and Prometheus does not have yet', async () => {
  stack.edit('targets: [', `targets: ["${servers}:${BROKEN.unusual}", `);
  const ran = await stack.monitor(['explain', `${servers}:${BROKEN.unusual}`, '--json']);
  expect(ran.code).toBe(3);
  expect(ran.report('explain').explained).toMatchObject([{ health: 'missing', code: 'not-loaded' }]);
});

it('a container that has just started', async () => {
  await docker.getContainer(named('stopped')).start();
  await eventually(async () => {
    const ran = await stack.monitor(['explain', named('stopped'), '--json']);
    expect(ran.report('explain').explained[0]).toMatchObject({
      code: 'starting',
      cause: expect.stringMatching(/started \d+ s ago, and nothing in it listens on port 9100 yet/),
    });
  });
});

it('`add-target` uses the same words', async () => {
  const ran = await stack.monitor(['add-target', `${servers}:${BROKEN.unusual + 1}`]);
  expect(ran.stdout).toMatch(
    /✘ \S+:47392: nothing in container \S+-servers listens on port 47392; port 9000 serves 1 metric/,
  );
  expect(ran.stdout).toMatch(/add-target \S+-servers:9000/);
});

it('without a running Prometheus, explain fails and says why', async () => {
  await docker.getContainer(stack.prometheus.container).stop({ t: 1 });
  const ran = await stack.monitor(['explain']);
  expect(ran.code).toBe(3);
  expect(ran.stderr).toMatch(/Prometheus does not answer at/);
  expect(ran.stderr).toMatch(/has ended with exit code/);
});
