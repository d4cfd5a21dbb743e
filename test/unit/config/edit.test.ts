import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { addTarget, removeTarget, type WantedTarget } from '../../../src/config/edit.ts';
import { resolve } from '../../../src/config/resolve.ts';
import { failureOf } from './support.ts';

/** Many runs of one property take seconds on a busy machine. */
vi.setConfig({ testTimeout: 30_000 });

const EVENTS: WantedTarget = { address: 'events:9100' };
const LONG: WantedTarget = { address: 'l:1', job_name: 'book', metrics_path: '/m', labels: { team: 'yes', v: '1' } };
const LONG_LINES = ['address: l:1', 'job_name: book', 'metrics_path: /m', 'labels:', '  team: "yes"', '  v: "1"'];
const entry = (indent: string, lines: readonly string[]) =>
  lines.map((line, i) => `${indent}${i === 0 ? '- ' : '  '}${line}\n`).join('');

describe('adding a target changes nothing but its own lines', () => {
  it.each<[name: string, before: string, after: string]>([
    ['no targets', 'version: 1\n', 'version: 1\ntargets:\n  - events:9100\n'],
    ['no line break at the end', 'version: 1', 'version: 1\ntargets:\n  - events:9100'],
    ['an empty list', 'version: 1\ntargets: []\nname: a\n', 'version: 1\ntargets:\n  - events:9100\nname: a\n'],
    [
      'an empty list with a comment',
      'version: 1\ntargets: [ ]   # none\n',
      'version: 1\ntargets:   # none\n  - events:9100\n',
    ],
    ['an empty key', 'version: 1\ntargets:\nname: a\n', 'version: 1\ntargets:\n  - events:9100\nname: a\n'],
    [
      'an empty key with comments',
      'version: 1\ntargets: # x\n  # - a:1\n',
      'version: 1\ntargets: # x\n  - events:9100\n  # - a:1\n',
    ],
    ['null', 'version: 1\ntargets: ~ # x\n', 'version: 1\ntargets: # x\n  - events:9100\n'],
    [
      'comments in odd places',
      '# top\n\n\nversion:   1 # v\ntargets: # t\n  # above\n  -   "a:1"   # beside\n\n  # - c:1\n\n# below\nname: a\n# end',
      '# top\n\n\nversion:   1 # v\ntargets: # t\n  # above\n  -   "a:1"   # beside\n  - events:9100\n\n  # - c:1\n\n# below\nname: a\n# end',
    ],
    [
      'no indentation',
      'version: 1\ntargets:\n- a:1\nname: a\n',
      'version: 1\ntargets:\n- a:1\n- events:9100\nname: a\n',
    ],
    ['four spaces', 'version: 1\ntargets:\n    - a:1\n', 'version: 1\ntargets:\n    - a:1\n    - events:9100\n'],
    [
      'four spaces elsewhere',
      'version: 1\ngrafana:\n    port: 1\n',
      'version: 1\ngrafana:\n    port: 1\ntargets:\n    - events:9100\n',
    ],
    [
      'Windows line ends',
      'version: 1\r\ntargets:\r\n  - a:1 # x\r\nname: a\r\n',
      'version: 1\r\ntargets:\r\n  - a:1 # x\r\n  - events:9100\r\nname: a\r\n',
    ],
    ['Windows, empty', 'version: 1\r\ntargets: []\r\nname: a', 'version: 1\r\ntargets:\r\n  - events:9100\r\nname: a'],
    [
      'a byte order mark',
      '\uFEFFversion: 1\ntargets:\n  - a:1\n',
      '\uFEFFversion: 1\ntargets:\n  - a:1\n  - events:9100\n',
    ],
    ['a byte order mark and no targets', '\uFEFFversion: 1\n', '\uFEFFversion: 1\ntargets:\n  - events:9100\n'],
    [
      'a long last entry',
      'version: 1\ntargets:\n  - address: a:1 # x\n    labels:\n      a: b # y\n  # z\n',
      'version: 1\ntargets:\n  - address: a:1 # x\n    labels:\n      a: b # y\n  - events:9100\n  # z\n',
    ],
    [
      'a block text at the end',
      'version: 1\ntargets:\n  - address: a:1\n    labels:\n      a: |\n        x\nname: a\n',
      'version: 1\ntargets:\n  - address: a:1\n    labels:\n      a: |\n        x\n  - events:9100\nname: a\n',
    ],
    [
      'flow style',
      'version: 1\ntargets: [a:1, {address: "b:1"} ] # x\n',
      'version: 1\ntargets: [a:1, {address: "b:1"}, events:9100 ] # x\n',
    ],
    [
      'flow style on lines',
      'version: 1\ntargets: [\n    a:1, # x\n    b:1 # y\n  ]\n',
      'version: 1\ntargets: [\n    a:1, # x\n    b:1, # y\n    events:9100\n  ]\n',
    ],
    [
      'a comma at the end',
      'version: 1\ntargets: [\n    a:1, # x\n  ]\n',
      'version: 1\ntargets: [\n    a:1, # x\n    events:9100,\n  ]\n',
    ],
    ['a file in one line', '{version: 1, targets: [a:1]}', '{version: 1, targets: [a:1, events:9100]}'],
    ['a file in one line without targets', '{version: 1}\n', '{version: 1, targets: [events:9100]}\n'],
    [
      'anchors',
      'version: 1\ntargets:\n  - &a {address: "a:1", labels: &l {x: y}}\n  - {<<: *a, address: "b:1"}\nname: a\n',
      'version: 1\ntargets:\n  - &a {address: "a:1", labels: &l {x: y}}\n  - {<<: *a, address: "b:1"}\n  - events:9100\nname: a\n',
    ],
    [
      'an indented file',
      '  version: 1\n  targets:\n    - a:1\n',
      '  version: 1\n  targets:\n    - a:1\n    - events:9100\n',
    ],
    [
      'JSON',
      '{\n  "version": 1,\n  "targets": [\n    "a:1"\n  ]\n}\n',
      '{\n  "version": 1,\n  "targets": [\n    "a:1",\n    events:9100\n  ]\n}\n',
    ],
  ])('%s', (_, before, after) => {
    expect(addTarget(before, EVENTS)).toMatchObject({ text: after, change: 'added' });
    const long = addTarget(before, LONG);
    expect(long.change).toBe('added');
    expect(resolve(long.text, 'f').targets.at(-1)).toEqual(long.entry);
  });

  it('writes the long form if there is more than the address', () => {
    expect(addTarget('version: 1\ntargets:\n- events:1\n', LONG).text).toBe(
      `version: 1\ntargets:\n- events:1\n${entry('', LONG_LINES)}`,
    );
    expect(addTarget('version: 1\ntargets: [a:1]\n', LONG).text).toBe(
      'version: 1\ntargets: [a:1, {address: l:1, job_name: book, metrics_path: /m, labels: {team: "yes", v: "1"}}]\n',
    );
  });

  it('writes the address alone if the rest is the default', () => {
    const wanted = { ...EVENTS, job_name: 'events', metrics_path: '/metrics', scheme: 'http', labels: {} };
    expect(addTarget('version: 1\n', wanted).text).toBe('version: 1\ntargets:\n  - events:9100\n');
  });

  it('quotes what YAML would not read as text', () => {
    expect(addTarget('version: 1\n', { address: '[::1]:9100' }).text).toBe('version: 1\ntargets:\n  - "[::1]:9100"\n');
  });
});

