import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Verdict } from '../../../src/detect/classify.ts';
import type { Surveyed } from '../../../src/detect/survey.ts';
import type { Candidate } from '../../../src/detect/types.ts';
import { newWatchMemory, type WatchMemory } from '../../../src/watch/memory.ts';
import { container } from '../../support/containers.ts';

const GOOD: Verdict = { ok: true, format: 'text', metrics: 1, samples: 1 };
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
});
afterEach(() => vi.useRealTimers());

const surveyed = (verdict: Verdict, of = web): Surveyed => ({
  candidate: of,
  reach: { ok: true, host: 'web', network: 'app' },
  verdict,
});

describe('a verdict', () => {
  it('of an endpoint with metrics is kept, and it is not asked again', () => {
    memory.remember(web, GOOD);
    vi.advanceTimersByTime(86_400_000);
    expect(memory.recall(web)).toBe(GOOD);
    expect(memory.nextRetryMs()).toBeUndefined();
  });

  it.each([
    ['nothing', REFUSED, [150, 150, 500, 500, 500, 60_000, 60_000]],
    ['something else', HTML, [500, 500, 500, 5000, 5000, 60_000, 60_000]],
  ])('of one that answers %s holds for a moment, longer and longer with its age', (_, verdict, expected) => {
    const pauses = [0, 14_000, 16_000, 61_000, 299_000, 301_000, 86_400_000].map((age) => {
      vi.setSystemTime(1_000_000 + age);
      memory.remember(web, verdict);
      return memory.nextRetryMs();
    });
    expect(pauses).toEqual(expected);
  });

  it('of an endpoint that timed out is kept for long, so that it does not delay the others', () => {
    memory.remember(web, SILENT);
    expect(memory.nextRetryMs()).toBe(10_000);
  });

  it('is recalled until its time has come, and counts for when that is', () => {
    memory.remember(web, REFUSED);
    vi.advanceTimersByTime(100);
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

it('what has gone, or is scraped by now, is not asked again', () => {
  memory.remember(web, REFUSED);
  memory.remember(candidate('db'), REFUSED);
  memory.retain([surveyed(REFUSED), { ...surveyed(REFUSED, candidate('db')), known: {} }]);
  expect(memory.recall(candidate('db'))).toBeUndefined();
  memory.retain([]);
  expect(memory.nextRetryMs()).toBeUndefined();
});

describe('the network of an endpoint is waited on', () => {
  it('not once it has answered: its target needs it', () => {
    memory.remember(web, GOOD);
    expect(memory.waitedFor([surveyed(GOOD)])).toEqual(new Set());
  });

  it.each([
    ['five minutes where nothing answers', REFUSED, 300_000],
    ['a minute where something else than metrics is answered', HTML, 60_000],
  ])('%s', (_, verdict, ms) => {
    memory.remember(web, verdict);
    vi.advanceTimersByTime(ms - 1);
    expect(memory.waitedFor([surveyed(verdict)])).toEqual(new Set(['app']));
    vi.advanceTimersByTime(1);
    expect(memory.waitedFor([surveyed(verdict)])).toEqual(new Set());
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

  it('none is waited for if all have answered or timed out', () => {
    expect(memory.again([surveyed(GOOD), surveyed(HTML, candidate('db'))])).toBeUndefined();
    expect(memory.again([surveyed(GOOD), surveyed(SILENT, candidate('db'))])).toBeUndefined();
  });

  it('a single container is not waited for', () => {
    expect(memory.again([surveyed(REFUSED)])).toBeUndefined();
  });

  it('containers that started earlier do not count', () => {
    vi.advanceTimersByTime(5000);
    const late = candidate('late');
    memory.remember(late, REFUSED);
    expect(memory.again([...both, surveyed(REFUSED, late)])).toBeUndefined();
  });
});
