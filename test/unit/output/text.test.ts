import { describe, expect, it } from 'vitest';
import { MonitorError } from '../../../src/errors.ts';
import { errorMessage } from '../../../src/output/plain.ts';
import type { Report, ReportOf } from '../../../src/output/report.ts';
import { styleFor } from '../../../src/output/style.ts';
import { table } from '../../../src/output/table.ts';
import { reportText } from '../../../src/output/text.ts';
import { NOW } from '../../support/output.ts';

const plain = styleFor(false);
const shown = (report: Report): string[] => reportText(report, plain, NOW).split('\n');
const urls = { prometheus: 'http://localhost:9090', grafana: 'http://localhost:3000' };

const up: ReportOf<'up'> = {
  kind: 'up',
  stack: 'monitoring',
  changed: true,
  operations: [],
  urls,
  datasource: { name: 'Prometheus', ok: true, message: '' },
  targets: [
    {
      job: 'prometheus',
      instance: 'localhost:9090',
      url: 'u',
      health: 'up',
      lastScrape: '2026-01-02T03:04:01Z',
      samples: 850,
      duration: 0.0123,
    },
    {
      job: 'events',
      instance: 'events:9100',
      url: 'u',
      health: 'down',
      lastScrape: '2026-01-02T03:02:00Z',
      error: 'connection refused',
      remedy: 'listen on 0.0.0.0',
    },
    {
      job: 'new',
      instance: 'new:1',
      url: 'u',
      health: 'pending',
      firstScrapeWithin: '15s',
      answer: { ok: true, metrics: 9, samples: 12, duration: 1.25 },
    },
  ],
  notices: ['network x is external'],
  problems: [],
};

describe('up', () => {
  it('shows addresses, the datasource, notices and targets with what to do', () => {
    expect(shown(up)).toEqual([
      '✔ The stack "monitoring" is up',
      '  Prometheus  http://localhost:9090',
      '  Grafana     http://localhost:3000 (`monitor password` prints the login)',
      '  Datasource  Prometheus: answers',
      '! network x is external',
      '',
      'JOB         TARGET          HEALTH   LAST SCRAPE              SAMPLES  DURATION  ERROR',
      'prometheus  localhost:9090  up       4s ago                   850      12ms',
      'events      events:9100     down     2m ago                   -        -         connection refused',
      'new         new:1           pending  first scrape within 15s  12       1.3s',
      '→ events:9100: listen on 0.0.0.0',
    ]);
  });

  it('says when there is nothing to change, and when it was a restart', () => {
    expect(shown({ ...up, changed: false })[0]).toBe('✔ The stack "monitoring" is up; nothing to change');
    const restarted = (...services: ('prometheus' | 'grafana')[]) =>
      shown({ ...up, kind: 'restart', restarted: services })[0];
    expect(restarted('prometheus', 'grafana')).toBe('✔ The stack "monitoring" was restarted');
    expect(restarted('grafana')).toBe('✔ Grafana of the stack "monitoring" was restarted');
    expect(restarted('prometheus')).toBe('✔ Prometheus of the stack "monitoring" was restarted');
  });

  it('with --wait names each target that is not up, and how to find out why', () => {
    expect(shown({ ...up, waited: true }).slice(-4)).toEqual([
      '✘ Target events:9100 is down: connection refused',
      '→ `monitor explain events:9100`',
      '✘ Target new:1 was not scraped within the --timeout',
      '→ `monitor explain new:1`',
    ]);
  });

  it('reports a datasource that fails as failed', () => {
    const datasource = { name: 'Prometheus', ok: false, message: 'connection refused' };
    expect(shown({ ...up, datasource })).toContain('  Datasource  Prometheus: connection refused');
  });
});