describe('adding a target that exists', () => {
  it.each<[text: string, wanted: WantedTarget]>([
    ['version: 1\ntargets: ["events:9100"]', EVENTS],
    ['version: 1\ntargets: [{address: "events:9100", job_name: e, labels: {a: b}}]', EVENTS],
    [
      'version: 1\ntargets: [{address: "events:9100", job_name: e, labels: {a: 1, c: d}}]',
      { ...EVENTS, job_name: 'e', labels: { a: '1' } },
    ],
    ['version: 1\ntargets: ["events:09100"]', EVENTS],
  ])('changes nothing where it is so already: %j', (text, wanted) => {
    expect(addTarget(text, wanted)).toMatchObject({ text, change: 'unchanged' });
  });

  it.each<[name: string, before: string, wanted: Omit<WantedTarget, 'address'>, after: string]>([
    [
      'short',
      '- "events:9100" # x\n- b:1\n',
      { job_name: 'e', labels: { a: 'b' } },
      '- address: "events:9100" # x\n  job_name: e\n  labels:\n    a: b\n- b:1\n',
    ],
    [
      'short in flow',
      '[b:1, events:9100 ] # x\n',
      { job_name: 'e', labels: { a: 'b' } },
      '[b:1, {address: events:9100, job_name: e, labels: {a: b}} ] # x\n',
    ],
    [
      'long',
      '- job_name:  old # x\n  address: events:9100 # y\n',
      { job_name: 'e', scheme: 'https' },
      '- job_name:  e # x\n  address: events:9100 # y\n  scheme: https\n',
    ],
    [
      'long in flow',
      '- {address: "events:9100", scheme: https } # x\n',
      { scheme: 'http', metrics_path: '/m' },
      '- {address: "events:9100", scheme: http, metrics_path: /m } # x\n',
    ],
    [
      'labels',
      '- address: events:9100\n  labels:\n    a: b # x\n    c: d\n',
      { labels: { a: '1', e: 'f' } },
      '- address: events:9100\n  labels:\n    a: "1" # x\n    c: d\n    e: f\n',
    ],
    [
      'labels in flow',
      '- {address: "events:9100", labels: {a: b}}\n',
      { labels: { c: 'd' } },
      '- {address: "events:9100", labels: {a: b, c: d}}\n',
    ],
    [
      'empty labels',
      '- address: events:9100\n  labels: {} # x\n',
      { labels: { c: 'd' } },
      '- address: events:9100\n  labels: {c: d} # x\n',
    ],
    [
      'labels without value',
      '- address: events:9100\n  labels:\n',
      { labels: { c: 'd' } },
      '- address: events:9100\n  labels: {c: d}\n',
    ],
    [
      'an interval',
      '- address: events:9100\n  scrape_interval: 5s # x\n',
      { scrape_interval: '1m' },
      '- address: events:9100\n  scrape_interval: 1m # x\n',
    ],
  ])('updates what differs: %s', (_, before, wanted, after) => {
    const head = 'version: 1\ntargets:\n';
    const indented = (text: string) => head + text.replace(/^(?=.)/gm, '  ');
    const result = addTarget(indented(before), { ...EVENTS, ...wanted });
    expect(result.text).toBe(indented(after));
    expect(result).toMatchObject({ change: 'updated', before: { address: 'events:9100' } });
    expect(result.before).not.toEqual(result.entry);
  });

  it('keeps line ends of Windows in an update', () => {
    const { text } = addTarget('version: 1\r\ntargets:\r\n- events:9100 # x\r\n', { ...EVENTS, job_name: 'e' });
    expect(text).toBe('version: 1\r\ntargets:\r\n- address: events:9100 # x\r\n  job_name: e\r\n');
  });

  it('updates the target with that path if the address has several', () => {
    const text = 'version: 1\ntargets:\n- events:9100\n- {address: "events:9100", job_name: x, metrics_path: /x}\n';
    expect(addTarget(text, { ...EVENTS, metrics_path: '/x', scheme: 'https' }).text).toContain(
      'metrics_path: /x, scheme: https}',
    );
    expect(addTarget(text, { ...EVENTS, metrics_path: '/y', job_name: 'y' }).change).toBe('added');
  });
});

