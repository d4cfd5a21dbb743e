import { expect, it } from 'vitest';
import { withClock } from '../../../src/prometheus/clock.ts';
import { clockReport } from '../../../src/stack/clock.ts';

const answering = (date: string | undefined) =>
  withClock(async () => ({ status: 200, headers: date === undefined ? {} : { date }, body: '' }));
const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toUTCString();

it.each([
  [600, 600],
  [-600, -600],
  [2, 0],
  [-1, 0],
])('a server whose Date is %s s ahead has a clock that is %s s ahead', async (given, seconds) => {
  const { transport, ahead } = answering(inSeconds(given));
  expect(ahead()).toBeUndefined();
  await transport({ method: 'GET', path: '/' });
  expect((ahead() ?? Number.NaN) / 1000).toBeCloseTo(seconds, 0);
});

it('a server without a Date says nothing of its clock', async () => {
  const { transport, ahead } = answering(undefined);
  await transport({ method: 'GET', path: '/' });
  expect(ahead()).toBeUndefined();
});

it('clocks that differ are reported with the right time, and clocks that agree are not', async () => {
  expect(await clockReport({ clockAhead: async () => 0 })).toEqual({ notices: [] });
  const { now = '', notices } = await clockReport({ clockAhead: async () => -600_000 });
  expect(Date.parse(now) - Date.now()).toBeLessThan(-599_000);
  expect(notices).toMatchObject([expect.stringContaining('10 minutes behind')]);
});
