import { describe, expect, it } from 'vitest';
import { scaleFor } from '../../../../src/output/chart/scale.ts';
import { timeTicks } from '../../../../src/output/chart/time-axis.ts';
import { formatValue } from '../../../../src/output/units.ts';

const ticks = (values: readonly number[], unit: string): string[] => {
  const scale = scaleFor(values, unit);
  return scale.ticks.map((tick) => formatValue(tick, unit, scale.step));
};

describe('the ticks of values', () => {
  it.each<[unit: string, values: number[], string[]]>([
    ['short', [0, 20], ['0', '5', '10', '15', '20']],
    ['short', [0.1, 0.73], ['0', '0.2', '0.4', '0.6', '0.8']],
    ['short', [0, 2], ['0', '1', '2']],
    ['short', [0, 900_000], ['0', '500k', '1M']],
    ['bytes', [0, 1500], ['0 B', '512 B', '1 KiB', '1.5 KiB']],
    ['Bps', [0, 4_000_000], ['0 B/s', '1 MB/s', '2 MB/s', '3 MB/s', '4 MB/s']],
    ['s', [0.001, 0.09], ['0 s', '50 ms', '100 ms']],
    ['s', [0, 300], ['0 s', '2 min', '4 min', '6 min']],
    ['s', [4620, 4780], ['77 min', '78 min', '79 min', '80 min']],
    ['s', [0, 7200], ['0 s', '30 min', '1 h', '1.5 h', '2 h']],
    ['ms', [0, 90], ['0 s', '50 ms', '100 ms']],
    ['percentunit', [0, 0.034], ['0%', '1%', '2%', '3%', '4%']],
    ['percent', [0, 100], ['0%', '50%', '100%']],
    ['reqps', [0.2, 1.9], ['0 req/s', '0.5 req/s', '1 req/s', '1.5 req/s', '2 req/s']],
    ['short', [-5, 5], ['-5', '0', '5']],
    ['bool_yes_no', [0, 1], ['No', 'Yes']],
  ])('of %s from %j are %j', (unit, values, expected) => {
    expect(ticks(values, unit)).toEqual(expected);
  });

  it('start at 0 where that leaves room for the values, and at the values where it does not', () => {
    expect(scaleFor([20, 100], 'short').low).toBe(0);
    expect(scaleFor([95, 100], 'short').low).toBe(94);
  });

  it('are the values themselves and 0 where all of them are the same', () => {
    expect(ticks([4, 4, 4], 'short')).toEqual(['0', '1', '2', '3', '4']);
    expect(ticks([0, 0], 'none')).toEqual(['0', '1']);
  });
});

describe('a value', () => {
  it.each([
    [0, 'bytes', '0 B'],
    [1536, 'bytes', '1.5 KiB'],
    [0.000_25, 's', '250 µs'],
    [90, 's', '1.5 min'],
    [12_345, 'short', '12345'],
    [1_234_567, 'short', '1.23M'],
    [0.123_456, 'percentunit', '12.3%'],
    [2500, 'ms', '2.5 s'],
    [3.136, 'bananas', '3.14 bananas'],
    [Number.NaN, 's', 'NaN'],
    [Number.POSITIVE_INFINITY, 's', '+Inf'],
    [Number.NEGATIVE_INFINITY, 's', '-Inf'],
  ])('%d of %s is written as %s', (value, unit, expected) => {
    expect(formatValue(value, unit)).toBe(expected);
  });
});

describe('the ticks of time', () => {
  const at = (...date: [number, number, number, number, number, number?]) => new Date(...date).getTime() / 1000;

  it('are round times of the clock on the wall, that have room', () => {
    const labels = timeTicks(at(2026, 10, 25, 22, 3), at(2026, 10, 25, 22, 18), 70).map(({ label }) => label);
    expect(labels).toEqual(['22:04', '22:06', '22:08', '22:10', '22:12', '22:14', '22:16', '22:18']);
  });

  it('have seconds where the range is short, and the date at midnight and where it is long', () => {
    const last = (start: number, end: number) => timeTicks(start, end, 60).map(({ label }) => label);
    expect(last(at(2026, 10, 25, 22, 3), at(2026, 10, 25, 22, 4))).toContain('22:03:30');
    expect(last(at(2026, 10, 25, 22, 0), at(2026, 10, 26, 2, 0))).toContain('Nov 26');
    expect(last(at(2026, 10, 1, 0, 0), at(2026, 10, 29, 0, 0))).toContain('Nov 12');
    expect(last(at(2024, 0, 1, 0, 0), at(2026, 0, 1, 0, 0)).join(' ')).toContain('2025');
  });

  it('never overlap', () => {
    for (const seconds of [10, 60, 900, 7200, 86_400, 604_800, 3e7, 3e9]) {
      const found = timeTicks(at(2026, 10, 25, 22, 3), at(2026, 10, 25, 22, 3) + seconds, 70);
      for (const [i, { column, label }] of found.entries()) {
        const next = found[i + 1];
        if (next !== undefined) expect(next.column - column, `${seconds} s`).toBeGreaterThan(label.length);
      }
    }
  });
});