describe('adding an invalid target', () => {
  const text = 'version: 1\ntargets:\n- {address: "a:1", job_name: j}\nscrape_configs:\n- job_name: node\n';

  it.each<[wanted: WantedTarget, code: string, words: RegExp]>([
    [{ address: 'http://a:1' }, 'invalid-address', /leave out/],
    [
      { ...EVENTS, labels: { job: 'x', 'a-b': 'y' } },
      'invalid-target',
      /labels\.job: .*use `job_name`\nlabels\.a-b: is not a valid label name/,
    ],
    [{ ...EVENTS, scrape_interval: '15' }, 'invalid-target', /scrape_interval: must be a duration/],
    [{ ...EVENTS, scheme: 'ftp' }, 'invalid-target', /scheme: must be http or https/],
    [{ ...EVENTS, metrics_path: 'x' }, 'invalid-target', /metrics_path: must start with/],
    [{ ...EVENTS, job_name: 'prometheus' }, 'invalid-target', /"prometheus" is reserved for the stack/],
    [{ ...EVENTS, job_name: 'node' }, 'invalid-target', /the same job "node" \(see line 5\)/],
    [
      { ...EVENTS, job_name: 'j', metrics_path: '/x' },
      'invalid-target',
      /the job "j" has another `metrics_path` on line 3/,
    ],
  ])('%j', (wanted, code, words) => {
    const error = failureOf(() => addTarget(text, wanted));
    expect(error).toMatchObject({ code, exitCode: 2 });
    expect(`${error.message}\n${error.detail.join('\n')}`).toMatch(words);
    expect(error.suggestion).toBeDefined();
  });

  it.each([
    ['grafana:3000', 'the stack’s own grafana is scraped already; for another one, set --job-name NAME'],
    ['prometheus:9090', /^the stack’s own prometheus is scraped already/],
    ['node:9100', 'give it another job: --job-name NAME'],
  ])('%s, for its job, is told what to do about that', (address, suggestion) => {
    expect(failureOf(() => addTarget(text, { address })).suggestion).toMatch(suggestion);
  });

  it('is refused if the file has errors', () => {
    expect(failureOf(() => addTarget('nope: 1', EVENTS))).toMatchObject({ code: 'invalid-config' });
  });

  it.each([
    ['the list is an alias', 'version: 1\nscrape_configs: &a []\ntargets: *a\n'],
    ['the entry is an alias', 'version: 1\nscrape_configs: [{job_name: &e "events:9100"}]\ntargets:\n- *e\n'],
  ])('says what to write by hand where %s', (_, before) => {
    const error = failureOf(() => addTarget(before, { ...EVENTS, job_name: 'e' }));
    expect(error).toMatchObject({ code: 'config-not-editable', exitCode: 2 });
    expect(error.detail).toEqual(['- address: events:9100', '  job_name: e']);
    const there = before.includes('events:9100');
    expect(error.suggestion).toBe(
      there ? 'change the entry under `targets` to this one by hand' : 'add this entry to `targets` by hand',
    );
  });
});

