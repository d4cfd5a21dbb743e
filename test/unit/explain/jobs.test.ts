import { describe, expect, test } from 'vitest';
import { emptyRows, emptySources, type JobLook, refusedByLog, withRefused } from '../../../src/explain/jobs.ts';
import { readLog } from '../../../src/prometheus/log.ts';
import { namedFiles } from '../../../src/prometheus/named-files.ts';

const config = { job_name: 'web', http_sd_configs: [{ url: 'http://lists/all' }] };
const loaded = ['web', 'twin'].map((job_name) => ({
  job_name,
  http_sd_configs: [{ url: 'http://lists/all', refresh_interval: '1m' }],
}));
const all = (changes: Partial<JobLook>) =>
  emptySources({
    config,
    loaded: [...loaded, { job_name: 'another', http_sd_configs: [{ url: 'http://lists/other' }] }],
    active: [],
    dropped: [],
    missing: [],
    read: new Set(),
    log: [],
    prometheus: { container: 'prometheus', version: '3.5.3' },
    now: Date.parse('2026-11-26T01:42:30Z'),
    ...changes,
  });
const why = (changes: Partial<JobLook>) => all(changes)[0]?.finding;
const failed = (start: string) =>
  `${start} msg="Unable to refresh target groups" component="discovery manager scrape" discovery=http config=web err="unsupported content type \\"text/html\\""`;

describe('a job without targets', () => {
  test.each([
    ['3.x', failed('time=2026-11-26T01:42:16.779Z level=ERROR source=refresh.go:71')],
    ['2.x', failed('ts=2026-11-26T01:42:17.688Z caller=refresh.go:80 level=error')],
  ])('has its reason in the log of Prometheus %s', (_, line) => {
    expect(why({ log: readLog([line]) })).toMatchObject({
      code: 'discovery-failed',
      cause: '`http_sd_configs` fails: unsupported content type "text/html"',
      remedy: expect.stringContaining('http://lists/all'),
    });
    const other = readLog([line.replace('config=web', 'config=another')]);
    expect(why({ log: other })).toMatchObject({ code: 'no-targets' });
  });

  test('may have it under the name of another job that looks in the same place', () => {
    const log = readLog([failed('time=2026-11-26T01:42:16.779Z level=ERROR').replace('config=web', 'config=twin')]);
    expect(why({ log })).toMatchObject({ code: 'discovery-failed' });
  });

  test('may have a kind of discovery that cannot be made, which Prometheus says once', () => {
    const line =
      'time=2026-11-26T01:02:03.000Z level=ERROR msg="Cannot create service discovery" component="discovery manager scrape" err="no cluster" type=http config=web';
    expect(why({ log: readLog([line]) })).toMatchObject({ cause: '`http_sd_configs` fails: no cluster' });
    expect(why({ log: readLog([line, 'msg="Loading configuration file"']) })).toMatchObject({ code: 'no-targets' });
  });

  test('may find what is no target', () => {
    const line =
      'time=2026-11-26T01:42:16.779Z level=ERROR msg="Creating target failed" component="scrape manager" scrape_pool=web err="\\"http://a\\" is not a valid hostname"';
    expect(why({ log: readLog([line]) })).toMatchObject({
      code: 'invalid-target',
      remedy: expect.stringContaining('HOST:PORT'),
    });
  });

  test('has a file that could be read after all', () => {
    const files = { job_name: 'web', file_sd_configs: [{ files: ['/t/*.json'] }] };
    const line =
      'time=2026-11-26T01:42:16.779Z level=ERROR msg="Error reading file" discovery=file config=web path=/t/a.json err="unexpected end of JSON input"';
    const look = { config: files, loaded: [files], log: readLog([line]) };
    expect(why(look)).toMatchObject({ code: 'discovery-failed' });
    expect(why({ ...look, read: new Set(['/t/a.json']) })).toMatchObject({ code: 'no-targets' });
  });

  test('fails no more, once Prometheus has looked again and does not say so', () => {
    const log = readLog([failed('time=2026-11-26T01:40:16.779Z level=ERROR source=refresh.go:71')]);
    expect(why({ log })).toMatchObject({ code: 'no-targets' });
  });

  test('lacks a file before all else that it lacks', () => {
    const files = { job_name: 'web', file_sd_configs: [{ files: ['targets/web.json'] }] };
    expect(why({ config: files, missing: namedFiles([files]) })).toMatchObject({
      code: 'file',
      cause: expect.stringContaining('/etc/prometheus/targets/web.json'),
      remedy: expect.stringContaining('docker cp targets/web.json prometheus:/prometheus/web.json'),
    });
  });

  test('may drop all that it finds, or not be loaded', () => {
    const dropped = [{ __meta_url: 'http://lists/all' }, { __meta_url: 'http://lists/all' }];
    expect(why({ dropped })).toMatchObject({ code: 'all-dropped', cause: expect.stringContaining('all 2 targets') });
    expect(why({ loaded: [], dropped })).toMatchObject({ code: 'not-loaded' });
  });
});

