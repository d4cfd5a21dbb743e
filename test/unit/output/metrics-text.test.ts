import { expect, it } from 'vitest';
import { metricsText } from '../../../src/output/metrics-text.ts';
import type { MetricRow } from '../../../src/output/report.ts';
import { styleFor } from '../../../src/output/style.ts';

const row = (name: string, more: Partial<MetricRow> = {}): MetricRow => ({
  ...{ name, type: 'counter', help: 'Bookings made', unit: '', series: 3, labels: [] },
  ...more,
});

const text = (metrics: MetricRow[], more: object = {}) =>
  metricsText({ kind: 'metrics', jobs: [{ job: 'api', metrics }], ...more }, styleFor(false)).split('\n');

it('metrics are listed with type, unit, series, value, labels and help', () => {
  const labels = ['a', 'b', 'c', 'd'].map((name, i) => ({ name, values: 9 - i }));
  const shown = text([
    row('bookings_total', { labels, last: { min: 1, max: 12 } }),
    row('heap_bytes', {
      type: 'gauge',
      unit: 'bytes',
      series: 1,
      last: { min: 2048, max: 2048 },
      help: 'x'.repeat(200),
    }),
    row('later', { series: 0, unit: 'short' }),
  ]);
  expect(shown[0]).toBe('api (3)');
  expect(shown.map((line) => line.split(/ {2,}/).slice(0, 6))).toEqual([
    ['api (3)'],
    ['METRIC', 'TYPE', 'UNIT', 'SERIES', 'LAST', 'LABELS'],
    ['bookings_total', 'counter', '-', '3', '1 .. 12', 'a (9), b (8), c (7), +1'],
    ['heap_bytes', 'gauge', 'B', '1', '2 KiB', '-'],
    ['later', 'counter', '-', 'not seen yet', '-', '-'],
  ]);
  expect(shown[3]).toMatch(/x…$/);
});

it('a search without a result says so', () => {
  expect(text([], { search: 'nope' })).toEqual(['No metric matches "nope".']);
  expect(text([], { job: 'api' })).toEqual(['Prometheus has no metrics of the job "api" yet.']);
});
