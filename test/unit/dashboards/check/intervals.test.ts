import { expect, it } from 'vitest';
import { autoInterval, intervalText, panelTime, timeRange } from '../../../../src/dashboards/check/intervals.ts';

const HOUR = 3600;
const time = (seconds: number, more: object = {}) =>
  panelTime({ start: 0, end: seconds, scrapeInterval: '15s', minStep: undefined, maxPoints: 720, factor: 1, ...more });

it.each<[string, number, object, { step: number; rateInterval: number }]>([
  ['a short range is asked at every scrape', 900, {}, { step: 15_000, rateInterval: 60_000 }],
  ['a long one at round steps', 24 * HOUR, {}, { step: 120_000, rateInterval: 135_000 }],
  ['without a scrape interval it is 15 s', 900, { scrapeInterval: undefined }, { step: 15_000, rateInterval: 60_000 }],
  [
    'a datasource that is scraped seldom has longer rates',
    900,
    { scrapeInterval: '1m' },
    { step: 60_000, rateInterval: 240_000 },
  ],
  ['a least step stands for the scrape interval', 900, { minStep: '30s' }, { step: 30_000, rateInterval: 120_000 }],
  ['older dashboards multiply the step', 900, { factor: 2 }, { step: 30_000, rateInterval: 60_000 }],
  [
    'Prometheus is never asked for more points than it gives',
    365 * 24 * HOUR,
    { maxPoints: 50_000 },
    { step: 2_867_000, rateInterval: 2_882_000 },
  ],
])('%s', (_what, seconds, more, expected) => {
  expect(time(seconds, more)).toMatchObject(expected);
});

it.each([
  [900, 30, '10s', '30s'],
  [6 * HOUR, 200, '1s', '2m'],
  [60, 30, '10s', '10s'],
])('the automatic interval of %s s in %s steps, of at least %s, is %s', (end, steps, least, expected) => {
  expect(autoInterval({ start: 0, end }, steps, least)).toBe(expected);
});

it('intervals are written in the largest whole unit', () => {
  expect([60_000, 90_000, 7_200_000, 500, 86_400_000].map(intervalText)).toEqual(['1m', '90s', '2h', '500ms', '1d']);
});

it.each([
  ['now-15m', 'now', { start: 99_100, end: 100_000 }],
  ['', '', { start: 78_400, end: 100_000 }],
  ['now/d', 'now', { start: 86_400, end: 100_000 }],
  ['now/d', 'now/d', { start: 86_400, end: 100_000 }],
  ['1970-01-01T10:00:00Z', '1970-01-01T11:00:00Z', { start: 36_000, end: 39_600 }],
])('the range from "%s" to "%s" is read as Grafana reads it', (from, to, expected) => {
  expect(timeRange({ from, to }, 100_000)).toEqual(expected);
});
