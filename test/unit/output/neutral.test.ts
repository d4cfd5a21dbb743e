import { describe, expect, it } from 'vitest';
import { MonitorError } from '../../../src/errors.ts';
import { jsonReporter } from '../../../src/output/json.ts';
import { neutral, neutralising } from '../../../src/output/neutral.ts';
import { plainReporter, quietReporter } from '../../../src/output/plain.ts';
import type { Report } from '../../../src/output/report.ts';
import type { Reporter } from '../../../src/output/reporter.ts';
import { styleFor } from '../../../src/output/style.ts';
import { recordedOutput } from '../../support/output.ts';

/** What someone may write into a name, a label, a log line, a metric, Grafana's title or the engine's refusal. */
const ATTACKS = [
  '\u001b[2J\u001b[1;1H',
  '\u001b]0;title\u0007',
  '\u001b]8;;http://evil\u001b\\click\u001b]8;;\u001b\\',
  '\u001b[31mred\u001b[0m',
  '\u009b31m',
  '\n✔ The stack is up',
  '\r\u0008',
  '\u202e\u2066\u200b\u00ad\ufeff',
  '\u2028\u2029',
  '\u{e0041}',
];

const row = {
  job: 'job',
  instance: 'a:1',
  url: 'http://a:1/metrics',
  health: 'down',
  error: 'e',
  remedy: 'r',
} as const;
const operations = [{ operation: 'create network n', resource: 'Network n', cause: 'it does not exist' }];
const urls = { prometheus: 'http://p', grafana: 'http://g', forward: 'ssh x' };
const series = {
  name: 'up',
  labels: { job: 'a', team: 'b' },
  values: [
    [1, '1'],
    [2, 'x'],
  ],
} as const;

/** A report of each kind, with all that may come from outside: the compiler asks for those that are new. */
const REPORTS: Record<Report['kind'], Report> = {
  init: {
    kind: 'init',
    stack: 's',
    config: 'c',
    files: ['f'],
    kept: ['k'],
    ports: { prometheus: 1, grafana: 2 },
    notices: ['n'],
    found: [{ container: 'c', port: 1, metrics_path: '/m', verdict: 'to-be-asked', code: 'x', reason: 'r' }],
  },
  plan: {
    kind: 'plan',
    stack: 's',
    operations,
    targets: [{ change: 'add', job: 'j', instance: 'a:1', metrics_path: '/m' }],
    notices: ['n'],
    problems: [{ source: 's', message: 'm' }],
  },
  up: {
    kind: 'up',
    stack: 's',
    changed: true,
    operations,
    urls,
    datasource: { name: 'd', ok: false, message: 'm' },
    targets: [row],
    notices: ['n'],
    problems: [{ source: 's', message: 'm' }],
  },
  restart: {
    kind: 'restart',
    stack: 's',
    changed: true,
    operations,
    urls,
    datasource: { name: 'd', ok: true, message: 'm' },
    targets: [row],
    notices: ['n'],
    problems: [{ source: 's', message: 'm' }],
  },
  'add-target': {
    kind: 'add-target',
    address: 'a:1',
    job: 'j',
    change: 'updated',
    changes: [{ key: 'labels.x', from: 'a', to: null }],
    config: 'c',
    applied: true,
    operations,
    answer: { ok: false, reason: 'r', remedy: 'x' },
    notices: ['n'],
  },
  'remove-target': {
    kind: 'remove-target',
    address: 'a:1',
    change: 'absent',
    config: 'c',
    applied: false,
    operations,
    notices: ['n'],
  },
  'add-exporter': {
    kind: 'add-exporter',
    exporter: 'e',
    for: 'f',
    container: 'c',
    job: 'j',
    instance: 'i',
    change: 'added',
    config: 'c',
    secrets: 's',
    applied: false,
    operations,
    answer: { ok: false, reason: 'r', remedy: 'x', log: 'l' },
    notices: ['n'],
  },
  'remove-exporter': {
    kind: 'remove-exporter',
    exporter: 'e',
    change: 'removed',
    config: 'c',
    applied: true,
    operations,
    notices: ['n'],
  },
  status: {
    kind: 'status',
    stack: 's',
    running: true,
    containers: [{ role: 'r', name: 'n', state: 's', image: 'i' }],
    urls,
    networks: [{ name: 'n', ours: false }],
    volumes: [{ name: 'v', ours: true, exists: true }],
    targets: [row],
    notices: ['n'],
  },
  render: { kind: 'render', text: 'a: 1', notices: ['n'] },
  open: { kind: 'open', url: 'u', opened: true },
  password: { kind: 'password', user: 'u', password: 'p', source: 's', reset: true, notices: ['n'] },
  down: { kind: 'down', stack: 's', removed: ['r'], kept: ['k'], notices: ['n'] },
  logs: {
    kind: 'logs',
    stack: 's',
    containers: ['a', 'b'],
    lines: [{ service: 'prometheus', container: 'a', line: 'l' }],
  },
  stream: { kind: 'stream' },
  detect: {
    kind: 'detect',
    stack: 's',
    enabled: true,
    asked: true,
    rows: [{ container: 'c', port: 1, metrics_path: '/m', job: 'j', verdict: 'refused', code: 'x', reason: 'r' }],
    warnings: ['w'],
    suggestions: [{ container: 'c', server: 's', message: 'm', command: 'x' }],
    hint: 'h',
  },
  explain: {
    kind: 'explain',
    stack: 's',
    up: 0,
    explained: [{ target: 't', job: 'j', url: 'u', health: 'down', code: 'x', cause: 'c', remedy: 'r', error: 'e' }],
  },
  'dashboards-check': {
    kind: 'dashboards-check',
    dashboards: [
      {
        uid: 'u',
        title: 't',
        panels: [{ title: 'p', state: 'empty', causes: [{ code: 'metric-vanished', message: 'm', query: 'q' }] }],
      },
    ],
    notices: ['n'],
  },
  query: {
    kind: 'query',
    asked: 'a',
    expressions: ['e', 'f'],
    unit: '',
    series: [series, { ...series, name: 'v', labels: { job: 'c', team: 'b' } }],
    warnings: ['w'],
    infos: ['i'],
    notes: ['n'],
  },
  metrics: {
    kind: 'metrics',
    jobs: [
      {
        job: 'j',
        metrics: [{ name: 'm', type: 'counter', help: 'h', unit: 'u', series: 2, labels: [{ name: 'l', values: 2 }] }],
      },
    ],
  },
  export: {
    kind: 'export',
    to: 'compose',
    stack: 's',
    text: 'a: 1',
    out: 'o',
    files: ['f'],
    others: ['x'],
    findings: [{ code: 'c', subject: 's', message: 'm', remedy: 'r' }],
    verified: [
      { verdict: 'differs', job: 'j', instance: 'i', url: 'u', exportedUrl: 'e', differences: ['d'], remark: 'r' },
    ],
    notices: ['n'],
    next: 'n',
  },
  dashboards: {
    kind: 'dashboards',
    stack: 's',
    dashboards: [{ uid: 'u', title: 't', url: 'l', source: 's', state: 'edited' }],
    problems: [{ source: 's', message: 'm' }],
    notices: ['n'],
  },
  'dashboards-pull': {
    kind: 'dashboards-pull',
    pulled: [{ uid: 'u', title: 't', file: 'f', added: true }],
    problems: [{ source: 's', message: 'm' }],
  },
  'dashboards-add': {
    kind: 'dashboards-add',
    source: 's',
    change: 'added',
    config: 'c',
    applied: true,
    operations,
    notices: ['n'],
    problems: [{ source: 's', message: 'm' }],
  },
  'dashboards-remove': {
    kind: 'dashboards-remove',
    source: 's',
    change: 'removed',
    config: 'c',
    applied: true,
    operations,
    notices: ['n'],
    problems: [{ source: 's', message: 'm' }],
  },
  written: { kind: 'written', paths: ['p'] },
  text: { kind: 'text', text: 'x' },
};

