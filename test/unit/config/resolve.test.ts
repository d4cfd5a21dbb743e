import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { MAX_CHARACTERS, resolve } from '../../../src/config/resolve.ts';
import { MonitorError } from '../../../src/errors.ts';
import { failureOf } from './support.ts';

/** Many runs of one property take seconds on a busy machine. */
vi.setConfig({ testTimeout: 30_000 });

const problemsOf = (text: string): readonly string[] => failureOf(() => resolve(text, 'monitor.yml')).detail;

describe('a good file', () => {
  it('needs only its version', () => {
    expect(resolve('version: 1', 'monitor.yml')).toEqual({
      name: 'monitoring',
      scrape_interval: '15s',
      bind: '127.0.0.1',
      network: 'monitoring',
      prometheus: {
        image: 'prom/prometheus:v3.13.2',
        container: 'prometheus',
        volume: 'prometheus-data',
        port: 9090,
        retention: { time: '15d' },
      },
      grafana: {
        image: 'grafana/grafana:13.2.3',
        container: 'grafana',
        volume: 'grafana-data',
        port: 3000,
        admin_user: 'admin',
      },
      detect: { enabled: true },
      targets: [],
      exporters: [],
      scrape_configs: [],
      dashboards: [],
    });
  });

  it('keeps every value that is written', () => {
    const config = {
      name: 'shop',
      scrape_interval: '5s',
      bind: '::1',
      network: 'n1',
      prometheus: { image: 'p', container: 'c1', volume: 'v1', port: 1, retention: { time: '1d', size: '1GB' } },
      grafana: { image: 'g', container: 'c2', volume: 'v2', port: 2, admin_user: 'root' },
      detect: { enabled: false },
      targets: [
        {
          address: 'a:1',
          job_name: 'j',
          metrics_path: '/m',
          scheme: 'https',
          scrape_interval: '1s',
          labels: { x: 'y' },
        },
      ],
      exporters: [
        {
          name: 'postgres',
          for: 'db',
          port: 5433,
          image: 'e',
          container: 'c3',
          job_name: 'pg',
          user: 'u',
          database: 'd',
          from_env: 'PGPASSWORD',
        },
      ],
      scrape_configs: [{ job_name: 'k', static_configs: [{ targets: ['b:1'] }], sample_limit: 10 }],
      dashboards: [],
    };
    expect(resolve(JSON.stringify({ version: 1, ...config }), 'monitor.yml')).toEqual(config);
  });

  it('prefixes the default names with the name of the stack', () => {
    const config = resolve('version: 1\nname: shop', 'monitor.yml');
    expect([config.network, config.prometheus.container, config.prometheus.volume]).toEqual([
      'shop-monitoring',
      'shop-prometheus',
      'shop-prometheus-data',
    ]);
    expect([config.grafana.container, config.grafana.volume]).toEqual(['shop-grafana', 'shop-grafana-data']);
  });

  it('may repeat the defaults', () => {
    expect(resolve('name: monitoring\n', 'monitor.yml')).toEqual(resolve('version: 1\n', 'monitor.yml'));
  });

  it('may have sections whose every line is a comment', () => {
    const text = 'version: 1\nprometheus:\n  # port: 1\ngrafana:\ndetect:\ntargets:\n  # - a:1\nscrape_configs:\n';
    expect(resolve(text, 'monitor.yml')).toEqual(resolve('version: 1', 'monitor.yml'));
  });

  it('names the job of a target after its host', () => {
    const { targets } = resolve('version: 1\ntargets: ["[::1]:9100", events:9100]', 'monitor.yml');
    expect(targets.map(({ address, job_name }) => [address, job_name])).toEqual([
      ['[::1]:9100', '::1'],
      ['events:9100', 'events'],
    ]);
  });

  it('takes numbers and booleans of labels as the text that they are', () => {
    const text = 'version: 1\ntargets: [{address: "a:1", labels: {version: 1.10, beta: true, hex: 0x1F, on: yes}}]';
    expect(resolve(text, 'monitor.yml').targets[0]?.labels).toEqual({
      version: '1.10',
      beta: 'true',
      hex: '0x1F',
      on: 'yes',
    });
  });

  it('may use anchors, aliases and merge keys', () => {
    const text =
      'version: 1\ntargets:\n- &a {address: "a:1", labels: &l {x: 1}}\n- {<<: *a, address: "b:1"}\n- {address: "c:1", labels: *l}';
    expect(resolve(text, 'monitor.yml').targets.map(({ labels }) => labels)).toEqual([
      { x: '1' },
      { x: '1' },
      { x: '1' },
    ]);
  });

  it('may keep anchors under top-level keys that start with `x-`', () => {
    const text =
      'x-web: &web {scheme: https, labels: &l {v: 1.10}}\ntargets: [{<<: *web, address: "a:1"}]\nscrape_configs: [{job_name: b, x: *l}]';
    const { targets, scrape_configs, ...rest } = resolve(text, 'monitor.yml');
    expect(targets[0]).toMatchObject({ scheme: 'https', labels: { v: '1.10' } });
    expect(scrape_configs[0]).toMatchObject({ x: { v: { text: '1.10' } } });
    expect(rest).not.toHaveProperty('x-web');
  });

  it('has a merged key wherever it says nothing else, the first of several mappings first', () => {
    const text = `
x-a: &a {scheme: https, metrics_path: /a}
x-b: &b {metrics_path: /b, scrape_interval: 5s}
targets:
  - {address: "a:1", scheme: http, <<: [*a, *b]}
`;
    expect(resolve(text, 'monitor.yml').targets[0]).toMatchObject({
      scheme: 'http',
      metrics_path: '/a',
      scrape_interval: '5s',
    });
  });

  it('may refer to an anchor thousands of times', () => {
    const labels = Array.from({ length: 50 }, (_, i) => `l${i}: v`).join(', ');
    const targets = Array.from({ length: 1500 }, (_, i) => `  - {address: "a${i}:1", labels: *l}\n`).join('');
    const text = `x-labels: &l {${labels}}\ntargets:\n${targets}`;
    expect(resolve(text, 'monitor.yml').targets.at(-1)?.labels).toHaveProperty('l49', 'v');
  });

  it('names dashboards by path, and those of grafana.com by id and revision', () => {
    const text = 'dashboards: [./a.json, ./dir, {grafana_com: 1860, revision: 37}, {grafana_com: 3662}]';
    expect(resolve(text, 'monitor.yml').dashboards).toEqual([
      './a.json',
      './dir',
      { grafana_com: 1860, revision: 37 },
      { grafana_com: 3662 },
    ]);
    expect(resolve('dashboards:\n', 'monitor.yml').dashboards).toEqual([]);
  });

  it('may have several targets of one job that agree', () => {
    const text =
      'version: 1\ntargets:\n- {address: "a:1", job_name: j}\n- {address: "a:2", job_name: j, scrape_interval: 15000ms}';
    expect(resolve(text, 'monitor.yml').targets).toHaveLength(2);
  });

  it.each(['\uFEFFversion: 1\n', 'version: 1\r\nname: monitoring\r\n', '---\nversion: 1\n...\n', '{version: 1}'])(
    '%j',
    (text) => {
      expect(resolve(text, 'monitor.yml').name).toBe('monitoring');
    },
  );
});

