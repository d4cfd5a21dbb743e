import { isCount, roundStep } from '../units.ts';

/** A value axis: its ends are round values of the unit, and so is every tick. */
export interface Scale {
  low: number;
  high: number;
  step: number;
  ticks: number[];
}

const TICK_SPACES = 4;
/** A range that is smaller than this part of its values cannot be told from a constant. */
const SMALLEST = 1e-9;

/** The axis for drawable values. Starts at 0 where that leaves most of the chart to the values. Pure. */
export const scaleFor = (values: readonly number[], unit: string): Scale => {
  const [low, high] = range(values);
  const least = (high - low) / TICK_SPACES;
  const counts = isCount(unit) && values.every(Number.isInteger);
  const step = roundStep(counts ? Math.max(1, least) : least, unit);
  const first = Math.floor(low / step + 1e-6);
  const last = Math.ceil(high / step - 1e-6);
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
  return { low: first * step, high: last * step, step, ticks };
};

const range = (values: readonly number[]): [low: number, high: number] => {
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (low > high || (low === 0 && high === 0)) return [0, 1];
  const constant = high - low <= Math.max(Math.abs(low), Math.abs(high)) * SMALLEST;
  if (low >= 0 && (constant || low <= high * 0.6)) return [0, high];
  if (high <= 0 && (constant || high >= low * 0.6)) return [low, 0];
  return [low, high];
};
