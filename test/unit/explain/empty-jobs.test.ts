import { describe, expect, test } from 'vitest';
import { type EmptyJob, explainEmpty } from '../../../src/explain/empty-jobs.ts';
import { readLog } from '../../../src/prometheus/log.ts';
import { namedFiles } from '../../../src/prometheus/named-files.ts';

const why = (changes: Partial<EmptyJob>) =>
  explainEmpty({
    config: { job_name: 'web', http_sd_configs: [{ url: 'http://lists/all' }] },
    loaded: true,
    dropped: 0,
    missing: [],
    log: [],
    prometheus: { container: 'prometheus', version: '3.5.3' },
    ...changes,
  });

describe('a job without targets', () => {
  const failed = (time: string) =>
    `${time} msg="Unable to refresh target groups" component="discovery manager scrape" discovery=http config=web err="unsupported content type \\"text/html\\""`;

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

  test('lacks a file before all else that it lacks', () => {
    const config = { job_name: 'web', file_sd_configs: [{ files: ['targets/web.json'] }] };
    expect(why({ config, missing: namedFiles([config]) })).toMatchObject({
      code: 'file',
      cause: expect.stringContaining('/etc/prometheus/targets/web.json'),
      remedy: expect.stringContaining('docker cp targets/web.json prometheus:/prometheus/web.json'),
    });
  });

  test('may drop all that it finds, have no scrape pool, or not be loaded', () => {
    expect(why({ dropped: 3 })).toMatchObject({ code: 'all-dropped', cause: expect.stringContaining('all 3 targets') });
    const line = 'level=ERROR msg="error creating new scrape pool" err="no proxy" scrape_pool=web';
    expect(why({ log: readLog([line]) })).toMatchObject({ code: 'scrape-pool' });
    expect(why({ loaded: false, dropped: 3 })).toMatchObject({ code: 'not-loaded' });
  });
});
