import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readLabels } from '../../../src/detect/labels.ts';
import { wildText } from '../../support/wild-text.ts';

const HUGE = 'x'.repeat(100_000);

describe('scrape', () => {
  test.each([
    ['true', 'yes'],
    [' TRUE ', 'yes'],
    ['1', 'yes'],
    ['Yes', 'yes'],
    ['false', 'no'],
    ['False\n', 'no'],
    ['0', 'no'],
    ['off', 'no'],
    ['', 'unsaid'],
    ['  ', 'unsaid'],
  ])('%j means %s', (value, scrape) => {
    const reading = readLabels({ 'prometheus.io/scrape': value });
    expect(reading).toMatchObject({ scrape, problems: [] });
  });

  test('a value that is neither true nor false is reported and ignored', () => {
    const reading = readLabels({ 'prometheus.io/scrape': 'flase' });
    expect(reading).toMatchObject({
      scrape: 'unsaid',
      problems: [{ label: 'prometheus.io/scrape', problem: '"flase" is neither true nor false' }],
    });
  });

  test.each([
    'metrics.agent.grafana.com/scrape',
    'prometheus.scrape',
    'prometheus-scrape.enabled',
    'service-discover.enabled',
  ])('%s opts out too', (label) => {
    expect(readLabels({ [label]: 'false' })).toMatchObject({ scrape: 'no', scrapeLabel: label });
  });

  test('service-discover.enabled=true asks for nothing, as it is the default there', () => {
    expect(readLabels({ 'service-discover.enabled': 'true' })).toMatchObject({ scrape: 'unsaid', problems: [] });
  });

  test('prometheus.io labels take precedence over others', () => {
    const reading = readLabels({ 'prometheus-scrape.enabled': 'false', 'prometheus.io/scrape': 'true' });
    expect(reading).toMatchObject({ scrape: 'yes', scrapeLabel: 'prometheus.io/scrape' });
  });
});

describe('port', () => {
  test.each([
    ['9100', [{ port: 9100 }]],
    [' 9100 ', [{ port: 9100 }]],
    ['09100', [{ port: 9100 }]],
    ['1', [{ port: 1 }]],
    ['65535', [{ port: 65535 }]],
    ['9100,9200/custom/metrics', [{ port: 9100 }, { port: 9200, metrics_path: '/custom/metrics' }]],
    [' 9100 , 9200 ,', [{ port: 9100 }, { port: 9200 }]],
    ['9100,9100', [{ port: 9100 }]],
    ['9100,9100/b', [{ port: 9100 }, { port: 9100, metrics_path: '/b' }]],
  ])('%j names %j', (value, ports) => {
    expect(readLabels({ 'prometheus.io/port': value })).toMatchObject({ ports, problems: [] });
  });

  test.each([
    ['abc', '"abc" is not a port'],
    ['0', '"0" is not a port'],
    ['70000', '"70000" is not a port'],
    ['-1', '"-1" is not a port'],
    ['+9100', '"+9100" is not a port'],
    ['9100.5', '"9100.5" is not a port'],
    ['0x10', '"0x10" is not a port'],
    ['９１００', '"９１００" is not a port'],
    ['9100-9105', '"9100-9105" is not a port'],
    [':9100', '":9100" is not a port'],
    ['\x24{PORT}', '"\x24{PORT}" is not a port'],
    ['91\n00', '"91\\n00" is not a port'],
    [',', 'it names no port'],
    ['9100/a b', 'the path must be'],
  ])('%j names none, and says why', (value, problem) => {
    const { ports, problems } = readLabels({ 'prometheus.io/port': value });
    expect(ports).toEqual([]);
    expect(problems).toEqual([{ label: 'prometheus.io/port', problem: expect.stringContaining(problem) }]);
  });

  test('the good ones of a list are kept, and the bad ones are one problem', () => {
    const { ports, problems } = readLabels({ 'prometheus.io/port': '9100,abc,x,9200' });
    expect(ports).toEqual([{ port: 9100 }, { port: 9200 }]);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.problem).toContain('(and 1 more item alike)');
  });

  test('a long list of ports is cut at 32, with a warning', () => {
    const { ports, problems } = readLabels({
      'prometheus.io/port': Array.from({ length: 20_000 }, (_, i) => i + 1).join(','),
    });
    expect(ports).toHaveLength(32);
    expect(problems).toEqual([{ label: 'prometheus.io/port', problem: 'only its first 32 ports are read' }]);
  });

  test.each([
    'metrics.agent.grafana.com/port',
    'prometheus.port',
    'prometheus_scrape_port',
    'prometheus-scrape.port',
    'metrics.port',
  ])('%s names it too, and ours wins', (label) => {
    expect(readLabels({ [label]: '8000' })).toMatchObject({ ports: [{ port: 8000 }], portLabel: label });
    expect(readLabels({ [label]: '8000', 'prometheus.io/port': '9000' })).toMatchObject({ ports: [{ port: 9000 }] });
  });

  test('service-discover.port.* has the port in its name and the path in its value', () => {
    const reading = readLabels({
      'service-discover.port.8199': '/metrics',
      'service-discover.port.8081': 'actuator/prometheus',
      'service-discover.port.8082': '',
    });
    expect(reading).toMatchObject({
      ports: [
        { port: 8199, metrics_path: '/metrics' },
        { port: 8081, metrics_path: '/actuator/prometheus' },
        { port: 8082 },
      ],
      portLabel: 'service-discover.port.8199',
      problems: [],
    });
  });
});