describe('removing a target changes nothing but its own lines', () => {
  it.each<[name: string, before: string, after: string]>([
    ['the first', '  # x\n  - a:1 # y\n  # z\n  - b:1\n', '  # x\n  # z\n  - b:1\n'],
    ['the last', '  - b:1\n  - a:1\n\n# end\n', '  - b:1\n\n# end\n'],
    ['the last of the file', '  - b:1\n  - a:1', '  - b:1'],
    ['a long one', '  - address: a:1\n    # inside\n    labels:\n      x: y\n\n  - b:1\n', '\n  - b:1\n'],
    ['all of its address', '  - a:1\n  - b:1\n  - {address: "a:1", metrics_path: /x, job_name: x}\n', '  - b:1\n'],
    ['Windows line ends', '  - b:1\r\n  - a:1 # x\r\nname: a\r\n', '  - b:1\r\nname: a\r\n'],
  ])('%s', (_, before, after) => {
    expect(removeTarget(`version: 1\ntargets:\n${before}`, 'a:1')).toMatchObject({
      text: `version: 1\ntargets:\n${after}`,
      change: 'removed',
    });
  });

  it.each<[name: string, before: string, after: string]>([
    ['the only one', 'targets: # x\n  # y\n  - a:1 # z\nname: a\n', 'targets: [] # x\n  # y\nname: a\n'],
    ['the only one, at the end', 'targets:\n- a:1', 'targets: []'],
    ['first in flow', 'targets: [ a:1, b:1 ] # x\n', 'targets: [ b:1 ] # x\n'],
    ['middle in flow', 'targets: [b:1, a:1, c:1]\n', 'targets: [b:1, c:1]\n'],
    ['last in flow', 'targets: [b:1, {address: "a:1"}]\n', 'targets: [b:1]\n'],
    ['only in flow', 'targets: [a:1]\n', 'targets: []\n'],
    [
      'flow on lines',
      'targets: [\n    b:1, # x\n    a:1, # y\n    c:1 # z\n  ]\n',
      'targets: [\n    b:1, # x\n    c:1 # z\n  ]\n',
    ],
    ['last of flow on lines', 'targets: [\n    b:1, # x\n    a:1 # y\n  ]\n', 'targets: [\n    b:1, # x\n  ]\n'],
  ])('%s', (_, before, after) => {
    expect(removeTarget(`version: 1\n${before}`, 'a:1').text).toBe(`version: 1\n${after}`);
  });

  it('does nothing if the target is not there', () => {
    const text = 'version: 1\ntargets: [b:1]';
    expect(removeTarget(text, 'a:1')).toEqual({ text, change: 'absent', removed: [] });
  });

  it('refuses an invalid address', () => {
    expect(failureOf(() => removeTarget('version: 1', 'a')).code).toBe('invalid-address');
    expect(failureOf(() => removeTarget('version: 1', 'https://a:1/m')).suggestion).toBe(
      'write: monitor remove-target a:1',
    );
  });
});

