import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { newWatchMemory, type WatchMemory } from '../../../src/commands/watch-memory.ts';
import type { Verdict } from '../../../src/detect/classify.ts';
import type { Surveyed } from '../../../src/detect/survey.ts';
import type { Candidate } from '../../../src/detect/types.ts';
import type { Reporter } from '../../../src/output/reporter.ts';
import { container } from '../../support/containers.ts';

const GOOD: Verdict = { ok: true, format: 'text', metrics: 1, samples: 1, families: new Map() };
const REFUSED: Verdict = { ok: false, code: 'refused', reason: '' };
const SILENT: Verdict = { ok: false, code: 'timeout', reason: '' };
const HTML: Verdict = { ok: false, code: 'html', reason: '' };

const candidate = (name: string, port = 9100): Candidate => ({
  container: container(name),
  port,
  metrics_path: '/metrics',
  scheme: 'http',
  job: name,
  source: 'port',
  reason: '',
});
const web = candidate('web');

let memory: WatchMemory;
beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  memory = newWatchMemory();
  memory.beginRound();
});
afterEach(() => vi.useRealTimers());

const surveyed = (verdict: Verdict, of = web): Surveyed => ({
  candidate: of,
  reach: { ok: true, host: 'web', network: 'app' },
  verdict,
});

describe('a verdict', () => {
  it.each([
    ['metrics', GOOD],
    ['HTML', HTML],
  ])('of %s holds, and nobody is asked again', (_, verdict) => {
    memory.remember(web, verdict);
    vi.advanceTimersByTime(86_400_000);
    expect(memory.recall(web)).toBe(verdict);
    expect(memory.nextRetryMs()).toBeUndefined();
  });

  it('of one that may yet start holds for a moment, longer and longer with its age', () => {
    const pauses: (number | undefined)[] = [];
    for (const age of [0, 14_000, 16_000, 299_000, 301_000, 86_400_000]) {
      vi.setSystemTime(1_000_000 + age);
      memory.beginRound();
      memory.remember(web, REFUSED);
      pauses.push(memory.nextRetryMs());
    }
    expect(pauses).toEqual([150, 150, 1000, 1000, 15_000, 15_000]);
  });

  it('of one that lets everyone wait holds for long, so that the others are not held up', () => {
    memory.remember(web, SILENT);
    expect(memory.nextRetryMs()).toBe(10_000);
  });

  it('is recalled until its time has come, and counts for when that is', () => {
    memory.remember(web, REFUSED);
    vi.advanceTimersByTime(100);
    memory.beginRetry();
    expect(memory.recall(web)).toBe(REFUSED);
    expect(memory.nextRetryMs()).toBe(50);
    vi.advanceTimersByTime(50);
    expect(memory.recall(web)).toBeUndefined();
  });

  it('is forgotten with what happens to its container, on all of its ports, and of no other', () => {
    for (const one of [web, candidate('web', 9200), candidate('db')]) memory.remember(one, HTML);
    memory.forget('id-of-web');
    expect(memory.recall(web)).toBeUndefined();
    expect(memory.recall(candidate('web', 9200))).toBeUndefined();
    expect(memory.recall(candidate('db'))).toBe(HTML);
    memory.forgetAll();
    expect(memory.recall(candidate('db'))).toBeUndefined();
  });
});

describe('a network is kept', () => {
  it.each([
    ['for one that may yet start', REFUSED, ['app']],
    ['not for one that has made up its mind', HTML, []],
    ['not for one that answered: it is its target that needs it', GOOD, []],
  ])('%s', (_, verdict, networks) => {
    memory.remember(web, verdict);
    expect(memory.held([surveyed(verdict)])).toEqual(networks);
  });

  it('for five minutes', () => {
    memory.remember(web, REFUSED);
    vi.advanceTimersByTime(299_999);
    expect(memory.held([surveyed(REFUSED)])).toEqual(['app']);
    vi.advanceTimersByTime(1);
    expect(memory.held([surveyed(REFUSED)])).toEqual([]);
  });
});

describe('of containers that start at once', () => {
  const both = [surveyed(GOOD), surveyed(REFUSED, candidate('db'))];
  beforeEach(() => {
    for (const { candidate: c, verdict } of both) if (verdict !== undefined) memory.remember(c, verdict);
  });

  it('the last ones are asked again, for a second', () => {
    expect(memory.again(both)).toBeGreaterThanOrEqual(150);
    vi.advanceTimersByTime(1000);
    expect(memory.again(both)).toBeUndefined();
  });

  it('nobody is waited for where all have answered, or let everyone wait', () => {
    expect(memory.again([surveyed(GOOD), surveyed(HTML, candidate('db'))])).toBeUndefined();
    expect(memory.again([surveyed(GOOD), surveyed(SILENT, candidate('db'))])).toBeUndefined();
  });

  it('a single one waits for nobody', () => {
    expect(memory.again([surveyed(REFUSED)])).toBeUndefined();
  });

  it('what has been there for longer is no part of it', () => {
    vi.advanceTimersByTime(5000);
    const late = candidate('late');
    memory.remember(late, REFUSED);
    expect(memory.again([...both, surveyed(REFUSED, late)])).toBeUndefined();
  });
});

it('the same is not said in every round, and said again when it comes back', () => {
  const said: string[] = [];
  const reporter: Reporter = {
    start: () => ({ update: () => {}, done: () => {}, failed: () => {} }),
    note: () => {},
    warn: (text) => void said.push(text),
    event: () => {},
    result: () => {},
    error: () => {},
    close: () => {},
  };
  const round = (...texts: string[]) => {
    memory.beginRound();
    for (const text of texts) memory.say(reporter, text);
  };
  round('a', 'a');
  round('a', 'b');
  round('b');
  round('a');
  expect(said).toEqual(['a', 'b', 'a']);
});
