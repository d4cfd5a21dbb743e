/**
 * Values with their unit, as a person reads them. Units are Grafana's ids, as the questions to metrics have them
 * (source: packages/grafana-data/src/valueFormats/categories.ts); one that is not here is written behind the number. Pure.
 */

interface Unit {
  /** Sizes of the unit and what stands behind the number, the smallest first. */
  scales: readonly (readonly [size: number, suffix: string])[];
  /** How its round numbers are spaced; a count is written out while it is short. */
  round: 'count' | 'decimal' | 'binary' | 'time';
  /** What one of it is in the scale of size 1. */
  one: number;
}

type Table<T> = Readonly<Record<string, T>>;

/** Words, and the prefix belongs to the number: `1.5k req/s`. */
const WORDS: Table<string> = { '': '', none: '', short: '', bool_yes_no: '', reqps: 'req/s', ops: 'ops/s', cps: '/s' };
/** Symbols that take a prefix: `1.5 kB/s`. */
const SYMBOLS: Table<string> = {
  Bps: 'B/s',
  bits: 'b',
  bps: 'b/s',
  hertz: 'Hz',
  watt: 'W',
  joule: 'J',
  volt: 'V',
  amp: 'A',
  lengthm: 'm',
  massg: 'g',
  pressurepa: 'Pa',
};
const BINARY: Table<string> = { bytes: 'B', kbytes: 'B', mbytes: 'B', KiBs: 'B/s', MiBs: 'B/s' };
const SINGLE: Table<string> = { percent: '%', percentunit: '%', celsius: ' °C', fahrenheit: ' °F', kelvin: ' K' };
/** What one of them is in the unit that is shown; of others, 1. */
const FACTORS: Table<number> = { percentunit: 100, kbytes: 1024, mbytes: 1024 ** 2, KiBs: 1024, MiBs: 1024 ** 2 };
/** In seconds, by what is shown; Grafana’s id of minutes is `m`. */
const TIMES: Table<number> = { ns: 1e-9, µs: 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600, d: 86_400 };

const SI = ['', 'k', 'M', 'G', 'T', 'P', 'E'];
const IEC = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

const unitOf = (id: string): Unit => {
  const one = TIMES[id === 'm' ? 'min' : id] ?? FACTORS[id] ?? 1;
  const [symbol, binary, single, word = id] = [SYMBOLS[id], BINARY[id], SINGLE[id], WORDS[id]];
  if (id === 'm' || id in TIMES)
    return { scales: Object.entries(TIMES).map(([name, size]) => [size, ` ${name}`]), round: 'time', one };
  if (symbol !== undefined)
    return { scales: SI.map((prefix, i) => [1000 ** i, ` ${prefix}${symbol}`]), round: 'decimal', one };
  if (binary !== undefined)
    return { scales: IEC.map((prefix, i) => [1024 ** i, ` ${prefix}${binary}`]), round: 'binary', one };
  if (single !== undefined) return { scales: [[1, single]], round: 'decimal', one };
  return { scales: SI.map((prefix, i) => [1000 ** i, `${prefix} ${word}`.trimEnd()]), round: 'count', one };
};

/** A number of things, or a state: between two whole numbers there is nothing. */
export const isCount = (unit: string): boolean => WORDS[unit] === '';

/** From here on a count is written with a prefix; on an axis where its ticks are that far apart too. */
const LONG_COUNT = 1e5;
const LONG_STEP = 1e3;

/**
 * `1.5 MiB`, `20 ms`, `12.3%`, `0.35 req/s`; of a fraction three digits. `step`: between the ticks of an axis that the
 * value is one of, so that each has the digits that tell it from the next one.
 */
export const formatValue = (value: number, unit: string, step?: number): string => {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (unit === 'bool_yes_no' && (value === 0 || value === 1)) return value === 1 ? 'Yes' : 'No';
  const { one } = unitOf(unit);
  const amount = value * one;
  const [size, suffix] = scaleOf(unitOf(unit), amount, step);
  const number = step === undefined ? threeDigits(amount / size) : digitsFor(amount / size, (step * one) / size);
  return `${number}${suffix}`;
};

const scaleOf = ({ scales, round }: Unit, amount: number, step = 0): readonly [number, string] => {
  const ofOne = scales.find(([size]) => size === 1) ?? [1, ''];
  const size = Math.abs(amount);
  if (size === 0 || (round === 'count' && size < LONG_COUNT && step < LONG_STEP)) return ofOne;
  const fits = ([scale]: readonly [number, string]): boolean =>
    scale <= size * (1 + 1e-9) && (round !== 'time' || scale < 60 || isTenth(step / scale));
  return scales.findLast(fits) ?? scales[0] ?? ofOne;
};

/** Ticks a minute apart are minutes: `77 min`, and not `1.28333 h`. */
const isTenth = (part: number): boolean => Math.abs(part * 10 - Math.round(part * 10)) < 1e-6;

/** The unit of a number of size 1, as a column has it: `s`, `B`, `%`; empty where it is a plain number. */
export const unitWord = (unit: string): string => (unitOf(unit).scales.find(([size]) => size === 1)?.[1] ?? '').trim();

const threeDigits = (value: number): number =>
  Math.abs(value) >= 100 ? Math.round(value * 10) / 10 : Number(value.toPrecision(3));

const digitsFor = (value: number, step: number): number => {
  const digits = [0, 1, 2, 3, 4, 5, 6].find((d) => Math.abs(step * 10 ** d - Math.round(step * 10 ** d)) < 1e-6);
  return digits === undefined ? Number(value.toPrecision(6)) : Number(value.toFixed(digits));
};

const TIME_STEPS = [60, 120, 300, 600, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

/** The next longer distance between round values of a unit: 1, 2 or 5 times a power of ten, whole minutes, a power of two of bytes. */
export const roundStep = (atLeast: number, unit: string): number => {
  const { round, one } = unitOf(unit);
  const least = atLeast * one;
  if (round === 'binary' && least > 1) return 2 ** Math.ceil(Math.log2(least) - 1e-9) / one;
  if (round === 'time' && least > 30 && least < 43_200) return (TIME_STEPS.find((s) => s >= least) ?? 86_400) / one;
  if (round === 'time' && least >= 43_200) return (86_400 * decimalStep(least / 86_400)) / one;
  return decimalStep(least) / one;
};

const decimalStep = (least: number): number => {
  const power = 10 ** Math.floor(Math.log10(least) + 1e-9);
  return power * ([1, 2, 5].find((m) => m * power >= least * (1 - 1e-9)) ?? 10);
};
