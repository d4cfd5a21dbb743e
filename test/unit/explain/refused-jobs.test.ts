import { expect, test } from 'vitest';
import { emptyRows } from '../../../src/explain/empty-jobs.ts';
import { ofJobs, refusedByLog, withRefused } from '../../../src/explain/refused-jobs.ts';
import { readLog } from '../../../src/prometheus/log.ts';

const tls = { job_name: 'tls', tls_config: { ca_file: '/home/me/ca.pem' }, static_configs: [{ targets: ['web:80'] }] };
const refusedIn = (lines: string[]) =>
  refusedByLog(readLog(lines), [tls], { container: 'prometheus', version: '3.13.2' });

const LOADING = 'level=INFO msg="Loading configuration file"';
const CREATING =
  'level=ERROR msg="error creating new scrape pool" err="error creating HTTP client: unable to use specified CA cert inline" scrape_pool=tls';

test.each([
  ['a new job', CREATING],
  ['a job with other settings', CREATING.replace('creating new', 'reloading')],
])('%s that Prometheus cannot scrape is known by its log', (_, line) => {
  expect(refusedIn([LOADING, line]).get('tls')).toMatchObject({
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
  expect(refusedIn([LOADING, line]).get('tls')).toMatchObject({ code: 'file', cause: expect.stringMatching(cause) });
});

test('what it said before it loaded its configuration is past', () => {
  expect(refusedIn([CREATING, LOADING]).size).toBe(0);
});

test('its targets are down; a job without any has a row', () => {
  const refused = refusedIn([LOADING, CREATING]);
  const row = { job: 'tls', instance: 'web:80', url: 'http://web:80/metrics', health: 'pending' as const };
  const other = { row: { ...row, job: 'other' }, listed: false };
  const states = withRefused([{ row, listed: false }, other], refused);
  expect(states).toMatchObject([{ row: { health: 'down', code: 'scrape-pool' } }, { row: { health: 'pending' } }]);
  expect(emptyRows([tls], states, ofJobs(refused))).toEqual([]);
  expect(emptyRows([tls], [], ofJobs(refused))).toMatchObject([
    { job: 'tls', instance: '(static_configs)', health: 'none', code: 'scrape-pool' },
  ]);
});