describe('path, scheme, job and times', () => {
  test.each([
    ['/custom', '/custom'],
    ['custom', '/custom'],
    [' /a/b ', '/a/b'],
    ['/métriques', '/métriques'],
  ])('the path %j is %s', (value, metrics_path) => {
    expect(readLabels({ 'prometheus.io/path': value })).toMatchObject({ metrics_path, problems: [] });
  });

  test.each(['http://x/metrics', '/metrics?a=b', '/metrics#a', '/a b', '/a\nb', '/a\u0000b', '/\ud800', `/${HUGE}`])(
    'the path %j cannot be meant',
    (value) => {
      const reading = readLabels({ 'prometheus.io/path': value });
      expect(reading.metrics_path).toBeUndefined();
      expect(reading.problems).toEqual([{ label: 'prometheus.io/path', problem: expect.any(String) }]);
    },
  );

  test('schemes are http and https, in any case', () => {
    expect(readLabels({ 'prometheus.io/scheme': 'HTTPS ' })).toMatchObject({ scheme: 'https', problems: [] });
    const ftp = readLabels({ 'prometheus.io/scheme': 'ftp' });
    expect(ftp.scheme).toBeUndefined();
    expect(ftp.problems).toEqual([
      { label: 'prometheus.io/scheme', problem: '"ftp" is not a scheme: it must be http or https' },
    ]);
  });

  test.each([
    'prometheus.io/job',
    'prometheus.job',
    'prometheus_job',
    'prometheus-job',
    'prometheus-scrape.job_name',
    'metrics.job',
  ])('%s names the job', (label) => {
    expect(readLabels({ [label]: ' my "job" – \x24{x} ' })).toMatchObject({ job: 'my "job" – \x24{x}', problems: [] });
  });

  test.each(['a\nb', '\u001b[31mred', '\ud800', HUGE])('the job %j cannot be meant', (value) => {
    const reading = readLabels({ 'prometheus.io/job': value });
    expect(reading.job).toBeUndefined();
    expect(reading.problems).toHaveLength(1);
  });

  test.each([
    ['prometheus.path', 'metrics_path', '/m'],
    ['prometheus_scrape_path', 'metrics_path', '/m'],
    ['prometheus-scrape.metrics_path', 'metrics_path', '/m'],
    ['metrics.path', 'metrics_path', '/m'],
    ['metrics.agent.grafana.com/path', 'metrics_path', '/m'],
    ['prometheus.scheme', 'scheme', 'https'],
    ['prometheus_scrape_scheme', 'scheme', 'https'],
    ['prometheus-scrape.scheme', 'scheme', 'https'],
    ['metrics.agent.grafana.com/scheme', 'scheme', 'https'],
    ['prometheus_scrape_interval', 'scrape_interval', '1m30s'],
    ['prometheus_scrape_timeout', 'scrape_timeout', '5s'],
  ])('%s is read as %s', (label, field, value) => {
    expect(readLabels({ [label]: value })).toMatchObject({ [field]: value, problems: [] });
  });

  test.each(['0s', '15', 'soon', '-5s'])('an interval of %s cannot be meant', (value) => {
    const reading = readLabels({ prometheus_scrape_interval: value });
    expect(reading.scrape_interval).toBeUndefined();
    expect(reading.problems).toHaveLength(1);
  });

  test('a timeout longer than the interval, which Prometheus refuses, is dropped', () => {
    const reading = readLabels({ prometheus_scrape_interval: '5s', prometheus_scrape_timeout: '10s' });
    expect(reading).toMatchObject({ scrape_interval: '5s', problems: [{ label: 'prometheus_scrape_timeout' }] });
    expect(reading.scrape_timeout).toBeUndefined();
  });

  test('a host name in a label is ignored with a warning', () => {
    expect(readLabels({ 'prometheus-scrape.hostname': 'elsewhere' }).problems).toHaveLength(1);
  });
});

