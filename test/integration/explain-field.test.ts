import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExplainedRow, TargetRow } from '../../src/output/report.ts';
import { eventually, query } from '../support/ask.ts';
import { startService } from '../support/broken-services.ts';
import { selfSigned } from '../support/certificate.ts';
import { execIn } from '../support/engine-view.ts';
import { FIELD, fieldServers } from '../support/field-services.ts';
import { prometheusIsAtLeast } from '../support/prometheus-version.ts';
import { freshStack, type TestStack } from '../support/stack.ts';
import { besidesDashboards } from '../support/up-changes.ts';

/** What fills the issue trackers, all at once on one stack: each is named, and what is printed puts it right. */
let stack: TestStack;
let servers: string;
let network: string;
/** Of the servers, which take it of a client too. */
let pair: { key: string; cert: string };
let explained: ExplainedRow[];
let status: TargetRow[];
let notices: string[];
/** As `up` prints them at once. */
let listed: TargetRow[];

type Name = keyof typeof FIELD;
const at = (name: Name): string => `${servers}:${FIELD[name]}`;
const NAMED: Name[] = [
  'good',
  'underscore',
  'hosts',
  'http2',
  'bom',
  'jsonString',
  'latin1',
  'latin1Help',
  'hiddenGzip',
  'utf8Names',
  'blanks',
  'badHeader',
  'twoEncodings',
  'chunks',
  'notModified',
  'empty',
  'endless',
  'hiddenDeflate',
  'utf16',
  'seconds',
  'yesterday',
  'future',
  'backwards',
  'sameTime',
  'flaky',
  'slow',
  'password',
  'jsonType',
];

/** The user's files on this machine, by their names. */
const FILES: Readonly<Record<string, () => string>> = {
  password: () => 'secret',
  'ca.pem': () => pair.cert,
  'cert.pem': () => pair.cert,
  'key.pem': () => pair.key,
  'targets.json': () => JSON.stringify([{ targets: [at('good')] }]),
  'more/one.json': () => JSON.stringify([{ targets: [at('good')], labels: { from: 'more' } }]),
};
const pathOf = (name: keyof typeof FILES): string => join(stack.folder, 'files', name);

const scrapeConfigs = (): string => `
  - {job_name: labels, label_limit: 3, static_configs: [{targets: ["${at('labels')}"]}]}
  - job_name: secret
    basic_auth:
      username: me
      password_file: ${pathOf('password')}
    static_configs: [{targets: ["${at('password')}"]}]
  - {job_name: wrong, basic_auth: {username: me, password: nothing}, static_configs: [{targets: ["${at('password')}"]}]}
  - {job_name: authority, scheme: https, tls_config: {ca_file: ${pathOf('ca.pem')}}, static_configs: [{targets: ["${at('tls')}"]}]}
  - {job_name: mutual, scheme: https, tls_config: {insecure_skip_verify: true}, static_configs: [{targets: ["${at('mutual')}"]}]}
  - {job_name: garbage, scheme: https, tls_config: {ca_file: /etc/passwd}, static_configs: [{targets: ["${at('tls')}"]}]}
  - {job_name: unkept, metric_relabel_configs: [{action: drop, source_labels: [__name__], regex: ".*"}], static_configs: [{targets: ["${at('good')}"]}]}
  - {job_name: proxied, proxy_url: "http://${at('nothing')}", static_configs: [{targets: ["${at('good')}"]}]}
  - {job_name: stays, follow_redirects: false, static_configs: [{targets: ["${at('redirects')}"]}]}
  - {job_name: queried, metrics_path: "/metrics?format=prometheus", static_configs: [{targets: ["${at('query')}"]}]}
  - {job_name: files, file_sd_configs: [{files: [${pathOf('targets.json')}]}]}
  - {job_name: besides, file_sd_configs: [{files: ["${pathOf('more')}/*.json"]}], http_sd_configs: [{url: "http://${at('lists')}/500"}], static_configs: [{targets: ["${at('good')}"]}]}
  - {job_name: empty, http_sd_configs: [{url: "http://${at('lists')}/empty"}]}
  - {job_name: broken, http_sd_configs: [{url: "http://${at('lists')}/500"}]}
  - {job_name: engine, docker_sd_configs: [{host: "unix:///var/run/docker.sock"}]}
  - {job_name: records, dns_sd_configs: [{names: [_metrics._tcp.nowhere.invalid]}]}
  - {job_name: made, relabel_configs: [{target_label: __address__, replacement: "${stack.name}-a:${FIELD.good}"}], static_configs: [{targets: ["anything:1"]}]}
  - {job_name: found, http_sd_configs: [{url: "http://${at('lists')}/other", refresh_interval: 1s}]}
  - {job_name: dropped, relabel_configs: [{action: drop, source_labels: [__address__], regex: ".*"}], static_configs: [{targets: ["${at('good')}"]}]}
`;

