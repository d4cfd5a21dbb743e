import { expect, it } from 'vitest';
import { compareTargets } from '../../../src/export/compare.ts';
import type { ActiveTarget } from '../../../src/prometheus/client.ts';

const target = (
  job: string,
  instance: string,
  scrapeUrl: string,
  labels: Record<string, string> = {},
): ActiveTarget => ({
  job,
  instance,
  scrapeUrl,
  health: 'unknown',
  lastError: '',
  lastScrapeDuration: 0,
  labels: { job, instance, ...labels },
  discovered: {},
});

const LIKENESS = { podOf: new Map([['web', 'web-1']]), machineJobs: new Map([['node', 'on each node']]) };
const web = target('web', 'web:80', 'http://web:80/metrics', { container: 'web', compose_service: 'web' });
const verdicts = (stack: ActiveTarget[], exported: ActiveTarget[]) =>
  compareTargets(stack, exported, LIKENESS).map(({ verdict, differences }) => [verdict, ...differences]);

it('a container is the same as its Pod where job, path, scheme and its labels are', () => {
  const labels = { container: 'web', compose_service: 'web', pod: 'web-1', namespace: 'x' };
  expect(verdicts([web], [target('web', '10.0.0.1:80', 'http://10.0.0.1:80/metrics', labels)])).toEqual([['same']]);
  expect(
    verdicts([web], [target('other', '10.0.0.1:80', 'https://10.0.0.1:80/m', { pod: 'web-1', container: 'web' })]),
  ).toEqual([
    [
      'differs',
      'job: web, exported: other',
      'path: /metrics, exported: /m',
      'scheme: http, exported: https',
      'label compose_service: web, exported: none',
    ],
  ]);
});

it('what is not found is missing, and one target stands for one', () => {
  const one = target('a', 'a:1', 'http://a:1/metrics');
  expect(verdicts([one, one, web], [target('a', 'a:1', 'http://shop-a:1/metrics')])).toEqual([
    ['same'],
    ['missing'],
    ['missing'],
  ]);
});

it('exporters that a cluster runs on each node are compared by job and labels, and reported', () => {
  const node = target('node', 'node-exporter:9100', 'http://node-exporter:9100/metrics', { team: 'a' });
  const found = (labels: Record<string, string>) =>
    compareTargets([node], [target('node', 'node-1', 'https://10.0.0.1:10250/metrics/cadvisor', labels)], LIKENESS)[0];
  expect(found({ team: 'a' })).toMatchObject({ verdict: 'same', remark: 'on each node' });
  expect(found({ team: 'b' })).toMatchObject({ verdict: 'differs', differences: ['label team: a, exported: b'] });
});
