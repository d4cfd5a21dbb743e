import { shorten } from '../words.ts';
import { type ChartOptions, chart, isDrawable, type Point, seriesMark } from './chart/chart.ts';
import { lines } from './lines.ts';
import type { QuerySeries, ReportOf } from './report.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';
import { formatValue } from './units.ts';

/** A table of the values at one time, a chart of those over a range, or CSV. Pure but for the machine's time zone. */
export const queryText = (report: ReportOf<'query'>, style: Style): string => {
  if (report.csv) return csvText(report);
  const { asked, expressions, series, range } = report;
  const heading = expressions.filter((e) => e !== asked).map((e) => style.faint(e));
  if (series.length === 0) return lines(...heading, 'No data.');
  return lines(...heading, range === undefined ? valueTable(report, style) : rangeText(report, range, style));
};

/**
 * Rows are the series: a column for each label that tells them apart; what all of them have stands above. Series of several
 * metrics have few labels in common, and are written as Prometheus does.
 */
const valueTable = ({ series, unit, expressions }: ReportOf<'query'>, style: Style): string => {
  const [only] = series;
  if (only !== undefined && series.length === 1 && Object.keys(only.labels).length === 0) return shownValue(only, unit);
  if (expressions.length > 1 || new Set(series.map(({ labels }) => labels['__name__'])).size > 1)
    return table(
      ['SERIES', 'VALUE'],
      series.map((s) => [s.name, shownValue(s, unit)]),
    );
  const names = [...new Set(series.flatMap((s) => Object.keys(s.labels)))].sort();
  const isShared = (name: string) => series.length > 1 && series.every((s) => s.labels[name] === only?.labels[name]);
  const shared = names.filter((name) => isShared(name) && name !== '__name__');
  const telling = names.filter((name) => !isShared(name));
  const head = [...telling.map((name) => (name === '__name__' ? 'METRIC' : name)), 'VALUE'];
  const rows = series.map((s) => [...telling.map((name) => s.labels[name] ?? ''), shownValue(s, unit)]);
  return lines(
    style.faint(shared.map((name) => `${name}=${JSON.stringify(only?.labels[name] ?? '')}`).join(' ')),
    table(head, rows),
  );
};

const shownValue = ({ values, histograms }: QuerySeries, unit: string): string => {
  const histogram = histograms?.at(-1)?.[1];
  if (histogram !== undefined) return `histogram of ${histogram.count}, sum ${histogram.sum}`;
  const last = values.at(-1)?.[1];
  if (last === undefined) return '-';
  // Without a unit the digits are all there is; `+Inf` and a string of PromQL are no numbers here.
  if (unit !== '' && !Number.isNaN(Number(last))) return formatValue(Number(last), unit);
  return /^-?\d+\.\d{7,}$/.test(last) ? String(Number(Number(last).toPrecision(8))) : last;
};

/** As many as a question to a metric asks for; more lines cannot be told apart, and are only counted. */
const MOST_DRAWN = 12;
const CHART_ROWS = 12;

const rangeText = (
  { series, unit }: ReportOf<'query'>,
  { start, end, step }: NonNullable<ReportOf<'query'>['range']>,
  style: Style,
): string => {
  const all = series.map((s) => ({ name: s.name, points: s.values.map(toPoint), histograms: s.histograms }));
  const numbers = all.filter(({ points }) => points.some(([, value]) => isDrawable(value)));
  const drawn = [...numbers].sort((a, b) => peak(b.points) - peak(a.points)).slice(0, MOST_DRAWN);
  if (drawn.length === 0) {
    return all.some((s) => s.histograms !== undefined)
      ? 'These are native histograms, not numbers: ask for histogram_quantile(0.95, rate(…)) or histogram_count(…).'
      : 'Every value is NaN: a division by zero, or no observations in this time.';
  }
  const options: ChartOptions = {
    ...{ start, end, step, unit, rows: CHART_ROWS },
    ...{ columns: style.columns, unicode: style.unicode, paint: style.series },
  };
  const more = numbers.length - drawn.length;
  return lines(
    chart(
      drawn.map(({ points }) => points),
      options,
    ),
    '',
    legend(drawn, options),
    more === 0 ? '' : style.faint(`and ${more} more that are not drawn; topk(${MOST_DRAWN}, …) or a sum shows fewer`),
  );
};

const toPoint = ([time, value]: readonly [number, string]): Point => [time, Number(value)];

const peak = (points: readonly Point[]): number =>
  points.reduce((most, [, value]) => (isDrawable(value) && value > most ? value : most), Number.NEGATIVE_INFINITY);

/** A line a series: its last value, its least and its greatest. */
const legend = (series: readonly { name: string; points: readonly Point[] }[], options: ChartOptions): string => {
  const { unit, unicode } = options;
  const shown = (value: number | undefined): string => {
    const text = value === undefined ? '-' : formatValue(value, unit);
    return unicode ? text : text.replace('µ', 'u').replace('°', '');
  };
  const values = series.map(({ points }) => {
    const finite = points.map(([, value]) => value).filter(isDrawable);
    const least = finite.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    return [shown(points.at(-1)?.[1]), shown(least), shown(peak(points))];
  });
  const widest = Math.max(4, ...values.flat().map((text) => text.length));
  const room = Math.max(20, options.columns - 3 * (widest + 2) - 5);
  const names = series.map(({ name }) => shorten(name, room, unicode ? '…' : '...'));
  return table(
    ['', '', 'LAST', 'MIN', 'MAX'],
    values.map((row, i) => [seriesMark(i, options), names[i] ?? '', ...row]),
    ['left', 'left', 'right', 'right', 'right'],
  );
};

/** One row per sample, with a column for each label; times in RFC 3339. Source of the quoting: RFC 4180. */
const csvText = ({ series }: ReportOf<'query'>): string => {
  const labels = [...new Set(series.flatMap((s) => Object.keys(s.labels)))].sort();
  const named = isNamed(series) ? ['series'] : [];
  const rows = series.flatMap((one) => {
    const of = [...named.map(() => one.name), ...labels.map((label) => one.labels[label] ?? '')];
    return one.values.map(([time, value]) => [...of, timeText(time), value]);
  });
  return [[...named, ...labels, 'time', 'value'], ...rows].map((row) => row.map(csvField).join(',')).join('\n');
};

/** Two queries of one metric may give series of the same labels: p50 and p95. */
const isNamed = (series: readonly QuerySeries[]): boolean =>
  new Set(series.map((s) => JSON.stringify(Object.entries(s.labels).sort()))).size < series.length;

const timeText = (seconds: number): string => new Date(Math.round(seconds * 1000)).toISOString().replace('.000Z', 'Z');

const csvField = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
