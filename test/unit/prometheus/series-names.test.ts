import { expect, it } from 'vitest';
import { legendText, selectorText, seriesNames } from '../../../src/prometheus/series-names.ts';

it('series are called by the value of the one label that differs', () => {
  expect(
    seriesNames([
      { job: 'a', name: 'Opera' },
      { job: 'a', name: 'Jazz' },
    ]),
  ).toEqual(['Opera', 'Jazz']);
});

it('series are called by all labels that differ', () => {
  const all = [
    { __name__: 'up', job: 'a', instance: 'a:1' },
    { __name__: 'up', job: 'b', instance: 'b:1' },
  ];
  expect(seriesNames(all)).toEqual(['{instance="a:1", job="a"}', '{instance="b:1", job="b"}']);
});

it('a single series is called by its name and labels, and one without any by nothing', () => {
  expect(seriesNames([{ __name__: 'up', job: 'a' }])).toEqual(['up{job="a"}']);
  expect(seriesNames([{}])).toEqual(['{}']);
});

it('metrics of different names are called by them', () => {
  expect(
    seriesNames([
      { __name__: 'a', job: 'x' },
      { __name__: 'b', job: 'x' },
    ]),
  ).toEqual(['a', 'b']);
});

it('labels are written as Prometheus writes them', () => {
  expect(selectorText({ __name__: 'x', b: 'say "hi"', a: '1' })).toBe('x{a="1", b="say \\"hi\\""}');
});

it('a legend of Grafana’s takes values of labels', () => {
  expect(legendText('{{ job }}: {{status}}{{none}}', { job: 'a', status: '200' })).toBe('a: 200');
});