/** Fields that are one of a few words, or a number in text: nothing from outside. */
const FIXED = new Set(['kind', 'health', 'change', 'verdict', 'state', 'type', 'unit', 'to']);

/** With `attack` in each text, and in the names of labels. */
const attacked = (report: Report, attack: string): Report =>
  JSON.parse(JSON.stringify(report), (key: string, value: unknown) => {
    if (typeof value === 'string') return FIXED.has(key) ? value : `${value}${attack}`;
    if (key !== 'labels' || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, text]) => [`${name}${attack}`, text]));
  });

const colored = styleFor(true);

/** What is written on both streams, without our own colours. */
const written = (make: typeof plainReporter, say: (reporter: Reporter) => void, toTerminal = true): string => {
  const output = { ...recordedOutput(), outStyle: colored, errStyle: colored, verbose: true };
  say(neutralising(make(output), toTerminal));
  return `${output.written.stdout}${output.written.stderr}`;
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: the colours that chalk writes
const uncolored = (text: string): string => text.replace(/\u001b\[(?:1|2|22|3[1-6]|39)m/g, '');

const HIDDEN = /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/u;

describe('text from outside', () => {
  it.each(Object.entries(REPORTS))(
    'in a report of the kind %s neither acts on the terminal nor adds a line',
    (_, report) => {
      for (const attack of ATTACKS) {
        for (const make of [plainReporter, quietReporter]) {
          const textOf = (of: Report) => uncolored(written(make, (r) => r.result(of)));
          const evil = textOf(attacked(report, attack));
          expect(evil).not.toMatch(HIDDEN);
          // A document has its own lines.
          if (!('text' in report)) expect(evil.split('\n')).toHaveLength(textOf(report).split('\n').length);
        }
      }
    },
  );

  it.each(ATTACKS)('%j in progress, notes, warnings, log lines and errors does neither', (attack) => {
    const say = (text: string) => (r: Reporter) => {
      const step = r.start(`Container c${text}`, `Starting${text}`);
      step.update(`Waiting${text}`);
      step.done(`Started${text}`);
      r.note(text);
      r.warn(text);
      r.event(`a${text}`, {});
      r.error(new MonitorError({ code: 'c', message: `m${text}`, suggestion: `s${text}` }));
    };
    const evil = written(plainReporter, say(attack));
    expect(uncolored(evil)).not.toMatch(HIDDEN);
    expect(evil.split('\n')).toHaveLength(written(plainReporter, say('')).split('\n').length);
  });

  it.each(ATTACKS)('%j with --json is escaped, and reads back as it was', (attack) => {
    const output = recordedOutput();
    const report = attacked(REPORTS.query, attack);
    jsonReporter(output).result(report);
    expect(output.written.stdout).not.toMatch(HIDDEN);
    expect(JSON.parse(output.written.stdout)).toEqual(report);
  });

  it("keeps letters, tabs and the program's own colours", () => {
    expect(neutral('東京\té \u001b[32mup\u001b[0m 👩‍💻')).toBe('東京\té up 👩💻');
    expect(written(plainReporter, (r) => r.result(REPORTS.down))).toContain(colored.good('✔'));
  });

  it('in a document is written unchanged, except to a terminal', () => {
    const text = 'a: "\u200b"\nb: 1\n';
    const report: Report = { kind: 'render', text, notices: [] };
    expect(written(plainReporter, (r) => r.result(report), false)).toBe(text);
    expect(written(plainReporter, (r) => r.result(report), true)).toBe('a: ""\nb: 1\n');
  });
});