describe('a bad file', () => {
  it('is reported with all its problems in order, each with its place', () => {
    const text = [
      'version: 2',
      'nam: x',
      'bind: localhost',
      'prometheus: {port: "9090", retention: {time: 15}}',
      'grafana:',
      '  port: 0',
      '  imgae: x',
      'targets:',
      '  - events:9100',
      '  - events: 9100',
      '  - address: b:1',
      '    labels:',
      '      job: x',
      '  - events:9100',
    ].join('\n');
    const error = failureOf(() => resolve(text, 'sub/monitor.yml'));
    expect(error).toMatchObject({
      code: 'invalid-config',
      exitCode: 2,
      message: 'sub/monitor.yml has 11 problems',
      suggestion: 'correct sub/monitor.yml, and run the command again',
    });
    expect(error.detail).toEqual([
      'sub/monitor.yml:1:10  version: is 2, but this monitor reads version 1',
      'sub/monitor.yml:2:1  nam: unknown key (did you mean `name`?)',
      'sub/monitor.yml:3:7  bind: must be an IP address: write 127.0.0.1',
      'sub/monitor.yml:4:20  prometheus.port: must be a number, without quotes: 9090',
      'sub/monitor.yml:4:46  prometheus.retention.time: must be a duration with its unit, such as `15d`, not the number 15',
      'sub/monitor.yml:6:9  grafana.port: must be a port from 1 to 65535, not 0',
      'sub/monitor.yml:7:3  grafana.imgae: unknown key (did you mean `image`?)',
      'sub/monitor.yml:10:5  targets[1].address: is missing: it must be HOST:PORT, such as `events:9100`',
      'sub/monitor.yml:10:5  targets[1].events: unknown key (a target is HOST:PORT, without a space after the colon)',
      'sub/monitor.yml:13:7  targets[2].labels.job: is set by Prometheus: use `job_name`',
      'sub/monitor.yml:14:5  targets[3]: duplicate target events:9100 (also on line 9): remove one of them',
    ]);
  });

  it.each<[name: string, text: string, problem: RegExp]>([
    ['empty', '', /^monitor\.yml: the file is empty; the shortest one is `version: 1`$/],
    ['nothing but comments', '# a\n', /^monitor\.yml: the file is empty/],
    ['null', 'null', /^monitor\.yml: the file is empty/],
    ['a text', 'hello', /1:1 {2}must be a mapping/],
    ['a list', '- a\n', /must be a mapping .* not a list/],
    ['no version', 'version:\n', /version: has no value: it must be the number 1/],
    ['version in quotes', 'version: "1"', /version: must be the number 1, not the text "1"/],
    ['a tab', 'version: 1\nprometheus:\n\tport: 1\n', /:3:1 {2}tab used for indentation/],
    ['a key too far in', 'version: 1\n targets: []\n', /^monitor\.yml:2:2 {2}wrong indentation: [^\n]*$/],
    ['a key that is not far enough in', 'grafana:\n  port: 1\n image: x\n', /:3:2 {2}wrong indentation/],
    ['an entry that is not far enough in', 'targets:\n  - a:1\n - b:2\n', /:3:2 {2}wrong indentation/],
    [
      'a key of an entry that is not far enough in',
      'targets:\n  - address: a:1\n    job_name: x\n   labels: {}\n',
      /:4:4 {2}wrong indentation/,
    ],
    [
      'a list that is not closed',
      'name: [x\nbind: 3',
      /:2:1 {2}a list that starts with `\[` is not closed before this/,
    ],
    ['a quote that is not closed', 'name: "x\n', /a text that starts with a quote is not closed/],
    ['a colon in a text', 'name: a: b\n', /:1:7 {2}a text with a colon and a space in it must be quoted/],
    ['a key twice', 'version: 1\nname: a\nname: b\n', /:3:1 {2}name: duplicate key, first used on line 2/],
    ['two documents', 'version: 1\n---\nversion: 1\n', /:2:1 {2}a second document/],
    ['an unquoted IPv6 address', 'version: 1\ntargets:\n- [::1]:9100\n', /:3:\d+ {2}.*must be quoted as a whole/],
    ['an open quote', 'version: 1\nname: "a\n', /:\d+:\d+ {2}.*quote/],
    ['an unknown tag', 'version: 1\nname: !secret a\n', /:2:7 {2}.*!secret/],
    ['an alias without anchor', 'version: 1\nname: *a\n', /:2:7 {2}unknown anchor: `\*a`/],
    ['an alias in its own anchor', 'version: 1\nscrape_configs: &a [*a]\n', /`\*a` contains itself/],
    ['a merge of no mapping', 'version: 1\n<<: 1\n', /[Mm]erge/],
    ['__proto__', '__proto__: {port: 1}\n', /^monitor\.yml:1:1 {2}__proto__: unknown key/],
    [
      '__proto__ as a label',
      'targets: [{address: "a:1", labels: {__proto__: x}}]\n',
      /^monitor\.yml:1:37 {2}targets\[0\]\.labels\.__proto__: is reserved/,
    ],
    ['binary', 'version: 1\0', /:1:11 {2}not a text file/],
    ['a key without value', 'version: 1\nname:\n', /:2:1 {2}name: has no value: it must be a name/],
    ['a misspelt deep key', 'version: 1\nprometheus: {retention: {tiem: 1d}}\n', /did you mean `time`\?/],
    ['a key with hyphens', 'version: 1\nscrape-interval: 1s\n', /did you mean `scrape_interval`\?/],
    [
      'an unlike key',
      'version: 1\ngrafana: {colour: red}\n',
      /known here: `image`, `container`, `volume`, `port`, `admin_user`/,
    ],
    ['a list for a mapping', 'version: 1\nprometheus: [1]\n', /prometheus: must be a mapping .* not a list/],
    ['a mapping for a list', 'version: 1\ntargets: {a: 1}\n', /targets: must be a list, not a mapping/],
    [
      'a number for a target',
      'version: 1\ntargets: [9100]\n',
      /targets\[0\]: must be HOST:PORT, .* not the number 9100/,
    ],
    ['a URL for a target', 'version: 1\ntargets: ["http://a:1/x"]\n', /leave out `http:\/\/` \(write a:1\)/],
    [
      'a label without value',
      'version: 1\ntargets: [{address: "a:1", labels: {x: }}]\n',
      /labels\.x: has no value: it must be text/,
    ],
    [
      'a label with a list',
      'version: 1\ntargets: [{address: "a:1", labels: {x: [1]}}]\n',
      /labels\.x: must be text, not a list/,
    ],
    ['another scheme', 'version: 1\ntargets: [{address: "a:1", scheme: ftp}]\n', /scheme: must be http or https/],
    ['no job_name', 'version: 1\nscrape_configs: [{a: 1}]\n', /scrape_configs\[0\]\.job_name: is missing/],
    ['a null entry', 'version: 1\nscrape_configs:\n-\n', /scrape_configs\[0\]: must be a mapping/],
    ['a null target', 'version: 1\ntargets:\n-\n', /targets\[0\]: has no value/],
    [
      'one port for both',
      'version: 1\nprometheus: {port: 3000}\n',
      /:2:20 {2}prometheus\.port: 3000 is already in use by `grafana\.port` \(its default\)/,
    ],
    [
      'one port for both, both written',
      'version: 1\ngrafana:\n  port: 7\nprometheus:\n  port: 7\n',
      /:5:9 {2}prometheus\.port: 7 is already in use by `grafana\.port` \(line 3\)/,
    ],
    ['one port, its default', 'version: 1\ngrafana: {port: 9090}\n', /:2:17 .*`prometheus\.port` \(its default\)/],
    [
      'one container',
      'version: 1\ngrafana: {container: prometheus}\n',
      /grafana\.container: prometheus is already in use/,
    ],
    [
      'one volume',
      'version: 1\ngrafana: {volume: prometheus-data}\n',
      /grafana\.volume: prometheus-data is already in use/,
    ],
    [
      'a target twice',
      'version: 1\ntargets:\n- a:1\n- {address: "a:1"}\n',
      /:4:3 {2}targets\[1\]: duplicate target a:1 \(also on line 3\)/,
    ],
    [
      'two jobs of one name',
      'version: 1\ntargets:\n- {address: "a:1", job_name: j}\n- {address: "b:1", job_name: j, metrics_path: /m, scheme: https}\n',
      /:4:30 .*the job "j" has another `metrics_path` and `scheme` on line 3/,
    ],
    [
      'two schemes in a job',
      'version: 1\ntargets:\n- a:1\n- {address: "a:2", scheme: https}\n',
      /the job "a" has another `scheme` on line 3/,
    ],
    [
      'two intervals in a job',
      'version: 1\ntargets:\n- a:1\n- {address: "a:2", scrape_interval: 1s}\n',
      /the job "a" has another `scrape_interval` on line 3/,
    ],
    ['a job of the stack', 'version: 1\ntargets: ["prometheus:9091"]\n', /"prometheus" is reserved for the stack/],
    ['a passed job of the stack', 'version: 1\nscrape_configs: [{job_name: grafana}]\n', /"grafana" is reserved/],
    [
      'a passed job twice',
      'version: 1\nscrape_configs:\n- job_name: a\n- job_name: a\n',
      /:4:13 .*the job "a" is already in use \(line 3\)/,
    ],
    [
      'a passed job of a target',
      'version: 1\ntargets: ["a:1"]\nscrape_configs: [{job_name: a}]\n',
      /a target and an entry of `scrape_configs` have the same job "a" \(see line 2\)/,
    ],
    [
      'an exporter that there is none of',
      'version: 1\nexporters:\n- {name: postgre, for: db}\n',
      /:3:10 {2}exporters\[0\]\.name: must be one of .*, not the text "postgre" \(did you mean postgres\?\)/,
    ],
    ['an exporter of no server', 'version: 1\nexporters: [{name: redis}]\n', /name: redis needs `for`/],
    [
      'an exporter told what it does not know',
      'version: 1\nexporters: [{name: node, for: db}, {name: nginx, for: web, user: me}]\n',
      /\[0\]\.for: is not an option of the exporter node\n.*\[1\]\.user: is not an option/,
    ],
    [
      'a password in the file',
      'version: 1\nexporters: [{name: redis, for: cache, password: p}]\n',
      /exporters\[0\]\.password: unknown key/,
    ],
    [
      'an exporter twice',
      'version: 1\nexporters:\n- {name: redis, for: cache}\n- {name: redis, for: cache, port: 1}\n',
      /:4:3 {2}exporters\[1\]: duplicate exporter redis for cache \(also on line 3\)/,
    ],
    [
      'one container for two exporters',
      'version: 1\nexporters:\n- {name: redis, for: a1, container: e1}\n- {name: redis, for: a2, container: e1}\n',
      /exporters\[1\]\.container: e1 is already in use by another exporter \(line 3\)/,
    ],
    [
      'the container of Prometheus for an exporter',
      'version: 1\nexporters: [{name: node, container: prometheus}]\n',
      /container: prometheus is already in use by `prometheus\.container` \(its default\)/,
    ],
    [
      'a passed job of an exporter',
      'version: 1\nexporters: [{name: node}]\nscrape_configs: [{job_name: node}]\n',
      /scrape_configs\[0\]\.job_name: an exporter and an entry of `scrape_configs` have the same job "node" \(see line 2\)/,
    ],
    [
      'an exporter with a job of the stack',
      'version: 1\nexporters: [{name: node, job_name: grafana}]\n',
      /exporters\[0\]\.job_name: .*"grafana" is reserved for the stack/,
    ],
    ['a number for a dashboard', 'dashboards: [1860]\n', /dashboards\[0\]: must be a path or `\{grafana_com: ID\}`/],
    [
      'an id for a path',
      'dashboards: ["1860"]\n',
      /must be a path; a dashboard of grafana\.com is `\{grafana_com: 1860\}`/,
    ],
    [
      'a page of grafana.com for a path',
      'dashboards: ["https://grafana.com/grafana/dashboards/1860-node/"]\n',
      /is `\{grafana_com: 1860\}`/,
    ],
    ['no id of a dashboard', 'dashboards: [{revision: 3}]\n', /dashboards\[0\]\.grafana_com: is missing/],
    ['a revision 0', 'dashboards: [{grafana_com: 1, revision: 0}]\n', /revision: must be a revision, a number from 1/],
    [
      'a dashboard twice',
      'dashboards:\n- a.json\n- a.json\n',
      /:3:3 {2}dashboards\[1\]: duplicate dashboard \(also on line 2\)/,
    ],
    [
      'a passed-through job that is called by a number',
      'version: 1\nscrape_configs: [{job_name: 0x10}]\n',
      /scrape_configs\[0\]\.job_name: must be a name, not the number 16/,
    ],
  ])('%s', (_, text, problem) => {
    expect(problemsOf(text).join('\n')).toMatch(problem);
  });

  it('reports clashes beside other errors, but no clashes with default values', () => {
    const text =
      'version: 1\nnope: 1\nprometheus: {port: 3000}\ngrafana: {port: "3001", x: 1}\ntargets: [9, "a:1", "a:1"]\n';
    const problems = problemsOf(text).join('\n');
    expect(problems).toMatch(/targets\[2\]: duplicate target a:1/);
    expect(problems).not.toMatch(/grafana\.port: 3000/);
  });

  it('is reported in at most 20 short lines', () => {
    const text = `version: 1\n${Array.from({ length: 50 }, (_, i) => `key${i}${'x'.repeat(500)}: 1\n`).join('')}`;
    const problems = problemsOf(text);
    expect(problems).toHaveLength(21);
    expect(problems.at(-1)).toBe('and 30 more');
    expect(Math.max(...problems.map((line) => line.length))).toBeLessThanOrEqual(240);
  });

  it('is refused unread where it is too large', () => {
    const started = performance.now();
    expect(problemsOf('[{'.repeat(2 ** 19))).toEqual([
      `monitor.yml: too large: 1048576 characters, the limit is ${MAX_CHARACTERS}`,
    ]);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('is refused as too large if aliases of aliases expand without end', () => {
    const levels = Array.from({ length: 9 }, (_, i) => `&l${i + 1} [${Array(9).fill(`*l${i}`).join(', ')}]`);
    const text = `version: 1\nscrape_configs: [{job_name: a, x: [&l0 [lol], ${levels.join(', ')}]}]`;
    expect(problemsOf(text)).toEqual([expect.stringMatching(/^monitor\.yml: too large: .* every alias expanded$/)]);
  });

  it('reports what is wrong in a merged mapping where that is written', () => {
    const text = 'x-web: &web\n  scheme: ftp\ntargets:\n  - {<<: *web, address: "a:1"}\n';
    expect(problemsOf(text)).toEqual([
      'monitor.yml:2:11  targets[0].scheme: must be http or https, not the text "ftp"',
    ]);
  });

  it('with thousands of problems is reported quickly', () => {
    const started = performance.now();
    const text = `version: 1\n${Array.from({ length: 5_000 }, (_, i) => `k${i}: 1\n`).join('')}`;
    expect(problemsOf(text).at(-1)).toBe('and 4980 more');
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it.each(['['.repeat(3000), '{a: '.repeat(3000), '- '.repeat(3000), '?\n'.repeat(50_000)])(
    'may be nested without end',
    (text) => {
      expect(problemsOf(text).length).toBeGreaterThan(0);
    },
  );
});

describe('any text', () => {
  const keys = [
    'version',
    'name',
    'prometheus',
    'port',
    'targets',
    'labels',
    'address',
    'scrape_configs',
    'job_name',
    '<<',
    '__proto__',
  ];
  const words = fc.constantFrom(
    ...keys,
    ':',
    ' ',
    '\n',
    '  ',
    '- ',
    '1',
    '"',
    "'",
    '[',
    ']',
    '{',
    '}',
    ',',
    '#',
    '&a',
    '*a',
    '!t',
    '|',
    '>',
    '?',
    '%',
    '---\n',
    '\t',
    '\r\n',
    'a:1',
  );

  it('is a configuration or a MonitorError', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.array(words, { maxLength: 60 }).map((parts) => `version: 1\n${parts.join('')}`),
    );
    fc.assert(
      fc.property(text, (written) => {
        try {
          resolve(written, 'monitor.yml');
        } catch (error) {
          expect(error).toBeInstanceOf(MonitorError);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('of any value is a configuration or a MonitorError with a place in each line', () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, true, 1, 1.5, 'a:1', '15s', ''),
        fc.array(tie('any'), { maxLength: 4 }),
        tie('map'),
      ),
      map: fc.dictionary(fc.constantFrom(...keys), tie('any'), { maxKeys: 6 }),
    }));
    fc.assert(
      fc.property(value.map, (written) => {
        try {
          resolve(JSON.stringify(written, null, 1), 'f.yml');
        } catch (error) {
          if (!(error instanceof MonitorError)) throw error;
          for (const line of error.detail) expect(line).toMatch(/^f\.yml:\d+:\d+ {2}\S|^and \d+ more$/);
        }
      }),
      { numRuns: 100 },
    );
  });
});
