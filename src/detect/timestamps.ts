import { plural } from '../words.ts';
import type { Exposition } from './exposition-reader.ts';

/** Timestamps for which Prometheus drops samples, while the target stays up. */
export interface TimestampTrouble {
  code: 'timestamps-wrong-unit' | 'timestamps-too-old' | 'timestamps-in-future';
  /** A sentence without a subject, as a verdict's reason is. */
  reason: string;
}

/** Milliseconds that a sample may be ahead: maxAheadTime in scrape/scrape.go. */
const MAX_AHEAD_MS = 10 * 60 * 1000;
/** Milliseconds that one may be behind: half the 2 h of the head block (appendableMinValidTime in tsdb/head_append.go). */
const MAX_BEHIND_MS = 60 * 60 * 1000;
/** Unix seconds of today, read as milliseconds, are in January 1970; milliseconds read as seconds after the year 5000. */
const IN_SECONDS_MS = Date.UTC(1971, 0);
const IN_MILLISECONDS_MS = Date.UTC(5000, 0);

type Timed = Pick<Extract<Exposition, { ok: true }>, 'format' | 'timestamps'>;

/**
 * What Prometheus makes of the timestamps in an answer at `now` (Unix ms, by Prometheus's clock); `undefined` where it keeps
 * all samples, or there are none with a timestamp. Pure.
 */
export const timestampTrouble = ({ timestamps, format }: Timed, now: number): TimestampTrouble | undefined => {
  if (timestamps === undefined) return undefined;
  const { samples, oldest, newest } = timestamps;
  const trouble = (code: TimestampTrouble['code'], which: string): TimestampTrouble => ({
    code,
    reason: `serves ${plural(samples, 'sample')} with timestamps${which}`,
  });
  if (format === 'text' && oldest > 0 && oldest < IN_SECONDS_MS) {
    const read = 'they are in seconds, and Prometheus reads milliseconds and drops them';
    return trouble('timestamps-wrong-unit', ` of ${utc(oldest)}: ${read}`);
  }
  if (newest > IN_MILLISECONDS_MS) {
    const read =
      format === 'text'
        ? 'they are finer than milliseconds, which Prometheus reads; it drops them'
        : 'they are in milliseconds, and OpenMetrics has seconds; Prometheus drops them';
    return trouble('timestamps-wrong-unit', ` far in the future: ${read}`);
  }
  if (newest > now + MAX_AHEAD_MS) {
    const dropped = 'Prometheus drops what is more than 10 minutes ahead';
    return trouble('timestamps-in-future', `, up to ${utc(newest)}: ${dropped}`);
  }
  if (oldest < now - MAX_BEHIND_MS) {
    const dropped = 'Prometheus drops what is more than 1 hour old';
    return trouble('timestamps-too-old', `, as old as ${utc(oldest)}: ${dropped}`);
  }
  return undefined;
};

const utc = (ms: number): string =>
  Math.abs(ms) > 8.64e15 ? `${ms} ms` : `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