describe('quotes that became part of a value', () => {
  test.each(['"', "'", '\\"'])('such as %s are not meant', (q) => {
    const quoted = (value: string) => `${q}${value}${q}`;
    const reading = readLabels({
      'prometheus.io/scrape': quoted('true'),
      'prometheus.io/port': quoted('9100'),
      'prometheus.io/path': quoted('/stats'),
      'prometheus.io/scheme': quoted('https'),
      'prometheus.io/job': quoted('my job'),
      prometheus_scrape_interval: quoted('30s'),
    });
    expect(reading).toMatchObject({
      scrape: 'yes',
      ports: [{ port: 9100 }],
      metrics_path: '/stats',
      scheme: 'https',
      job: 'my job',
      scrape_interval: '30s',
      problems: [],
    });
  });

  test('are not meant around each port of a list either, and one alone is a problem', () => {
    expect(readLabels({ 'prometheus.io/port': `"9100",'9200'` })).toMatchObject({
      ports: [{ port: 9100 }, { port: 9200 }],
      problems: [],
    });
    expect(readLabels({ 'prometheus.io/port': '"9100' })).toMatchObject({
      ports: [],
      problems: [{ label: 'prometheus.io/port', problem: expect.stringContaining('"9100') }],
    });
  });
});

describe('bad input', () => {
  const label = fc.oneof(
    fc.constantFrom(
      'prometheus.io/scrape',
      'prometheus.io/port',
      'prometheus.io/path',
      'prometheus.io/scheme',
      'prometheus.io/job',
      'prometheus_scrape_interval',
      'prometheus_scrape_timeout',
      'service-discover.enabled',
      'service-discover.port.1',
      '__proto__',
      'constructor',
    ),
    wildText(),
  );
  const value = fc.oneof(
    wildText(300),
    fc.constantFrom(
      HUGE,
      '1,'.repeat(50_000),
      ' '.repeat(100_000),
      '9'.repeat(100_000),
      '/'.repeat(100_000),
      '\n'.repeat(100_000),
    ),
    fc.string().map((s) => `"${s}\n\${${s}}'`),
  );

  test('never fails, and whatever it makes of it can be used', () => {
    fc.assert(
      fc.property(fc.dictionary(label, value, { maxKeys: 20 }), (labels) => {
        const reading = readLabels(labels);
        for (const { port, metrics_path } of reading.ports) {
          expect(port).toBeGreaterThan(0);
          expect(port).toBeLessThan(65_536);
          expect(metrics_path ?? '/').toMatch(/^\/[^?#\s]*$/);
        }
        if (reading.job !== undefined) {
          expect(reading.job.trim()).not.toBe('');
          expect(reading.job.length).toBeLessThan(256);
          expect(() => encodeURIComponent(reading.job ?? '')).not.toThrow();
        }
        for (const { problem } of reading.problems) expect(problem.length).toBeLessThan(300);
      }),
      { numRuns: 100 },
    );
  });

  test('a thousand other labels change nothing', () => {
    const others = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`example.com/${i}`, HUGE]));
    expect(readLabels({ ...others, 'prometheus.io/port': '9100' })).toMatchObject({
      ports: [{ port: 9100 }],
      problems: [],
    });
  });
});
