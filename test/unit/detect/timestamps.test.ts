import { describe, expect, test } from 'vitest';
import { timestampTrouble } from '../../../src/detect/timestamps.ts';

const NOW = Date.UTC(2026, 10, 25, 12);
const [MINUTE, HOUR] = [60_000, 3_600_000];
const trouble = (oldest: number, newest = oldest, format: 'text' | 'openmetrics' = 'text') =>
  timestampTrouble({ format, timestamps: { samples: 3, oldest, newest } }, NOW);

describe('timestamps of samples', () => {
  test.each([
    ['of now', NOW],
    ['of 59 minutes ago', NOW - 59 * MINUTE],
    ['of 9 minutes ahead', NOW + 9 * MINUTE],
  ])('%s are kept', (_, time) => {
    expect(trouble(time)).toBeUndefined();
  });

  test.each([
    ['in seconds', NOW / 1000, 'text', 'timestamps-wrong-unit', '1970-01-'],
    ['in microseconds', NOW * 1000, 'text', 'timestamps-wrong-unit', 'finer than milliseconds'],
    [
      'in milliseconds where seconds are expected',
      NOW * 1000,
      'openmetrics',
      'timestamps-wrong-unit',
      'OpenMetrics has seconds',
    ],
    ['of yesterday', NOW - 24 * HOUR, 'text', 'timestamps-too-old', '2026-11-24 12:00:00 UTC'],
    ['of next year', NOW + 365 * 24 * HOUR, 'openmetrics', 'timestamps-in-future', '2027-11-25'],
    ['beyond all calendars', 9.2e18, 'text', 'timestamps-wrong-unit', 'future'],
  ] as const)('%s are dropped', (_, time, format, code, reason) => {
    expect(trouble(time, time, format)).toEqual({
      code,
      reason: expect.stringContaining(reason),
    });
  });

  test('one that is dropped is enough', () => {
    expect(trouble(NOW - 2 * HOUR, NOW)).toMatchObject({ code: 'timestamps-too-old' });
  });

  test('that are not there do no harm', () => {
    expect(timestampTrouble({ format: 'text' }, NOW)).toBeUndefined();
  });
});
