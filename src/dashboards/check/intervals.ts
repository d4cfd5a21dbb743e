import { parseDuration } from '../../config/values.ts';
import type { TimeRange } from '../../prometheus/client.ts';

/** How Grafana asks for a panel's range. Times in seconds, Unix; durations in milliseconds. */
export interface PanelTime extends TimeRange {
  step: number;
  rateInterval: number;
}

export interface TimeSettings extends TimeRange {
  /** The datasource's scrape interval (`jsonData.timeInterval`). */
  scrapeInterval: string | undefined;
  /** The least step that the panel's query, or the panel, sets; variables are filled in. */
  minStep: string | undefined;
  maxPoints: number;
  /** Of older dashboards: the step is so many times as long. */
  factor: number;
}

const DEFAULT_SCRAPE_MS = 15_000;
/** Prometheus gives no more points of a series. */
const MOST_POINTS = 11_000;

/**
 * Source: pkg/promlib/models/query.go and the older datasource's `createQuery`: the step is the range by the points
 * there is room for, rounded, and neither shorter than the least step nor one that gives 11,000 points;
 * `$__rate_interval` is max(step + scrape interval, 4 * scrape interval), where a least step stands for the latter.
 */
export const panelTime = (settings: TimeSettings): PanelTime => {
  const { start, end, maxPoints, factor } = settings;
  const scrape = durationOf(settings.minStep) ?? durationOf(settings.scrapeInterval) ?? DEFAULT_SCRAPE_MS;
  const range = (end - start) * 1000;
  const safe = range / MOST_POINTS;
  const byRoom = Math.max(roundInterval(range / maxPoints), scrape);
  const step = Math.max(byRoom * factor, safe > 1000 ? Math.ceil(safe / 1000) * 1000 : safe, 1);
  return { start, end, step, rateInterval: Math.max(step + scrape, 4 * scrape) };
};

/** `>15s` and `<1m` are Grafana's too; what is no duration counts as none. */
const durationOf = (text: string | undefined): number | undefined =>
  parseDuration((text ?? '').replace(/^[<>]=?\s*/, '')) || undefined;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Up to here (exclusive), the interval is rounded to that. Source: `roundInterval` in packages/grafana-data/src/datetime/rangeutil.ts. */
const ROUNDED: readonly (readonly [below: number, rounded: number])[] = [
  [10, 1],
  [15, 10],
  [35, 20],
  [75, 50],
  [150, 100],
  [350, 200],
  [750, 500],
  [1500, SECOND],
  [3500, 2 * SECOND],
  [7500, 5 * SECOND],
  [12_500, 10 * SECOND],
  [17_500, 15 * SECOND],
  [25_000, 20 * SECOND],
  [45_000, 30 * SECOND],
  [90_000, MINUTE],
  [210_000, 2 * MINUTE],
  [450_000, 5 * MINUTE],
  [750_000, 10 * MINUTE],
  [1_050_000, 15 * MINUTE],
  [1_500_000, 20 * MINUTE],
  [2_700_000, 30 * MINUTE],
  [5_400_000, HOUR],
  [9_000_000, 2 * HOUR],
  [16_200_000, 3 * HOUR],
  [32_400_000, 6 * HOUR],
  [DAY, 12 * HOUR],
  [7 * DAY, DAY],
  [21 * DAY, 7 * DAY],
  [42 * DAY, 30 * DAY],
];

const roundInterval = (interval: number): number => ROUNDED.find(([below]) => interval < below)?.[1] ?? 365 * DAY;

/**
 * What `auto` of an interval variable is: the range (seconds) by a number of steps, rounded, and not shorter than the least.
 * Source: `updateAutoValue` in public/app/features/variables/interval/actions.ts, and `calculateInterval` in rangeutil.ts.
 */
export const autoInterval = ({ start, end }: TimeRange, steps: number, least: string): string =>
  intervalText(Math.max(roundInterval(((end - start) * 1000) / steps), durationOf(least) ?? 1));

/** The fewest whole units, as Grafana writes an interval: `15s`, `2m`, `500ms`. */
export const intervalText = (ms: number): string => {
  const whole = Math.round(ms);
  for (const [size, unit] of [
    [DAY, 'd'],
    [HOUR, 'h'],
    [MINUTE, 'm'],
    [SECOND, 's'],
  ] as const) {
    if (whole >= size && whole % size === 0) return `${whole / size}${unit}`;
  }
  return `${whole}ms`;
};

const DEFAULT_FROM = 'now-6h';

/** A dashboard's time range at `now` (Unix seconds): `now-6h`, `now/d`, or a date. Grafana's own default is six hours. */
export const timeRange = (time: { from: string; to: string }, now: number): { start: number; end: number } => {
  const end = timeOf(time.to || 'now', now, true) ?? now;
  const start = timeOf(time.from || DEFAULT_FROM, now, false) ?? now - 6 * 3600;
  return start < end ? { start, end } : { start: end - 6 * 3600, end };
};

const RELATIVE = /^now(?:-(\d+)([smhdwMy]))?(?:\/([smhdwMy]))?$/;
const UNITS: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  M: 2_592_000,
  y: 31_536_000,
};

const timeOf = (text: string, now: number, isEnd: boolean): number | undefined => {
  const [whole, count = '0', unit = 's', rounding] = RELATIVE.exec(text) ?? [];
  if (whole === undefined) {
    const date = /^\d{10,}$/.test(text) ? Number(text) : Date.parse(text);
    return Number.isNaN(date) ? undefined : date / 1000;
  }
  const at = now - Number(count) * (UNITS[unit] ?? 1);
  if (rounding === undefined) return at;
  const size = UNITS[rounding] ?? 1;
  return Math.min(now, (Math.floor(at / size) + (isEnd ? 1 : 0)) * size);
};
