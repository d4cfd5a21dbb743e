// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how Grafana writes its variables
import { describe, expect, it } from 'vitest';
import { fillQuery, fillText, referencesIn } from '../../../../src/dashboards/check/interpolate.ts';
import { parseVariableQuery, type Variable, variableFrom } from '../../../../src/dashboards/check/variables.ts';

const JOBS = ['api', 'web', 'db-1'];
const query = (more: object = {}) => ({ name: 'job', type: 'query', query: 'label_values(up, job)', ...more });
const saved = (value: unknown) => ({ current: { value } });

describe('a variable when the dashboard is opened', () => {
  it.each<[string, object, string[] | undefined, Partial<Variable>]>([
    ['takes the saved value where it is still there', query(saved('web')), JOBS, { values: ['web'] }],
    ['takes the first where the saved one is gone', query(saved('old')), JOBS, { values: ['api'] }],
    [
      'takes several',
      query({ multi: true, ...saved(['api', 'web', 'old']) }),
      JOBS,
      { values: ['api', 'web'], multi: true },
    ],
    [
      'takes all where All was saved',
      query({ includeAll: true, ...saved('$__all') }),
      JOBS,
      { values: JOBS, multi: true },
    ],
    ['takes all where All is offered and nothing was saved', query({ includeAll: true }), JOBS, { values: JOBS }],
    [
      'has All as it is written',
      query({ includeAll: true, allValue: '.+', ...saved(['$__all']) }),
      JOBS,
      { allValue: '.+' },
    ],
    ['keeps what its regular expression fits', query({ regex: '/db-(\\d)/' }), JOBS, { values: ['1'] }],
    ['keeps the group that is called value', query({ regex: '/(?<text>d)b-(?<value>\\d)/' }), JOBS, { values: ['1'] }],
    ['reads a plain regular expression as a whole', query({ regex: 'web|a' }), JOBS, { values: ['web'] }],
    ['is sorted as it says', query({ sort: 2 }), ['a', 'c', 'b'], { values: ['c'] }],
    ['is sorted by numbers', query({ sort: 3 }), ['n10', 'n9'], { values: ['n9'] }],
    ['is the saved value where its datasource is not asked', query(saved('x')), undefined, { values: ['x'] }],
    ['may be a list', { name: 'q', type: 'custom', query: 'half : 0.5, 0.9' }, undefined, { values: ['0.5'] }],
    ['may be a constant', { name: 'c', type: 'constant', query: 'app_' }, undefined, { values: ['app_'] }],
    [
      'may be an interval',
      { name: 'i', type: 'interval', query: '1m,5m', ...saved('5m') },
      undefined,
      { values: ['5m'] },
    ],
    [
      'may be an automatic interval',
      { name: 'i', type: 'interval', query: '1m', ...saved('$__auto_interval_i') },
      ['30s'],
      { values: ['30s'] },
    ],
    ['may be a text', { name: 't', type: 'textbox', query: 'abc' }, undefined, { values: ['abc'] }],
  ])('%s', (_what, variable, options, expected) => {
    expect(variableFrom({ ...variable }, options)).toMatchObject(expected);
  });

  it('says why it is empty', () => {
    expect(variableFrom(query({ regex: '/^prod-/' }), JOBS).problem).toEqual({
      kind: 'regex',
      regex: '/^prod-/',
      values: JOBS,
    });
    expect(variableFrom(query(), []).problem).toEqual({ kind: 'query', query: 'label_values(up, job)' });
  });
});

it.each([
  ['label_values(job)', { kind: 'label-values', label: 'job' }],
  ['label_values(up{a="b, c"}, job)', { kind: 'label-values', label: 'job', selector: 'up{a="b, c"}' }],
  ['label_names()', { kind: 'label-names' }],
  ['metrics(http_.*)', { kind: 'metrics', regex: 'http_.*' }],
  ['query_result(topk(5, up))', { kind: 'query-result', expr: 'topk(5, up)' }],
  ['up{job="a"}', { kind: 'series', selector: 'up{job="a"}' }],
])('the query of a variable %s is understood', (text, expected) => {
  expect(parseVariableQuery(text)).toEqual(expected);
});

describe('a query with variables', () => {
  const variables = new Map<string, Variable>([
    ['job', { name: 'job', values: ['a.b', 'c'], multi: true }],
    ['one', { name: 'one', values: ['a.b'], multi: true }],
    ['single', { name: 'single', values: ['a.b'], multi: false }],
    ['all', { name: 'all', values: ['a', 'b'], multi: true, allValue: '.+' }],
    ['step', { name: 'step', values: ['$__interval'], multi: false }],
  ]);
  const own = new Map([
    ['__rate_interval', '1m'],
    ['__interval', '15s'],
  ]);

  it.each([
    ['x{job=~"$job"}', 'x{job=~"(a\\\\.b|c)"}'],
    ['x{job=~"${one}"}', 'x{job=~"a\\\\.b"}'],
    ['x{job="$single"}', 'x{job="a.b"}'],
    ['x{job=~"[[all]]"}', 'x{job=~".+"}'],
    ['x{job=~"${job:regex}"}', 'x{job=~"(a\\.b|c)"}'],
    ['x{job=~"${job:pipe}"}', 'x{job=~"a.b|c"}'],
    ['rate(x[$__rate_interval])', 'rate(x[1m])'],
    ['rate(x[$step])', 'rate(x[15s])'],
    ['x{a="$unknown", b=~"c$"}', 'x{a="$unknown", b=~"c$"}'],
  ])('%s is sent as %s', (text, expected) => {
    expect(fillQuery(text, { variables, own })).toBe(expected);
  });

  it('has several values with commas where it is not PromQL', () => {
    expect(fillText('of $job', { variables, own })).toBe('of a.b,c');
  });

  it('names its variables', () => {
    expect(referencesIn('$a ${b:csv} [[c]] ${d.text}')).toEqual(['a', 'b', 'c', 'd']);
  });
});
