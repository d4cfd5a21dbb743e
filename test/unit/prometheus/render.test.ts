import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { ScrapeTarget } from '../../../src/detect/types.ts';
import { readTargets } from '../../../src/prometheus/read-config.ts';
import { markerIn, renderPrometheusConfig } from '../../../src/prometheus/render.ts';
import { config } from '../../support/observed.ts';

const target = (address: string, changes: Partial<ScrapeTarget> = {}): ScrapeTarget => ({
  job: address.split(':')[0] ?? '',
  address,
  instance: address,
  metrics_path: '/metrics',
  scheme: 'http',
  labels: {},
  origin: 'config',
  ...changes,
});

/** The rendered text without its head: what is below `scrape_configs:`. */
const jobs = (targets: readonly ScrapeTarget[], ...lines: string[]): string[] =>
  renderPrometheusConfig(config(...lines), targets)
    .split('\n')
    .slice(8, -1);

describe('prometheus.yml', () => {
  it('as a whole', () => {
    const targets = [target('localhost:9090', { job: 'prometheus' }), target('events:9100', { job: 'eventservice' })];
    const text = renderPrometheusConfig(config('scrape_configs: [{job_name: more, sample_limit: 5}]'), targets);
    expect(text.replace(markerIn(text), 'MARKER')).toBe(`\
# Rendered by monitor from monitor.yml: edits here are lost at the next \`monitor up\`.

global:
  scrape_interval: 15s
rule_files:
  # Matches no file. It marks this text, so that \`monitor\` can tell whether it is the one loaded.
  - /etc/prometheus/MARKER.*.none
scrape_configs:
  - job_name: prometheus
    static_configs:
      - targets:
          - localhost:9090
  - job_name: eventservice
    static_configs:
      - targets:
          - events:9100
  - job_name: more
    sample_limit: 5
`);
  });

  it('keeps the order in which targets are given', () => {
    const names = (text: string[]) => text.flatMap((line) => /job_name: (.*)/.exec(line)?.[1] ?? []);
    expect(names(jobs([target('z:1'), target('a:1'), target('m:1')]))).toEqual(['z', 'a', 'm']);
  });

  it('is valid without a single target', () => {
    expect(parse(renderPrometheusConfig(config(), []))).toMatchObject({ scrape_configs: [] });
  });
});

describe('a passed-through entry', () => {
  it.each(['1.10', '0x10', '1e3', '012', '+12', '0.0', '12345678901234567890', 'True', 'FALSE', 'true', '5', '"1.10"'])(
    'has %s as it was written, whether Prometheus takes it for a number, a truth or a text',
    (written) => {
      const entry = `{job_name: a, static_configs: [{targets: ["a:1"], labels: {v: ${written}}}]}`;
      expect(jobs([], `scrape_configs: [${entry}]`).at(-1)).toBe(`          v: ${written}`);
    },
  );
});

describe('a target that was found', () => {
  it('has its container in a label that no series gets; a named target has not', () => {
    const found = target('web:9100', {
      origin: 'detected',
      containerId: '0123456789abcdef',
      labels: { container: 'web' },
    });
    const text = renderPrometheusConfig(config(), [found, target('db:9187', { containerId: 'fedcba9876543210' })]);
    expect(readTargets(text)).toEqual([
      { job: 'web', instance: 'web:9100', metrics_path: '/metrics', address: 'web:9100', container: '0123456789ab' },
      { job: 'db', instance: 'db:9187', metrics_path: '/metrics', address: 'db:9187' },
    ]);
    expect(text).toContain('__meta_monitor_container: 0123456789ab');
  });
});