it('a plan lists its operations with their causes', () => {
  const operations = [{ operation: 'create network n', resource: 'Network n', cause: 'it does not exist' }];
  const targets = [{ change: 'add' as const, job: 'events', instance: 'events:9100', metrics_path: '/metrics' }];
  expect(shown({ kind: 'plan', stack: 's', operations, targets, notices: [], problems: [] })).toEqual([
    '`monitor up` would change the stack "s":',
    '  create network n (it does not exist)',
    '  add target events:9100 (job events)',
    'Nothing was changed.',
  ]);
  expect(shown({ kind: 'plan', stack: 's', operations: [], targets: [], notices: [], problems: [] })[0]).toBe(
    'The stack "s" is up to date.',
  );
});

describe('add-target', () => {
  const added: ReportOf<'add-target'> = {
    kind: 'add-target',
    address: 'events:9100',
    job: 'eventservice',
    change: 'added',
    config: 'monitor.yml',
    applied: true,
    operations: [],
    notices: [],
  };

  it('says what the endpoint answered', () => {
    expect(shown({ ...added, answer: { ok: true, metrics: 12 } })).toEqual([
      '✔ events:9100 added to monitor.yml (job eventservice)',
      '✔ events:9100 answered with 12 metrics',
    ]);
    expect(shown({ ...added, answer: { ok: true, metrics: 1 } })[1]).toMatch(/with 1 metric$/);
    expect(shown({ ...added, answer: { ok: false, reason: 'refuses', remedy: 'start it' } }).slice(1)).toEqual([
      '✘ events:9100: refuses',
      '  start it',
    ]);
  });

  it('says that `monitor up` is needed', () => {
    expect(shown({ ...added, applied: false })[1]).toBe('Next: `monitor up` applies this change');
  });

  it.each([
    ['updated', '✔ events:9100 updated in monitor.yml (job eventservice)'],
    ['unchanged', '✔ events:9100 is already in monitor.yml (job eventservice)'],
    ['removed', '✔ events:9100 removed from monitor.yml (job eventservice)'],
  ] as const)('says that it was %s', (change, line) => {
    expect(shown({ ...added, change })[0]).toBe(line);
  });

  it('says what an update changed', () => {
    const changes = [
      { key: 'metrics_path', from: '/metrics', to: '/other' },
      { key: 'labels.team', from: null, to: 'booking' },
    ];
    expect(shown({ ...added, change: 'updated', changes })[0]).toBe(
      '✔ events:9100 updated in monitor.yml (job eventservice): metrics_path /metrics → /other, labels.team unset → booking',
    );
  });

  it('does not report the removal of a missing target as done', () => {
    expect(shown({ ...added, kind: 'remove-target', change: 'absent' })[0]).toBe(
      '! events:9100 is not in monitor.yml (job eventservice)',
    );
  });
});

describe('status', () => {
  const status: ReportOf<'status'> = {
    kind: 'status',
    stack: 'monitoring',
    running: true,
    containers: [{ role: 'prometheus', name: 'prometheus', state: 'Up 2 minutes', image: 'p:1' }],
    urls,
    networks: [
      { name: 'monitoring', ours: true },
      { name: 'shop', ours: false },
    ],
    volumes: [
      { name: 'a', ours: true, exists: true },
      { name: 'b', ours: false, exists: true },
      { name: 'c', ours: false, exists: false },
    ],
    targets: [],
    notices: [],
  };

  it('marks external networks and volumes', () => {
    expect(shown(status)).toEqual([
      '● The stack "monitoring" is running',
      '  Prometheus  http://localhost:9090',
      '  Grafana     http://localhost:3000 (`monitor password` prints the login)',
      '  Networks    monitoring, shop (external)',
      '  Volumes     a, b (external), c (not created yet)',
      '',
      'SERVICE     CONTAINER   STATE         IMAGE',
      'prometheus  prometheus  Up 2 minutes  p:1',
    ]);
  });

  it('of a stack that is not running says how to start it', () => {
    expect(shown({ ...status, running: false, containers: [], networks: [] }).slice(0, 4)).toEqual([
      '● The stack "monitoring" is not running; `monitor up` starts it',
      '  Prometheus  http://localhost:9090',
      '  Grafana     http://localhost:3000 (`monitor password` prints the login)',
      '  Networks    none',
    ]);
  });
});

