/** A tick of the time axis: where it stands, and the label below it. */
export interface TimeTick {
  column: number;
  label: string;
}

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const STEPS = [
  ...[1, 2, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 30, 90, 365, 3650].map((n) => n * DAY),
];
const SPACE = 2;

/** Round times of the machine's own clock, as many as have room in `columns`; from `start` to `end`, Unix seconds. */
export const timeTicks = (start: number, end: number, columns: number): TimeTick[] => {
  const perSecond = (columns - 1) / (end - start);
  const step = STEPS.find((s) => s * perSecond >= widthOf(s) + SPACE) ?? end - start;
  // Whole hours and days are so on the clock of the wall, which summer time moves.
  const local = start + offsetAt(start);
  const ticks: TimeTick[] = [];
  for (let wall = Math.ceil(local / step) * step; ; wall += step) {
    const at = wall - offsetAt(wall - offsetAt(start));
    if (at > end) return ticks;
    if (at >= start)
      ticks.push({ column: Math.round((at - start) * perSecond), label: labelOf(new Date(at * 1000), step) });
  }
};

/** Seconds that the machine's clock is ahead of UTC. */
const offsetAt = (time: number): number => -new Date(time * 1000).getTimezoneOffset() * MINUTE;

const widthOf = (step: number): number => {
  if (step < MINUTE) return 8;
  if (step < DAY) return 6;
  return step < 90 * DAY ? 6 : 8;
};

/** `22:15:30`, `22:15`, `Nov 25` at midnight and for days, `Nov 2026` for quarters and years. */
const labelOf = (date: Date, step: number): string => {
  const [, month, day, year] = date.toDateString().split(' ');
  if (step >= 90 * DAY) return `${month} ${year}`;
  const clock = date.toTimeString();
  if (step < MINUTE) return clock.slice(0, 8);
  return step >= DAY || clock.startsWith('00:00') ? `${month} ${Number(day)}` : clock.slice(0, 5);
};
