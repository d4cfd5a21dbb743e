import { describe, expect, it } from 'vitest';
import { type ChartOptions, chart, type Point } from '../../../../src/output/chart/chart.ts';

/** 22:00 on the machine's own clock, wherever it stands. */
const START = new Date(2026, 10, 25, 22, 0).getTime() / 1000;

const OPTIONS: ChartOptions = {
  start: START,
  end: START + 600,
  step: 30,
  unit: 'short',
  columns: 40,
  rows: 5,
  unicode: true,
};

/** A value every 30 s; `undefined` is a scrape that was missed. */
const points = (values: readonly (number | undefined)[]): Point[] =>
  values.flatMap((value, i): Point[] => (value === undefined ? [] : [[START + i * 30, value]]));

const drawn = (series: readonly (readonly Point[])[], options: Partial<ChartOptions> = {}) =>
  chart(series, { ...OPTIONS, ...options }).split('\n');

const RISE = points([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);

describe('a chart', () => {
  it('has a line in braille, round ticks and a time axis', () => {
    expect(drawn([RISE])).toEqual([
      '20 ┤                             ⢀⣀⠤⠤⠒⠊⠉',
      '15 ┤                      ⢀⣀⠤⠤⠒⠊⠉⠁',
      '10 ┤             ⢀⣀⠤⠤⠤⠤⠒⠊⠉⠁',
      ' 5 ┤      ⢀⣀⠤⠤⠒⠊⠉⠁',
      ' 0 ┤⣀⠤⠤⠒⠊⠉⠁',
      '   └┬─────────────────┬────────────────┬',
      '    22:00           22:05          22:10',
    ]);
  });

  it('is ASCII if the terminal cannot show more', () => {
    const text = drawn([RISE, points(RISE.map(() => 5))], { unicode: false }).join('\n');
    expect(text).toMatch(/^[\n -~]*$/);
    expect(text.split('\n')).toEqual([
      '20 +                               *****',
      '15 +                      *********',
      '10 +             *********',
      ' 5 ++++++********+++++++++++++++++++++++',
      ' 0 +*****',
      '   ++-----------------+----------------+',
      '    22:00           22:05          22:10',
    ]);
  });

  it('has a gap where there is no data and where the value is not a number', () => {
    const missed = Array.from({ length: 21 }, (_, i) => (i > 6 && i < 14 ? undefined : i % 7));
    expect(drawn([points(missed)], { unicode: false, rows: 4 })).toEqual([
      '6 +          **                       **',
      '4 +      ****                      ***',
      '2 +   ***                      ****',
      '0 +***                      ***',
      '  ++-----------------+-----------------+',
      '   22:00           22:05           22:10',
    ]);
    const nothing = missed.map((value) => value ?? Number.NaN);
    expect(drawn([points(nothing)])).toEqual(drawn([points(missed)]));
  });

  it('shows a single value as a dot', () => {
    expect(
      drawn([points([undefined, 2])])
        .join('')
        .match(/[\u2801-\u28ff]/g),
    ).toHaveLength(1);
  });

  it('marks lines of several series with colours, or with letters without colour', () => {
    const two = [RISE, points(RISE.map(() => 5))];
    expect(drawn(two).join('\n')).toMatch(/a.*b/s);
    const colored = drawn(two, { paint: (text, series) => `<${series}>${text}</>` }).join('\n');
    expect(colored).toMatch(/<0>[\u2801-\u28ff]+<\/>/);
    expect(colored).toMatch(/<1>[\u2801-\u28ff]+<\/>/);
    expect(colored).not.toContain('a');
  });

  it('writes ticks in the unit of the values', () => {
    const bytes = points(RISE.map((_, i) => i * 5 * 1024 * 1024));
    expect(drawn([bytes], { unit: 'bytes', rows: 9 }).map((line) => line.split('┤')[0]?.trim())).toEqual(
      expect.arrayContaining(['128 MiB', '96 MiB', '64 MiB', '32 MiB', '0 B']),
    );
  });

  it('is as wide as it may be, and not wider', () => {
    for (const columns of [30, 80, 200]) {
      expect(Math.max(...drawn([RISE], { columns }).map((line) => line.length))).toBe(columns);
    }
  });

  it('draws what is constant, negative, tiny or huge without an error', () => {
    const odd = [
      [5],
      [-3, -3],
      [0, 0],
      [1e-12, 2e-12],
      [1e308, -1e308],
      [1e15, 1e15 + 0.1],
      [Number.POSITIVE_INFINITY, 1],
    ];
    for (const values of odd) expect(drawn([points(values)]).length).toBeGreaterThan(5);
  });
});