it('init, down, password, open, render and completion', () => {
  const ports = { prometheus: 1, grafana: 2 };
  expect(
    shown({
      kind: 'init',
      stack: 's',
      config: 'c',
      files: ['monitor.yml'],
      kept: ['.monitor/p'],
      ports,
      found: [],
      notices: ['port 1 is in use'],
    }),
  ).toEqual(['✔ wrote monitor.yml', '✔ kept .monitor/p', '! port 1 is in use', 'Next: monitor up']);
  expect(shown({ kind: 'down', stack: 's', removed: ['container p'], kept: ['volume v'], notices: [] })).toEqual([
    '✔ The stack "s" was removed',
    '  Kept    volume v',
  ]);
  expect(shown({ kind: 'down', stack: 's', removed: [], kept: [], notices: [] })).toEqual([
    '✔ The stack "s" has nothing to remove',
  ]);
  expect(shown({ kind: 'password', user: 'admin', password: 'x', source: 'f', reset: true, notices: [] })).toEqual([
    '✔ Grafana has a new admin password',
    'user      admin',
    'password  x',
    'from f',
  ]);
  expect(shown({ kind: 'open', url: 'u', opened: false })).toEqual(['u']);
  expect(shown({ kind: 'open', url: 'u', opened: true })).toEqual(['opened u']);
  expect(shown({ kind: 'render', text: 'a: 1\n', notices: [] })).toEqual(['a: 1']);
  expect(shown({ kind: 'text', text: 'x' })).toEqual(['x']);
  expect(shown({ kind: 'stream' })).toEqual(['']);
});

describe('a table', () => {
  it('aligns its columns even if some are coloured', () => {
    const bad = styleFor(true).bad('down');
    expect(
      table(
        ['A', 'B'],
        [
          [bad, 'x'],
          ['up', 'y'],
        ],
      ).split('\n'),
    ).toEqual(['A     B', `${bad}  x`, 'up    y']);
  });
});

describe('an error', () => {
  it('says what happened, why, and what to do', () => {
    const error = new MonitorError({
      code: 'c',
      message: 'It failed',
      detail: ['one', 'two\nthree'],
      suggestion: 'try',
    });
    expect(errorMessage(error, plain)).toBe('✘ It failed\n  one\n  two\n  three\n→ try');
  });
});

it('a target at an unusual path is shown with it, here and in what is explained', () => {
  const url = 'http://list:9200/custom/metrics';
  const target = { job: 'list', instance: 'list:9200', url, health: 'down', remedy: 'do this' } as const;
  const lines = shown({ ...up, targets: [{ ...target, url: 'http://list:9200/metrics' }, target] });
  expect(lines.slice(-4).map((line) => line.split(/ {2,}/).slice(0, 2).join(' '))).toEqual([
    'list list:9200',
    'list list:9200/custom/metrics',
    '→ list:9200: do this',
    '→ list:9200/custom/metrics: do this',
  ]);
  const row = { target: 'list:9200', url, health: 'missing', code: 'refused', cause: 'it refuses' } as const;
  expect(shown({ kind: 'explain', stack: 's', up: 0, explained: [row] })).toEqual([
    '✘ list:9200/custom/metrics is not a target: it refuses',
  ]);
});

it('detect says how many metrics, and ends with its hint', () => {
  const row = {
    container: 'a',
    port: 1,
    metrics_path: '/metrics',
    job: 'a',
    verdict: 'scraped',
    code: 'port',
  } as const;
  const rows = [1, 2].map((metrics) => ({ ...row, reason: 'exposes 1', metrics }));
  const report = { stack: 's', enabled: true, asked: true, rows, warnings: [], suggestions: [], hint: '1 container' };
  const lines = shown({ kind: 'detect', ...report });
  expect(lines.slice(1).map((line) => /exposes.*|^!.*/.exec(line)?.[0])).toEqual([
    'exposes 1; 1 metric',
    'exposes 1; 2 metrics',
    '! 1 container',
  ]);
});
