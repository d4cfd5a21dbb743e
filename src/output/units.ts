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

const SI = ['', 'k', 'M', 'G', 'T', 'P', 'E'];
const IEC = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/** A symbol that takes a prefix: `1.5 kB/s`. */
const symbol = (name: string): Unit => ({
  scales: SI.map((prefix, i) => [1000 ** i, ` ${prefix}${name}`]),
  round: 'decimal',
  one: 1,
});
/** Words, and the prefix belongs to the number: `1.5k req/s`. */
const words = (name: string): Unit => ({
  scales: SI.map((prefix, i) => [1000 ** i, `${prefix}${name === '' ? '' : ` ${name}`}`]),
  round: 'count',
  one: 1,
});
const binary = (name: string, one = 1): Unit => ({
  scales: IEC.map((prefix, i) => [1024 ** i, ` ${prefix}${name}`]),
  round: 'binary',
  one,
});
const single = (suffix: string, one = 1): Unit => ({ scales: [[1, suffix]], round: 'decimal', one });
const time = (one: number): Unit => ({
  scales: [
    [1e-9, ' ns'],
    [1e-6, ' µs'],
    [1e-3, ' ms'],
    [1, ' s'],
    [60, ' min'],
    [3600, ' h'],
    [86_400, ' d'],
  ],
  round: 'time',
  one,
});

const UNITS: Readonly<Record<string, Unit>> = {
  '': words(''),
  none: words(''),
  bool_yes_no: words(''),
  short: words(''),
  bytes: binary('B'),
  kbytes: binary('B', 1024),
  mbytes: binary('B', 1024 ** 2),
  Bps: symbol('B/s'),
  KiBs: binary('B/s', 1024),
  MiBs: binary('B/s', 1024 ** 2),
  bits: symbol('b'),
  bps: symbol('b/s'),
  m: time(60),
  h: time(3600),
  d: time(86_400),
  s: time(1),
  ms: time(1e-3),
  µs: time(1e-6),
  ns: time(1e-9),
  percent: single('%'),
  percentunit: single('%', 100),
  reqps: words('req/s'),
  ops: words('ops/s'),
  cps: words('/s'),
  hertz: symbol('Hz'),
  watt: symbol('W'),
  joule: symbol('J'),
  volt: symbol('V'),
  amp: symbol('A'),
  celsius: single(' °C'),
  fahrenheit: single(' °F'),
  kelvin: single(' K'),
  lengthm: symbol('m'),
  massg: symbol('g'),
  pressurepa: symbol('Pa'),
};

/** A number of things, or a state: between two whole numbers there is nothing. */
export const isCount = (unit: string): boolean => unitOf(unit).round === 'count' && unitOf(unit).scales[0]?.[1] === '';

const unitOf = (id: string): Unit => UNITS[id] ?? words(id);

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

const ONE = [1, ''] as const;

const scaleOf = ({ scales, round }: Unit, amount: number, step = 0): readonly [number, string] => {
  const ofOne = scales.find(([size]) => size === 1) ?? ONE;
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

/** As many decimals as the step has. */
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
