import { formatValue } from '../units.ts';
import { BRAILLE, type Cell, type Dot, markOf, newCanvas, PLAIN } from './canvas.ts';
import { type Scale, scaleFor } from './scale.ts';
import { type TimeTick, timeTicks } from './time-axis.ts';

/** Unix seconds, in order of time. A value that is not finite is a gap. */
export type Point = readonly [time: number, value: number];

export interface ChartOptions {
  /** Unix seconds. */
  start: number;
  end: number;
  /** Seconds between two points; where they are farther apart, the line has a gap. */
  step: number;
  /** Grafana's id. */
  unit: string;
  /** Of the whole chart. */
  columns: number;
  rows: number;
  /** Braille and box characters; without, ASCII alone. */
  unicode: boolean;
  /** Colours a text as a series; absent where there is no colour. */
  paint?: (text: string, series: number) => string;
}

/** Lines of text without colour show which series they are by its letter, every so many columns. */
const LETTER_EVERY = 16;
const LETTER_SHIFT = 5;

/**
 * Series as lines over time, with round ticks on both axes. The first series is drawn over the others. Pure but for the
 * machine's time zone.
 */
export const chart = (series: readonly (readonly Point[])[], options: ChartOptions): string => {
  const { start, end, unit, rows, unicode } = options;
  const scale = scaleFor(
    series.flatMap((points) => points.map(([, value]) => value).filter(isDrawable)),
    unit,
  );
  const labels = tickLabels(scale, options);
  const margin = Math.max(...[...labels.values()].map((label) => label.length)) + 1;
  const columns = Math.max(10, options.columns - margin - 1);
  const canvas = newCanvas(columns, rows, unicode ? BRAILLE : PLAIN);
  for (const [i, points] of [...series.entries()].reverse()) {
    for (const line of linesOf(points, scale, columns, options)) canvas.line(i, line);
  }
  const drawn = canvas.rows();
  if (unicode && options.paint === undefined && series.length > 1) letter(drawn);
  const ticks = timeTicks(start, end, columns);
  const { wall, mark } = axesOf(unicode);
  const body = drawn.map((cells, row) => {
    const label = labels.get(row);
    const edge = `${(label ?? '').padStart(margin - 1)} ${label === undefined ? wall : mark}`;
    return `${edge}${painted(cells, options)}`.trimEnd();
  });
  return [...body, ...timeAxis(ticks, margin, columns, unicode)].join('\n');
};

export const seriesMark = (series: number, options: Pick<ChartOptions, 'unicode' | 'paint'>): string => {
  if (!options.unicode) return markOf(series);
  return options.paint === undefined ? letterOf(series) : options.paint('━━', series);
};

export const isDrawable = (value: number): boolean => Math.abs(value) < 1e300;

const painted = (cells: readonly (Cell | undefined)[], { paint }: ChartOptions): string =>
  cells.map((cell) => (cell === undefined ? ' ' : (paint?.(cell.text, cell.series) ?? cell.text))).join('');

const letterOf = (series: number): string => String.fromCharCode(97 + (series % 26));

const letter = (rows: (Cell | undefined)[][]): void => {
  const seen = new Set<string>();
  for (const cells of rows) {
    for (const [column, cell] of cells.entries()) {
      const key = `${column} ${cell?.series}`;
      if (cell === undefined || seen.has(key) || (column + LETTER_SHIFT * cell.series) % LETTER_EVERY !== 2) continue;
      seen.add(key);
      cell.text = letterOf(cell.series);
    }
  }
};

/** By row; where two ticks fall into one, the lower one stands. */
const tickLabels = (scale: Scale, { rows, unit, unicode }: ChartOptions): Map<number, string> => {
  const height = rows * (unicode ? BRAILLE : PLAIN).height;
  const labels = scale.ticks.map((tick): [number, string] => {
    const label = formatValue(tick, unit, scale.step);
    const row = Math.floor((dotRow(tick, scale, height) * rows) / height);
    return [row, unicode ? label : label.replace('µ', 'u').replace('°', '')];
  });
  return new Map(labels.reverse());
};

const dotRow = (value: number, { low, high }: Scale, height: number): number =>
  Math.round(((high - value) / (high - low)) * (height - 1));

/** A series in dots: one line for each stretch without a gap. */
const linesOf = (
  points: readonly Point[],
  scale: Scale,
  columns: number,
  { start, end, step, rows, unicode }: ChartOptions,
): Dot[][] => {
  const dots = unicode ? BRAILLE : PLAIN;
  const [width, height] = [columns * dots.width, rows * dots.height];
  const found: Dot[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const [time, value] of points) {
    if (!isDrawable(value) || time < start || time > end) continue;
    const dot: Dot = [Math.round(((time - start) / (end - start)) * (width - 1)), dotRow(value, scale, height)];
    if (time - last > step * 1.5) found.push([dot]);
    else found.at(-1)?.push(dot);
    last = time;
  }
  return found;
};

const axesOf = (unicode: boolean) =>
  unicode
    ? { wall: '│', mark: '┤', corner: '└', line: '─', tick: '┬' }
    : { wall: '|', mark: '+', corner: '+', line: '-', tick: '+' };

const timeAxis = (ticks: readonly TimeTick[], margin: number, columns: number, unicode: boolean): string[] => {
  const { corner, line, tick } = axesOf(unicode);
  const at = new Set(ticks.map(({ column }) => column));
  const axis = Array.from({ length: columns }, (_, column) => (at.has(column) ? tick : line)).join('');
  let labels = '';
  for (const { column, label } of ticks) {
    const from = Math.max(0, Math.min(column - Math.floor(label.length / 2), columns - label.length));
    if (labels === '' || from > labels.length) labels = `${labels.padEnd(from)}${label}`;
  }
  return [`${' '.repeat(margin)}${corner}${axis}`, `${' '.repeat(margin + 1)}${labels}`];
};