describe('a job', () => {
  it('has only values that are not Prometheus’s defaults', () => {
    const plain = target('a:1');
    const special = target('b:1', { metrics_path: '/m', scheme: 'https', scrape_interval: '1m' });
    expect(jobs([plain, special])).toEqual([
      '  - job_name: a',
      '    static_configs:',
      '      - targets:',
      '          - a:1',
      '  - job_name: b',
      '    scrape_interval: 1m',
      '    metrics_path: /m',
      '    scheme: https',
      '    static_configs:',
      '      - targets:',
      '          - b:1',
    ]);
  });

  it('has all its targets, those of the same labels together', () => {
    const labels = { team: 'booking' };
    const targets = [
      target('a:1', { job: 'j' }),
      target('a:2', { job: 'j' }),
      target('b:1', { job: 'j', labels }),
      target('other:1'),
      target('b:2', { job: 'j', labels }),
    ];
    expect(jobs(targets)).toEqual([
      '  - job_name: j',
      '    static_configs:',
      '      - targets:',
      '          - a:1',
      '          - a:2',
      '      - targets:',
      '          - b:1',
      '          - b:2',
      '        labels:',
      '          team: booking',
      '  - job_name: other',
      '    static_configs:',
      '      - targets:',
      '          - other:1',
    ]);
  });

  it('carries what differs between its targets as labels that Prometheus reads', () => {
    const targets = [
      target('a:1', { job: 'j' }),
      target('b:1', { job: 'j', metrics_path: '/m', scheme: 'https', scrape_interval: '1m' }),
    ];
    expect(parse(jobs(targets).join('\n'))[0].static_configs[1].labels).toEqual({
      __metrics_path__: '/m',
      __scheme__: 'https',
      __scrape_interval__: '1m',
    });
  });

  it('gives a target the stack’s interval where the job has another one', () => {
    const targets = [target('a:1', { job: 'j', scrape_interval: '1m' }), target('b:1', { job: 'j' })];
    expect(parse(jobs(targets).join('\n'))[0].static_configs[1].labels).toEqual({
      __scrape_interval__: '15s',
    });
  });

  it('keeps the name by which a target is known, where another address is dialled', () => {
    const moved = target('host.docker.internal:3001', { instance: 'localhost:3001' });
    expect(jobs([moved]).slice(-2)).toEqual(['        labels:', '          instance: localhost:3001']);
  });

  it('whose targets need both fallbacks has the one that reads both', () => {
    const targets = [
      target('a:1', { job: 'j', fallback_scrape_protocol: 'OpenMetricsText1.0.0' }),
      target('b:1', { job: 'j', fallback_scrape_protocol: 'PrometheusText0.0.4' }),
    ];
    expect(jobs(targets)).toContain('    fallback_scrape_protocol: PrometheusText0.0.4');
    expect(jobs(targets.slice(0, 1))).toContain('    fallback_scrape_protocol: OpenMetricsText1.0.0');
  });

  it('has a fallback where one of its targets needs it', () => {
    const targets = [
      target('a:1', { job: 'j' }),
      target('b:1', { job: 'j', fallback_scrape_protocol: 'PrometheusText0.0.4' }),
    ];
    expect(jobs(targets)).toContain('    fallback_scrape_protocol: PrometheusText0.0.4');
  });
});

describe('text from outside', () => {
  it.each([
    'plain',
    'with: colon',
    '# not a comment',
    '"quoted"',
    "it's",
    '\u0024{HOME} $1 {{ $labels.x }}',
    'line\nbreak',
    ' spaces ',
    'ünïcödé 日本 🎉',
    'yes',
    'null',
    '~',
    '',
    '1.10',
    '0x1F',
    '2001-01-01',
    '- dash',
    '@at',
    '\u007f\u0080\u0085\u2028\ufeff',
    '\ufffe',
    'tab\there',
    'a'.repeat(300),
  ])('%j comes out as it went in', (value) => {
    const text = renderPrometheusConfig(config(), [target('x:1', { labels: { l: value } })]);
    expect(parse(text).scrape_configs[0].static_configs[0].labels.l).toBe(value);
  });

  it('is written in characters that Prometheus’s YAML reader accepts', () => {
    const value = '\u0001\u007f\u0080\u0085\u009f\ufeff\ufffe\uffff\u2028 é 🎉';
    const text = renderPrometheusConfig(config(), [target('x:1', { labels: { l: value }, job: value })]);
    // Source: is_printable and the reader of gopkg.in/yaml.v2, which refuses all other characters.
    const readable = /[\n\x20-\x7e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/gu;
    expect(text.replace(readable, '')).toBe('');
    expect(parse(text).scrape_configs[0].static_configs[0].labels.l).toBe(value);
  });

  it('that is invalid Unicode reads back as the same file', () => {
    const text = renderPrometheusConfig(config(), [target('x:1', { labels: { l: 'half \ud83c of a pair' } })]);
    expect(Buffer.from(text).toString()).toBe(text);
    expect(text).toContain('half \ufffd of a pair');
  });
});

describe('the marker', () => {
  const render = (...targets: ScrapeTarget[]) => renderPrometheusConfig(config(), targets);

  it('changes with the text', () => {
    expect(markerIn(render(target('a:1')))).not.toBe(markerIn(render(target('a:2'))));
    expect(markerIn(render(target('a:1')))).toMatch(/^monitor-[0-9a-f]{12}$/);
  });

  it('changes with the order of targets', () => {
    expect(markerIn(render(target('a:1'), target('b:1')))).not.toBe(markerIn(render(target('b:1'), target('a:1'))));
  });

  it('is not taken from a target that looks like one', () => {
    const text = render(target('monitor-0123456789ab:1', { job: 'monitor-0123456789ab' }));
    expect(markerIn(text)).not.toBe('monitor-0123456789ab');
  });

  it('of a text without a marker matches no text', () => {
    expect(markerIn('global: {}')).toBe('monitor-none');
  });
});
