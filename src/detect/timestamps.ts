import { plural } from '../config/words.ts';
import type { Facts } from './exposition-facts.ts';

/** Timestamps for which Prometheus drops samples, while the target stays up. */
export interface TimestampTrouble {
  code: 'timestamps-wrong-unit' | 'timestamps-too-old' | 'timestamps-in-future';
  /** A sentence without a subject, as a verdict's reason is. */
  reason: string;
}

/** Milliseconds that a sample may be ahead: maxAheadTime in scrape/scrape.go. */
const MAX_AHEAD_MS = 10 * 60 * 1000;
/**
 * Milliseconds that a sample may be behind where no `out_of_order_time_window` is set: half the 2 h of the head block
 * (appendableMinValidTime in tsdb/head_append.go).
 */
const MAX_BEHIND_MS = 60 * 60 * 1000;
/** Unix seconds of today, read as milliseconds, are in January 1970; milliseconds read as seconds after the year 5000. */
const IN_SECONDS_MS = Date.UTC(1971, 0);
const IN_MILLISECONDS_MS = Date.UTC(5000, 0);

/**
 * What Prometheus makes of the timestamps in an answer at `now` (Unix ms, by Prometheus's clock); `undefined` where it keeps
 * all samples, or there are none with a timestamp. Pure.
 */
export const timestampTrouble = (
  { timestamps, format }: Pick<Facts, 'timestamps'> & { format: 'text' | 'openmetrics' },
  now: number,
  outOfOrderWindowMs = 0,
): TimestampTrouble | undefined => {
  if (timestamps === undefined) return undefined;
  const { samples, oldest, newest } = timestamps;
  const what = `${plural(samples, 'sample')} with timestamps`;
  const unit = unitTrouble(format, oldest, newest);
  if (unit !== undefined) return { ...unit, reason: `serves ${what} ${unit.reason}` };
  if (newest > now + MAX_AHEAD_MS) {
    const reason = `serves ${what}, up to ${utc(newest)}: Prometheus drops what is more than 10 minutes ahead`;
    return { code: 'timestamps-in-future', reason };
  }
  const window = Math.max(MAX_BEHIND_MS, outOfOrderWindowMs);
  if (oldest >= now - window) return undefined;
  const reason = `serves ${what}, as old as ${utc(oldest)}: Prometheus drops what is more than ${plural(Math.round(window / 3_600_000), 'hour')} old`;
  return { code: 'timestamps-too-old', reason };
};

const unitTrouble = (
  format: 'text' | 'openmetrics',
  oldest: number,
  newest: number,
): Pick<TimestampTrouble, 'code' | 'reason'> | undefined => {
  const code = 'timestamps-wrong-unit';
  if (format === 'text' && oldest > 0 && oldest < IN_SECONDS_MS)
    return { code, reason: `of ${utc(oldest)}: they are in seconds, and Prometheus reads milliseconds and drops them` };
  if (format === 'openmetrics' && newest > IN_MILLISECONDS_MS)
    return {
      code,
      reason: 'far in the future: they are in milliseconds, and OpenMetrics has seconds; Prometheus drops them',
    };
  if (format === 'text' && newest > IN_MILLISECONDS_MS)
    return {
      code,
      reason: 'far in the future: they are finer than milliseconds, which Prometheus reads; it drops them',
    };
  return undefined;
};

const utc = (ms: number): string =>
  Math.abs(ms) > 8.64e15 ? `${ms} ms` : `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