beforeAll(async () => {
  stack = await freshStack({ what: 'field' });
  [servers, network] = [`${stack.name}_servers`, `${stack.name}-net`];
  await Promise.all([network, `${network}-a`, `${network}-b`].map((name) => stack.users.network(name)));
  pair = selfSigned(servers);
  for (const [name, content] of Object.entries(FILES)) {
    mkdirSync(dirname(pathOf(name)), { recursive: true });
    writeFileSync(pathOf(name), content());
  }
  const spec = fieldServers({ other: `${stack.name}-b:${FIELD.good}`, ...pair });
  await Promise.all([
    startService(stack.name, { name: servers, network, ...spec }),
    ...['a', 'b'].map((one) =>
      startService(stack.name, { name: `${stack.name}-${one}`, network: `${network}-${one}`, ...spec }),
    ),
  ]);
  stack.edit(
    'targets: []\nscrape_configs: []',
    `targets: ${JSON.stringify(NAMED.map(at))}\nscrape_configs:${scrapeConfigs()}`,
  );
  const up = (await stack.succeed(['up', '--json'])).report('up');
  [notices, listed] = [up.notices, up.targets];
  await eventually(async () => {
    const { targets } = (await stack.monitor(['status', '--json'])).report('status');
    expect(targets.filter(({ health }) => health === 'pending')).toEqual([]);
    for (const name of ['backwards', 'sameTime'] as const)
      expect(targets.find((row) => row.instance === at(name))?.code, name).toBeDefined();
    expect(targets.find((row) => row.job === 'broken')?.code).toBe('discovery-failed');
    expect(await query(stack, `count_over_time(up{instance="${at('slow')}"}[1m]) > 3`)).toHaveLength(1);
    status = targets;
  }, 30_000);
  const ran = await stack.monitor(['explain', '--json']);
  expect(ran.code).toBe(3);
  explained = ran.report('explain').explained;
}, 90_000);

afterAll(() => stack?.remove());

const rowOf = (target: string, job?: string): ExplainedRow | undefined =>
  explained.find((row) => row.target === target && (job === undefined || row.job === job));

