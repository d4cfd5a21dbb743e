import { describe, expect, it } from 'vitest';
import { plainReporter } from '../../../src/output/plain.ts';
import { queryText } from '../../../src/output/query-text.ts';
import type { QuerySeries, ReportOf } from '../../../src/output/report.ts';
import { styleFor } from '../../../src/output/style.ts';
import { recordedOutput } from '../../support/output.ts';

const series = (labels: Record<string, string>, ...values: string[]): QuerySeries => ({
  name: labels['name'] ?? 'value',
  labels,
  values: values.map((value, i) => [1_700_000_000 + i * 15, value]),
});

const report = (all: QuerySeries[], more: Partial<ReportOf<'query'>> = {}): ReportOf<'query'> => ({
  kind: 'query',
  asked: 'x',
  expressions: ['x'],
  unit: '',
  series: all,
  warnings: [],
  infos: [],
  notes: [],
  ...more,
});

const RANGE = { start: 1_700_000_000, end: 1_700_000_060, step: 15 };
const text = (shown: ReportOf<'query'>, style = styleFor(false)) => queryText(shown, style).split('\n');

describe('values at one time', () => {
  it('are a table with the labels that tell series apart; what they share stands above', () => {
    const all = [
      series({ job: 'a', name: 'Jazz Night' }, '14'),
      series({ job: 'a', name: 'Opera' }, '0.3333333333333'),
    ];
    expect(text(report(all))).toEqual(['job="a"', 'name        VALUE', 'Jazz Night  14', 'Opera       0.33333333']);
  });

  it('are a single value if there are no labels', () => {
    expect(text(report([series({}, '14')]))).toEqual(['14']);
  });

  it('have the unit of the metric, and show the expression that was asked for it', () => {
    const all = [series({ name: 'p50' }, '0.02'), series({ name: 'p95' }, '1.5')];
    const asked = { expressions: ['quantile(0.5)', 'quantile(0.95)'], unit: 's' };
    expect(text(report(all, asked))).toEqual([
      ...asked.expressions,
      ...['SERIES  VALUE', 'p50     20 ms', 'p95     1.5 s'],
    ]);
  });

  it('of several metrics are series as Prometheus writes them, since they have few labels in common', () => {
    const all = [
      { ...series({ __name__: 'up', job: 'a' }, '1'), name: 'up{job="a"}' },
      { ...series({ __name__: 'go_info', version: '1' }, '1'), name: 'go_info{version="1"}' },
    ];
    expect(text(report(all))).toEqual([
      'SERIES                VALUE',
      'up{job="a"}           1',
      'go_info{version="1"}  1',
    ]);
  });

  it('are infinite where Prometheus says so, with a unit too', () => {
    expect(text(report([series({}, '+Inf')], { unit: 'short' }))).toEqual(['+Inf']);
  });

  it('may be native histograms', () => {
    const histogram: QuerySeries = { ...series({ job: 'a' }), histograms: [[1, { count: '3', sum: '1.5' }]] };
    expect(text(report([histogram])).join('\n')).toContain('histogram of 3, sum 1.5');
  });

  it('are reported as missing if there are none', () => {
    expect(text(report([]))).toEqual(['No data.']);
  });
});

describe('values over a range', () => {
  const two = [series({ name: 'up' }, '1', '2', '3', '4', '5'), series({ name: 'down' }, '5', '4', '3', '2', '1.5')];

  it('are a chart with a legend of the last, least and greatest value', () => {
    const shown = text(report(two, { range: RANGE, unit: 'bytes' }));
    expect(shown.slice(-3)).toEqual(
      ['         LAST  MIN  MAX', 'a  up     5 B  1 B  5 B', 'b  down  1.5 B  1.5 B  5 B'].map((line) =>
        expect.stringMatching(new RegExp(`^${line.replaceAll(/ +/g, ' +')}$`)),
      ),
    );
    expect(shown[0]).toContain('┤');
  });

  it('have colours in place of letters', () => {
    const shown = text(report(two, { range: RANGE }), styleFor(true)).join('\n');
    expect(shown).toContain('\u001b[');
    expect(shown).toContain('━━');
  });

  it('are ASCII only if the terminal cannot show more', () => {
    const shown = text(report(two, { range: RANGE, unit: 's' }), styleFor(false, { columns: 60, unicode: false }));
    expect(shown.join('\n')).toMatch(/^[\n -~]*$/);
    expect(Math.max(...shown.map((line) => line.length))).toBeLessThanOrEqual(60);
  });

  it('of more series than can be told apart are the greatest, and the others are counted', () => {
    const many = Array.from({ length: 23 }, (_, i) => series({ name: `s${i}` }, `${i}`, `${i}`));
    const shown = text(report(many, { range: RANGE })).join('\n');
    expect(shown).toContain('s22');
    expect(shown).not.toContain('s5 ');
    expect(shown).toContain('and 11 more');
  });
});

describe('CSV', () => {
  it('has a row for each sample, and quotes what needs it', () => {
    const all = [series({ name: 'a "b", c' }, '1', 'NaN'), series({ job: 'x' }, '2')];
    expect(text(report(all, { csv: true, range: RANGE }))).toEqual([
      'job,name,time,value',
      ',"a ""b"", c",2023-11-14T22:13:20Z,1',
      ',"a ""b"", c",2023-11-14T22:13:35Z,NaN',
      'x,,2023-11-14T22:13:20Z,2',
    ]);
  });

  it('names the series where labels do not tell them apart', () => {
    const all = [
      { ...series({}, '1'), name: 'p50' },
      { ...series({}, '2'), name: 'p95' },
    ];
    expect(text(report(all, { csv: true }))).toEqual([
      'series,time,value',
      'p50,2023-11-14T22:13:20Z,1',
      'p95,2023-11-14T22:13:20Z,2',
    ]);
  });
});

it('Prometheus’s warnings are on stderr, so that stdout is the result alone', () => {
  const output = recordedOutput();
  plainReporter(output).result(report([series({}, '14')], { warnings: ['late'], infos: ['no counter'], notes: ['n'] }));
  expect(output.written).toEqual({ stdout: '14\n', stderr: '! late\n! no counter\n! n\n' });
});
