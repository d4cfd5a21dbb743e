/** A point of a line, in dots from the upper left corner. */
export type Dot = readonly [x: number, y: number];

/** How a terminal's cell is divided, and what shows it. */
export interface Dots {
  width: number;
  height: number;
  /** What a cell shows with these dots set, of this series. */
  show: (bits: number, series: number) => string;
}

/** Eight dots a cell. Source: Unicode, "Braille Patterns": bit by bit down the left column, down the right one, and the lowest row. */
const BITS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;
export const BRAILLE: Dots = { width: 2, height: 4, show: (bits) => String.fromCharCode(0x2800 + bits) };

const MARKS = '*+xo#@%&=~';
/** What a series is drawn with where a cell is one dot. */
export const markOf = (series: number): string => MARKS[series % MARKS.length] ?? '*';
export const PLAIN: Dots = { width: 1, height: 1, show: (_bits, series) => markOf(series) };

/** The cell's text and the series that it shows, where it shows one. */
export interface Cell {
  text: string;
  series: number;
}

/** `line` draws a series' line through its dots, over what is there; `rows` has `undefined` where nothing was drawn. */
export const newCanvas = (columns: number, rows: number, dots: Dots) => {
  const bits = new Uint8Array(columns * rows);
  const owner = new Int16Array(columns * rows);
  const set = (series: number, x: number, y: number): void => {
    const cell = Math.floor(y / dots.height) * columns + Math.floor(x / dots.width);
    bits[cell] = (bits[cell] ?? 0) | (BITS[y % dots.height]?.[x % dots.width === 0 ? 0 : 1] ?? 0);
    owner[cell] = series;
  };
  return {
    line: (series: number, points: readonly Dot[]): void => {
      for (const [i, to] of points.entries()) between(points[i - 1] ?? to, to, (x, y) => set(series, x, y));
    },
    rows: (): (Cell | undefined)[][] =>
      Array.from({ length: rows }, (_, row) =>
        Array.from({ length: columns }, (_, column) => {
          const at = row * columns + column;
          const series = owner[at] ?? 0;
          const cell = bits[at] ?? 0;
          return cell === 0 ? undefined : { text: dots.show(cell, series), series };
        }),
      ),
  };
};

/** Every dot of a straight line, one for each step along its longer side; half a dot rounds down. */
const between = ([x0, y0]: Dot, [x1, y1]: Dot, set: (x: number, y: number) => void): void => {
  const steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1);
  const at = (from: number, to: number, step: number): number => Math.ceil(from + ((to - from) * step) / steps - 0.5);
  for (let step = 0; step <= steps; step += 1) set(at(x0, x1, step), at(y0, y1, step));
};
