import { describe, expect, it } from 'vitest';
import * as values from '../../../src/config/values.ts';

const MINUTE = 60_000;

describe('parseDuration', () => {
  it.each([
    ['15s', 15_000],
    ['1h30m', 90 * MINUTE],
    ['500ms', 500],
    ['1y2w3d4h5m6s7ms', 365 * 1440 * MINUTE + 17 * 1440 * MINUTE + 245 * MINUTE + 6007],
    ['0s', 0],
    ['292y', 292 * 365 * 1440 * MINUTE],
  ])('%s', (text, ms) => {
    expect(values.parseDuration(text)).toBe(ms);
  });

  it.each(['', '15', '0', '15 s', '-1s', '1.5h', '30m1h', '15S', '300y', `${'9'.repeat(70)}s`])(
    'refuses %j',
    (text) => {
      expect(values.parseDuration(text)).toBeUndefined();
    },
  );
});

const accepted: [keyof typeof rules, string][] = [
  ['interval', '15s'],
  ['interval', '1h30m'],
  ['retentionTime', '15d'],
  ['size', '512MB'],
  ['size', '7EB'],
  ['image', 'prom/prometheus'],
  ['image', 'prom/prometheus:v3.13.2'],
  ['image', 'localhost:5000/a/b__c/d-e.f:Tag_1.2-3'],
  ['image', `registry.example.com/x@sha256:${'a'.repeat(64)}`],
  ['image', `[2001:db8::1]:5000/x:1@sha256:${'0'.repeat(64)}`],
  ['container', 'a1'],
  ['container', 'My_App.prometheus-1'],
  ['volume', 'prometheus-data'],
  ['network', 'myevents'],
  ['stackName', 'shop-2_x'],
  ['bind', '127.0.0.1'],
  ['bind', '0.0.0.0'],
  ['bind', '::1'],
  ['metricsPath', '/metrics'],
  ['metricsPath', '/'],
  ['jobName', 'my job (1)'],
  ['jobName', 'übung'],
  ['labelName', 'team'],
  ['labelName', '_x9'],
];

const refused: [keyof typeof rules, string, RegExp][] = [
  ['interval', '15', /with its unit, such as `15s`: "15" has no unit/],
  ['interval', '0s', /longer than 0/],
  ['interval', '', /not ""/],
  ['retentionTime', '0d', /write `100y` here and set `size`/],
  ['size', '512', /such as `512MB`/],
  ['size', '512MiB', /such as `512MB`/],
  ['size', '0MB', /larger than 0/],
  ['size', '8EB', /more than Prometheus can count/],
  ['image', 'Prom/prometheus', /capital letters before the tag/],
  ['image', 'prom/prometheus:', /image reference/],
  ['image', 'a b', /image reference/],
  ['image', '', /image reference/],
  ['image', `${'a'.repeat(600)}`, /image reference/],
  ['container', 'a', /two or more/],
  ['container', '-a', /the first a letter or digit/],
  ['container', 'ä-b', /name of a container/],
  ['container', 'a'.repeat(256), /255/],
  ['volume', './data', /not a path/],
  ['volume', '/data', /not a path/],
  ['network', 'host', /built into Docker/],
  ['network', 'a b', /name of a network/],
  ['stackName', 'Shop', /lower-case/],
  ['stackName', 'a'.repeat(64), /63/],
  ['bind', 'localhost', /write 127.0.0.1/],
  ['bind', '[::1]', /without brackets: ::1/],
  ['bind', '127.0.0.1:80', /IP address/],
  ['bind', 'fe80::1%eth0', /IP address/],
  ['metricsPath', 'metrics', /start with/],
  ['metricsPath', '/m?x=1', /`params`/],
  ['metricsPath', '/m#x', /fragment/],
  ['metricsPath', '/a b', /without spaces/],
  ['jobName', '', /empty/],
  ['jobName', 'a\nb', /one line/],
  ['jobName', ' a', /spaces around/],
  ['userName', 'a:b', /colons/],
  ['labelName', 'job', /use `job_name`/],
  ['labelName', 'instance', /from the address/],
  ['labelName', '__meta', /start with `__`/],
  ['labelName', '1a', /no digit first/],
  ['labelName', 'a-b', /only letters, digits and `_`/],
  ['labelName', '', /not a valid label name/],
];

const rules = {
  interval: values.intervalRule,
  retentionTime: values.retentionTimeRule,
  size: values.sizeRule,
  image: values.imageRule,
  container: values.containerRule,
  volume: values.volumeRule,
  network: values.networkRule,
  stackName: values.stackNameRule,
  bind: values.bindRule,
  metricsPath: values.metricsPathRule,
  jobName: values.jobNameRule,
  userName: values.userNameRule,
  labelName: values.labelNameRule,
};

describe('the rules of single values', () => {
  it.each(accepted)('%s accepts %j', (rule, text) => {
    expect(rules[rule](text)).toBeUndefined();
  });

  it.each(refused)('%s refuses %j and says why', (rule, text, words) => {
    expect(rules[rule](text)).toMatch(words);
  });

  it.each([1, 80, 65_535])('port %d', (port) => {
    expect(values.portProblem(port)).toBeUndefined();
  });

  it.each([0, -1, 65_536, 1.5, Number.POSITIVE_INFINITY])('no port %d', (port) => {
    expect(values.portProblem(port)).toMatch(/from 1 to 65535/);
  });

  it('answers at once on a hostile image reference', () => {
    const started = performance.now();
    values.imageRule('a.'.repeat(250));
    values.imageRule('a'.repeat(1_000_000));
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('the patterns for the JSON Schema say what the rules say', () => {
  const all = ['interval', 'size', 'image', 'container', 'stackName', 'metricsPath', 'jobName', 'labelName'] as const;

  it.each(all)('%s', (rule) => {
    const pattern = rules[rule].pattern ?? '';
    const good = accepted.filter(([of]) => of === rule).map(([, text]) => text);
    expect(good.filter((text) => !new RegExp(pattern, 'u').test(text))).toEqual([]);
    // What a pattern cannot say: bounds, and hints that stand in for them.
    const beyond = ['0s', '8EB', ' a', 'a'.repeat(256), 'a'.repeat(600)];
    const bad = refused.filter(([of, text]) => of === rule && !beyond.includes(text)).map(([, text]) => text);
    expect(bad.filter((text) => new RegExp(pattern, 'u').test(text))).toEqual([]);
  });
});