describe('what Prometheus refuses at every scrape', () => {
  it.each<[Name, string, RegExp, RegExp]>([
    ['underscore', 'host-refused', /refuses the name \S+_servers .*HTTP 400/, /network connect --alias/],
    ['hosts', 'host-refused', /serves metrics for localhost/, /hosts that the server allows/],
    ['http2', 'http2', /HTTP\/2 only/, /HTTP\/1\.1/],
    ['bom', 'bom', /byte order mark/, /without a byte order mark/],
    ['jsonString', 'json-string', /one JSON string/, /text itself/],
    ['latin1', 'not-utf8', /UTF-8/, /UTF-8/],
    ['latin1Help', 'not-utf8', /UTF-8|utf8/, /UTF-8/],
    ['hiddenGzip', 'compressed', /gzip/, /Content-Encoding/],
    ['badHeader', 'bad-headers', /this is no header/, /headers/],
    ['twoEncodings', 'bad-headers', /Transfer-Encoding|transfer encodings/, /headers/],
    ['chunks', 'bad-headers', /chunk/, /headers|curl/],
    ['notModified', 'http-status', /304.*takes 200 only/, /status 200/],
    ['endless', 'no-eof', /does not end with # EOF/, /# EOF/],
    ['hiddenDeflate', 'compressed', /deflate/, /Content-Encoding/],
    ['utf16', 'bom', /byte order mark/, /UTF-8/],
    ['slow', 'timeout', /not within the scrape_timeout/, /scrape_timeout: 20s/],
  ])('%s', (name, code, cause, remedy) => {
    const row = rowOf(at(name));
    expect(row).toMatchObject({
      health: 'down',
      code,
      cause: expect.stringMatching(cause),
      remedy: expect.stringMatching(remedy),
    });
    expect(row?.remedy).not.toContain('wait for the next scrape');
  });

  it('is read by a newer Prometheus, where it is so', () => {
    for (const name of ['utf8Names', 'blanks'] as const) {
      if (prometheusIsAtLeast(3, 0)) expect(rowOf(at(name))).toBeUndefined();
      else expect(rowOf(at(name))).toMatchObject({ code: 'needs-newer-prometheus' });
    }
  });

  it.each<[job: string, target: () => string, code: string, cause: RegExp]>([
    ['labels', () => at('labels'), 'label-limit', /number of labels: 7, limit: 3/],
    ['secret', () => at('password'), 'file', /`basic_auth\.password_file` names \S+password/],
    ['wrong', () => at('password'), 'unauthorized', /refuses the credentials of the job "wrong"/],
    ['authority', () => at('tls'), 'file', /`tls_config\.ca_file` names \S+ca\.pem/],
    ['garbage', () => at('tls'), 'scrape-pool', /CA cert.*\/etc\/passwd/],
    ['mutual', () => at('mutual'), 'client-certificate', /certificate/],
    ['proxied', () => at('good'), 'proxy', /`proxy_url` of the job "proxied"/],
    ['queried', () => at('query'), 'path-with-query', /`metrics_path` \/metrics\?format=prometheus/],
    ['stays', () => at('redirects'), 'unfollowed-redirect', /302/],
  ])('in the job %s', (job, target, code, cause) => {
    expect(rowOf(target(), job)).toMatchObject({ code, cause: expect.stringMatching(cause) });
  });

  it('is named by `up` where it is a file that the container does not have', () => {
    for (const name of ['password', 'ca.pem', 'targets.json']) {
      expect(notices.filter((notice) => notice.includes(pathOf(name)))).toHaveLength(1);
    }
  });
});

describe('what is up, and not kept', () => {
  it.each<[Name, string]>([
    ['seconds', 'timestamps-wrong-unit'],
    ['yesterday', 'timestamps-too-old'],
    ['future', 'timestamps-in-future'],
    ['backwards', 'timestamps-out-of-order'],
    ['sameTime', 'timestamps-repeated'],
  ])('%s', (name, code) => {
    const wanted = { health: 'up', code, remedy: expect.stringContaining('honor_timestamps: false') };
    expect(rowOf(at(name))).toMatchObject({ target: at(name), ...wanted });
    expect(status.find((row) => row.instance === at(name))).toMatchObject(wanted);
  });

  it('since it has no metric', () => {
    const wanted = { health: 'up', code: 'empty', cause: expect.stringContaining('empty body') };
    expect(rowOf(at('empty'))).toMatchObject(wanted);
    expect(status.find((row) => row.instance === at('empty'))).toMatchObject(wanted);
  });

  it('since `metric_relabel_configs` drop all of it', () => {
    expect(rowOf(at('good'), 'unkept')).toMatchObject({ health: 'up', code: 'all-relabelled' });
    expect(status.find((row) => row.job === 'unkept')).toMatchObject({ code: 'all-relabelled' });
  });

  it('is reported by `add-target` at once', async () => {
    const ran = await stack.monitor(['add-target', at('yesterday'), '--label', 'a=b', '--json']);
    expect(ran.report('add-target').answer).toMatchObject({ ok: false, code: 'timestamps-too-old' });
  });
});

describe('jobs that find no targets', () => {
  it.each<[job: string, code: string, cause: RegExp]>([
    ['files', 'file', /targets\.json/],
    ['empty', 'no-targets', /http_sd_configs/],
    ['broken', 'discovery-failed', /HTTP status 500/],
    ['engine', 'discovery-failed', /docker/i],
    ['dropped', 'all-dropped', /relabel_configs/],
  ])('%s', (job, code, cause) => {
    const wanted = { health: 'none', code, cause: expect.stringMatching(cause) };
    expect(status.find((row) => row.job === job)).toMatchObject(wanted);
    expect(explained.find((row) => row.target === job)).toMatchObject(wanted);
  });

  it('records, which a name server denies, or which no name server answers for', () => {
    expect(explained.find((row) => row.target === 'records')).toMatchObject({
      health: 'none',
      code: expect.stringMatching(/^(no-targets|discovery-failed)$/),
      remedy: expect.stringContaining('nowhere.invalid'),
    });
  });

  it('are explained by their name', async () => {
    const ran = await stack.monitor(['explain', 'files', '--json']);
    expect(ran.code).toBe(3);
    expect(ran.report('explain').explained).toMatchObject([{ target: 'files', health: 'none', code: 'file' }]);
  });
});

it('a label with a query is explained with the entry to write, which works', async () => {
  const name = `${stack.name}-labelled`;
  const labels = { 'prometheus.io/port': `${FIELD.query}`, 'prometheus.io/path': '/metrics?format=prometheus' };
  await startService(stack.name, { name, network, labels, ...fieldServers({ other: 'none' }) });
  stack.edit('detect: {enabled: false}', 'detect: {enabled: true}');
  const { explained: rows } = (await stack.monitor(['explain', name, '--json'])).report('explain');
  stack.edit('detect: {enabled: true}', 'detect: {enabled: false}');
  expect(rows).toMatchObject([{ target: `${name}:${FIELD.query}`, code: 'path-with-query' }]);
  const [entry = ''] = rows.flatMap(printed).filter((text) => text.startsWith('- {'));
  stack.edit('scrape_configs:\n', `scrape_configs:\n  ${entry}\n`);
  await stack.succeed(['up']);
  await eventually(async () => expect(await query(stack, `a{job="${name}"}`)).toHaveLength(1));
});

it('a job with other targets is told of what finds none', () => {
  const wanted = [
    { health: 'none', code: 'file', cause: expect.stringContaining('more/*.json') },
    { health: 'none', code: 'discovery-failed', cause: expect.stringContaining('HTTP status 500') },
  ];
  expect(status.filter((row) => row.job === 'besides')).toMatchObject([{ health: 'up' }, ...wanted]);
  expect(explained.filter((row) => row.target === 'besides')).toMatchObject(wanted);
});

describe('pasted jobs', () => {
  it('are in the table of `up` at once', () => {
    for (const job of ['labels', 'secret', 'files', 'made', 'found']) {
      expect(listed.filter((row) => row.job === job)).toHaveLength(1);
    }
  });

  it('are reached on the network of an address that only relabelling makes, or a list has', async () => {
    expect(status.find((row) => row.job === 'made')).toMatchObject({ health: 'up' });
    expect(status.find((row) => row.job === 'found')).toMatchObject({
      health: 'down',
      code: 'no-shared-network',
      remedy: `\`monitor up\` lets Prometheus join ${network}-b`,
    });
    await stack.succeed(['up']);
    await eventually(async () => expect(await query(stack, 'a{job="found"}')).toHaveLength(1));
    expect(besidesDashboards((await stack.succeed(['up', '--json'])).report('up'))).toEqual([]);
  });
});

it('says that it answers at times only of what did both', async () => {
  await eventually(async () => {
    const { explained: rows } = (await stack.monitor(['explain', at('flaky'), '--json'])).report('explain');
    expect(rows).toMatchObject([{ health: 'down', code: 'answers-at-times' }]);
    // For half a minute after its start it counts as starting.
  }, 45_000);
  expect(explained.filter((row) => row.code === 'answers-at-times' && row.target !== at('flaky'))).toEqual([]);
});

/** The commands and the YAML of a remedy, in their order. */
const printed = ({ remedy = '' }: Pick<ExplainedRow, 'remedy'>): string[] =>
  [...remedy.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);

describe('what is printed, done as it is printed', () => {
  /** What a person writes in place of words that stand for it. */
  const filledIn = (text: string): string =>
    text
      // The first scrape comes within the interval: the test does not wait for half a minute.
      .replace('30s', '3s')
      .replace('20s', '3s')
      .replace('NAME', 'me')
      .replace('PASSWORD', 'secret')
      .replace('CERTIFICATE', JSON.stringify(pair.cert))
      .replace('KEY', JSON.stringify(pair.key))
      .replace(':PORT', `:${FIELD.http1}`);

  const carryOut = async (row: ExplainedRow | undefined): Promise<void> => {
    if (row === undefined) throw new Error('nothing was said of it');
    const texts = printed(row);
    // One `monitor up` after all of them does.
    for (const text of texts.filter((one) => one !== 'monitor up').map(filledIn)) {
      if (text.startsWith('monitor ')) await stack.succeed(text.split(' ').slice(1));
      else if (text.startsWith('docker ')) execFileSync('sh', ['-c', text], { cwd: join(stack.folder, 'files') });
      else if (text.startsWith('- {')) stack.edit('scrape_configs:\n', `scrape_configs:\n  ${text}\n`);
      else if (text.startsWith('/prometheus/')) stack.edit(/ names (\S+),/.exec(row.cause)?.[1] ?? '', text);
      else if (text.endsWith(': …')) writeOut(text.slice(0, -': …'.length));
      else if (text.startsWith('tls_config: {'))
        stack.edit('tls_config: {insecure_skip_verify: true', `${text.slice(0, -1)}, insecure_skip_verify: true`);
    }
  };
  /** The content in place of the first file of that kind. */
  const writeOut = (key: string): void => {
    const path = new RegExp(`\\b${key}_file: ([^\\s,}]+)`).exec(stack.config())?.[1] ?? '';
    stack.edit(`${key}_file: ${path}`, `${key}: ${JSON.stringify(readFileSync(path, 'utf8'))}`);
  };
  const samples = (what: string): Promise<unknown> =>
    eventually(async () => expect(await query(stack, what), what).not.toEqual([]), 30_000);

  it('has each up with samples', async () => {
    for (const name of ['underscore', 'backwards', 'slow', 'password', 'http2'] as const)
      await carryOut(rowOf(at(name)));
    if (prometheusIsAtLeast(3, 0)) await carryOut(rowOf(at('jsonType')));
    await carryOut(rowOf(at('password'), 'secret'));
    await carryOut(rowOf(at('tls'), 'authority'));
    await carryOut(rowOf(at('mutual'), 'mutual'));
    for (const job of ['files', 'besides'])
      await carryOut(explained.find(({ target, code }) => target === job && code === 'file'));
    stack.edit('label_limit: 3', 'label_limit: 30');
    stack.edit(`proxy_url: "http://${at('nothing')}", `, '');
    const [keys = ''] = printed(rowOf(at('query'), 'queried') ?? {});
    stack.edit('metrics_path: "/metrics?format=prometheus"', keys);
    stack.edit('password: nothing', 'password: secret');
    stack.edit('follow_redirects: false', 'follow_redirects: true');
    expect((await execIn(servers, ['touch', '/tmp/fixed'])).code).toBe(0);
    const waited = (await stack.monitor(['up', '--wait', '--json'])).report('up');
    // It is not waited for in vain.
    expect(waited.targets.filter(({ health }) => health === 'pending')).toEqual([]);
    expect(waited.targets.find((row) => row.job === 'garbage')).toMatchObject({ health: 'down', code: 'scrape-pool' });
    const alias = servers.replaceAll('_', '-');
    await samples(`a{instance="${alias}:${FIELD.underscore}"} and on (instance) up == 1`);
    await samples(`a{instance="${at('http1')}"}`);
    await samples('a{job="besides", from="more"}');
    // Prometheus may have read it halfway.
    await eventually(async () => {
      const { targets } = (await stack.monitor(['status', '--json'])).report('status');
      expect(targets.filter(({ job, health }) => job === 'besides' && health !== 'up')).toMatchObject([
        { instance: '(http_sd_configs)' },
      ]);
    });
    const jobs = ['labels', 'proxied', 'secret', 'wrong', 'stays', 'files', 'queried', 'authority', 'mutual'];
    for (const job of jobs) await samples(`a{job="${job}"}`);
    const fixed = NAMED.filter((name) => name !== 'underscore' && name !== 'http2');
    for (const name of fixed) await samples(`a{instance="${at(name)}"}`);
  }, 90_000);

  it.skipIf(prometheusIsAtLeast(3, 0))(
    'has what only a newer Prometheus reads, with that one',
    async () => {
      await execIn(servers, ['rm', '/tmp/fixed']);
      const [image = ''] = printed(rowOf(at('utf8Names')) ?? {}).map((text) => /{image: (.*)}/.exec(text)?.[1] ?? '');
      stack.edit(/(?<=^prometheus:\n\s+image: ).*/m, image);
      await stack.succeed(['up']);
      await samples('{__name__="my.metric"}');
      await samples(`up{instance="${at('blanks')}"} == 1`);
    },
    90_000,
  );
});