describe('a job with other targets', () => {
  const active = [{ __address__: 'web:80' }];

  test('is told of where it finds none, or fails', () => {
    expect(all({ active })).toMatchObject([{ source: 'http_sd_configs', finding: { code: 'no-targets' } }]);
    const both = { ...config, file_sd_configs: [{ files: ['/home/me/web.json'] }] };
    expect(all({ config: both, active, missing: namedFiles([both]) })).toMatchObject([
      { source: 'http_sd_configs', finding: { code: 'no-targets' } },
      { source: 'file_sd_configs', finding: { code: 'file' } },
    ]);
  });

  test('is not told of what finds some', () => {
    expect(all({ active: [...active, { __meta_url: 'http://lists/all' }] })).toEqual([]);
    expect(all({ active, dropped: [{ __meta_url: 'http://lists/all' }] })).toEqual([]);
  });

  test('has a row that is down, where what was found before is scraped and a look fails now', () => {
    const log = readLog([failed('time=2026-11-26T01:42:16.779Z level=ERROR')]);
    const targets = [{ job: 'web' }];
    const found = [{ __meta_url: 'http://lists/all' }];
    expect(emptyRows([config], targets, all({ active: found, log }))).toMatchObject([
      { job: 'web', instance: '(http_sd_configs)', health: 'down', code: 'discovery-failed' },
    ]);
    expect(emptyRows([config], targets, all({ active, log }))).toMatchObject([{ health: 'none' }]);
  });
});

describe('a job that Prometheus refuses', () => {
  const tls = {
    job_name: 'tls',
    tls_config: { ca_file: '/home/me/ca.pem' },
    static_configs: [{ targets: ['web:80'] }],
  };
  const refusedIn = (lines: string[]) =>
    refusedByLog(readLog(lines), [tls], { container: 'prometheus', version: '3.13.2' });

  const LOADING = 'level=INFO msg="Loading configuration file"';
  const CREATING =
    'level=ERROR msg="error creating new scrape pool" err="error creating HTTP client: unable to use specified CA cert inline" scrape_pool=tls';

  test.each([
    ['a new job', CREATING],
    ['a job with other settings', CREATING.replace('creating new', 'reloading')],
  ])('%s that Prometheus cannot scrape is known by its log', (_, line) => {
    expect(refusedIn([LOADING, line])[0]?.finding).toMatchObject({
      code: 'scrape-pool',
      cause: expect.stringContaining('unable to use specified CA cert inline'),
    });
  });

  test.each([
    [
      '2.42',
      'unable to load specified CA cert /home/me/ca.pem: open /home/me/ca.pem: no such file or directory',
      /which is not in the container/,
    ],
    [
      '3.13',
      'unable to read CA cert: unable to read file /home/me/ca.pem: open /home/me/ca.pem: permission denied',
      /no permission/,
    ],
  ])('a file that Prometheus %s cannot read is named', (_, err, cause) => {
    const line = CREATING.replace(/client: .*inline/, `client: ${err}`);
    expect(refusedIn([LOADING, line])[0]?.finding).toMatchObject({ code: 'file', cause: expect.stringMatching(cause) });
  });

  test('what it said before it loaded its configuration is past', () => {
    expect(refusedIn([CREATING, LOADING])).toEqual([]);
  });

  test('its targets are down; a job without any has a row', () => {
    const refused = refusedIn([LOADING, CREATING]);
    const row = { job: 'tls', instance: 'web:80', url: 'http://web:80/metrics', health: 'pending' as const };
    const other = { row: { ...row, job: 'other' }, listed: false };
    const states = withRefused([{ row, listed: false }, other], refused);
    expect(states).toMatchObject([{ row: { health: 'down', code: 'scrape-pool' } }, { row: { health: 'pending' } }]);
    expect(emptyRows([tls], [row], refused)).toEqual([]);
    expect(emptyRows([tls], [], refused)).toMatchObject([
      { job: 'tls', instance: '(static_configs)', health: 'none', code: 'scrape-pool' },
    ]);
  });
});
