import { expect, test } from 'vitest';
import { pathInUrl, queryAsKeys, splitQuery } from '../../../src/config/path-query.ts';

test('a query becomes parameters, each with all of its values', () => {
  expect(splitQuery('/federate?match[]={job="a"}&match[]=up&x')).toEqual({
    metrics_path: '/federate',
    params: { 'match[]': ['{job="a"}', 'up'], x: [''] },
  });
  expect(queryAsKeys('/m?format=prometheus&match[]=up')).toBe(
    'metrics_path: /m, params: {format: [prometheus], "match[]": [up]}',
  );
});

test('Prometheus takes a question mark in a path for part of the path', () => {
  expect(pathInUrl('/m?x=y z')).toBe('/m%3Fx=y%20z');
});
