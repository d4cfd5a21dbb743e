import { expect, it, vi } from 'vitest';
import { silent } from '../../../src/stack/progress.ts';

it('a round of a watch tells its warnings and changes, and not that it waits for another monitor', () => {
  const reporter = { start: vi.fn(), note: vi.fn(), warn: vi.fn(), event: vi.fn() };
  const round = silent(reporter);
  round.start('', 'Asking');
  round.note('another monitor is working on this stack');
  round.warn('a warning');
  round.event('a change', {});
  expect([reporter.start, reporter.note].map((call) => call.mock.calls.length)).toEqual([0, 0]);
  expect([reporter.warn, reporter.event].map((call) => call.mock.calls.length)).toEqual([1, 1]);
});
