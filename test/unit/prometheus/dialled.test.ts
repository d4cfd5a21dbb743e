import { describe, expect, it, test } from 'vitest';
import { dialledHosts, staticTargets } from '../../../src/prometheus/dialled.ts';
import { config } from '../../support/observed.ts';

const job = (more: Record<string, unknown>) => ({
  job_name: 'probe',
  static_configs: [{ targets: ['https://shop/', 'db:5432'], labels: { exporter: 'blackbox' } }],
  ...more,
});

test.each([
  ['an address in place of the target', [{ target_label: '__address__', replacement: 'blackbox:9115' }], ['blackbox']],
  [
    'an address made of the target',
    [
      {
        source_labels: ['__address__'],
        regex: '(?P<host>.+):\\d+',
        target_label: '__address__',
        replacement: '$host-exporter:9187',
      },
    ],
    ['db-exporter'],
  ],
  [
    'an address made of a label, in two steps',
    [
      { source_labels: ['exporter', 'job'], separator: '-', target_label: '__tmp' },
      { source_labels: ['__tmp'], target_label: '__address__', replacement: '$1:1' },
    ],
    ['blackbox-probe'],
  ],
  [
    'none',
    [
      { action: 'drop', source_labels: ['__address__'], regex: 'x' },
      { target_label: 'a', regex: '(' },
    ],
    [],
  ],
])('relabelling makes %s', (_, relabel_configs, hosts) => {
  expect(dialledHosts([job({ relabel_configs })])).toEqual(hosts);
});

test('lists of targets, proxies and givers of tokens are dialled too', () => {
  const config = { http_sd_configs: [{ url: 'http://lists:80/all' }], proxy_url: 'http://proxy:3128' };
  expect(dialledHosts([job(config)])).toEqual(['lists', 'proxy']);
});

describe('the static targets of passed-through configurations', () => {
  it('are found, and whatever else stands there is left to Prometheus', () => {
    const { scrape_configs } = config(
      'scrape_configs:',
      '- {job_name: a, metrics_path: /m, static_configs: [{targets: ["web:1", "[::1]:2", 3, portless]}]}',
      '- {job_name: b, dns_sd_configs: [{names: [x]}]}',
      '- {job_name: c, static_configs: nonsense}',
      '- {job_name: d, static_configs: [null, 1, {targets: x}]}',
    );
    expect(staticTargets(scrape_configs)).toEqual([
      { job: 'a', address: 'web:1', metrics_path: '/m', isRelabelled: false },
      { job: 'a', address: '[::1]:2', metrics_path: '/m', isRelabelled: false },
    ]);
  });

  it('are known to be asked by another where relabelling gives them another address', () => {
    const { scrape_configs } = config(
      'scrape_configs:',
      '- job_name: probe',
      '  static_configs: [{targets: ["db:5432"]}]',
      '  relabel_configs: [{target_label: __address__, replacement: "blackbox:9115"}]',
    );
    expect(staticTargets(scrape_configs)).toMatchObject([{ address: 'db:5432', isRelabelled: true }]);
  });
});
