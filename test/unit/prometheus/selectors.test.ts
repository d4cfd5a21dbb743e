import { expect, it } from 'vitest';
import { selectorsOf } from '../../../src/prometheus/selectors.ts';

it('selectors are found with their matchers, range and function', () => {
  expect(selectorsOf('sum by (a) (rate(x_total{job="a", status=~\'5..\'}[5m])) / ignoring(b) up{x!="y"} > 1')).toEqual([
    {
      text: 'x_total{job="a", status=~\'5..\'}',
      metric: 'x_total',
      matchers: [
        { label: 'job', operator: '=', value: 'a' },
        { label: 'status', operator: '=~', value: '5..' },
      ],
      range: '5m',
      over: 'rate',
    },
    { text: 'up{x!="y"}', metric: 'up', matchers: [{ label: 'x', operator: '!=', value: 'y' }] },
  ]);
});

it.each([
  ['{"my.metric", "a.b"="c"}', { metric: 'my.metric', matchers: [{ label: 'a.b', operator: '=', value: 'c' }] }],
  ['{__name__="x", a="b"}', { metric: 'x', matchers: [{ label: 'a', operator: '=', value: 'b' }] }],
  ['{__name__=~"x.*"}', { metric: '', matchers: [] }],
  ['max_over_time(rate(x[5m])[1h:1m])', { metric: 'x', range: '5m', over: 'rate' }],
  ['x{a="say \\"hi\\""} offset 5m', { metric: 'x', matchers: [{ label: 'a', operator: '=', value: 'say "hi"' }] }],
])('%s is understood', (expression, expected) => {
  expect(selectorsOf(expression)[0]).toMatchObject(expected);
});

it('of a wrong expression what can be read is found', () => {
  expect(selectorsOf('sum(x{a="b"}').map(({ metric }) => metric)).toEqual(['x']);
  expect(selectorsOf('')).toEqual([]);
});