describe('any file', () => {
  const eol = fc.constantFrom('\n', '\r\n');
  const comment = fc.constantFrom('', '', ' # note', '   # - x:1');
  const indent = fc.constantFrom('', '  ', '    ');
  const hosts = fc.uniqueArray(fc.constantFrom('a', 'b', 'c-d', '10.0.0.1', '[::1]', 'e_f'), {
    minLength: 1,
    maxLength: 4,
  });
  const shape = fc.constantFrom('short', 'quoted', 'long', 'flow');
  const wanted = fc.record(
    {
      job_name: fc.constantFrom('job', 'yes', '1', 'a: b', '# c', "it's"),
      metrics_path: fc.constantFrom('/metrics', '/x', "/'{}"),
      scheme: fc.constantFrom('http', 'https'),
      scrape_interval: fc.constantFrom('15s', '1m'),
      labels: fc.dictionary(fc.constantFrom('team', 'on', 'n_1'), fc.string({ maxLength: 8 }), { maxKeys: 2 }),
    },
    { requiredKeys: [] },
  );
  const line = fc.tuple(shape, comment, fc.constantFrom('', '# between', '  # - z:9'));
  const file = fc
    .record({
      eol,
      indent,
      hosts,
      lines: fc.array(line, { minLength: 4, maxLength: 4 }),
      comment,
      end: fc.constantFrom('', 'name: a', '# end'),
      ended: fc.boolean(),
    })
    .map((f) => {
      const entries = f.hosts.flatMap((host, i) => {
        const [form, note, after] = f.lines[i] ?? ['short', '', ''];
        const plain = host.startsWith('[') ? `"${host}:1"` : `${host}:1`;
        const lines = {
          short: [plain],
          quoted: [`'${host}:1'`],
          flow: [`{address: "${host}:1", labels: {k: v}}`],
          long: [`address: ${plain}`, `job_name: job-${i}`],
        }[form];
        return [
          ...lines.map((text, n) => `${f.indent}${n === 0 ? '- ' : '  '}${text}${note}`),
          ...(after === '' ? [] : [after]),
        ];
      });
      const text = [
        '# head',
        '',
        'version: 1',
        `targets:${f.comment}`,
        ...entries,
        ...(f.end === '' ? [] : [f.end]),
      ].join(f.eol);
      return f.ended ? text + f.eol : text;
    });

  it('with a target added keeps every line, and is as it was when that is removed', () => {
    fc.assert(
      fc.property(file, wanted, (text, keys) => {
        const added = addTarget(text, { address: 'new:1', ...keys });
        const kept = text.split(/\r?\n/);
        expect(added.text.split(/\r?\n/).filter((each) => kept.includes(each))).toEqual(kept);
        expect(addTarget(added.text, { address: 'new:1', ...keys }).change).toBe('unchanged');
        expect(removeTarget(added.text, 'new:1').text).toBe(text);
      }),
    );
  });

  it('with a target updated says what was asked for, and keeps its comments', () => {
    fc.assert(
      fc.property(file, wanted, (text, keys) => {
        const address = resolve(text, 'f').targets[0]?.address ?? '';
        const updated = addTarget(text, { address, ...keys });
        expect(resolve(updated.text, 'f').targets[0]).toMatchObject({ ...keys, address });
        expect(updated.text.match(/#.*/g)?.length).toBeGreaterThanOrEqual(text.match(/#.*/g)?.length ?? 0);
        expect(addTarget(updated.text, { address, ...keys })).toMatchObject({
          text: updated.text,
          change: 'unchanged',
        });
      }),
    );
  });
});
