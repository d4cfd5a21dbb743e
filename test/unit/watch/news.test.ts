import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ScrapeTarget } from '../../../src/detect/types.ts';
import { jsonReporter } from '../../../src/output/json.ts';
import { plainReporter } from '../../../src/output/plain.ts';
import { newFreshNotices, newWatchNews, type Outcome } from '../../../src/watch/news.ts';
import { recordedOutput } from '../../support/output.ts';

beforeEach(() => vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => vi.useRealTimers());

const target = (name: string, address = `${name}:9100`): ScrapeTarget => ({
  job: name,
  address,
  instance: `${name}:9100`,
  metrics_path: '/metrics',
  scheme: 'http',
  labels: {},
  origin: 'detected',
});
const done = (targets: ScrapeTarget[], ...notices: string[]): Outcome => ({ outcome: 'done', targets, notices });

const written = (reporter: typeof plainReporter, ...rounds: Outcome[]) => {
  const output = recordedOutput();
  const tell = newWatchNews(reporter(output));
  for (const round of rounds) tell(round);
  return output.written;
};

describe('a notice', () => {
  it('is reported once as long as it applies, and for a while after', () => {
    const fresh = newFreshNotices();
    expect(fresh(['a', 'a', 'b'])).toEqual(['a', 'b']);
    vi.advanceTimersByTime(3_600_000);
    expect(fresh(['a'])).toEqual([]);
    expect(fresh([])).toEqual([]);
    vi.advanceTimersByTime(500_000);
    expect(fresh(['a'])).toEqual([]);
    expect(fresh(['b'])).toEqual([]);
    vi.advanceTimersByTime(500_000);
    expect(fresh([])).toEqual([]);
    vi.advanceTimersByTime(600_001);
    expect(fresh([])).toEqual([]);
    expect(fresh(['a', 'b'])).toEqual(['a', 'b']);
  });
});

describe('the news', () => {
  it('have a line for each target that was added, removed or changed', () => {
    const { stdout, stderr } = written(
      plainReporter,
      done([target('a'), target('b')]),
      { outcome: 'starting' },
      done([target('a', '10.0.0.2:9100'), target('c')]),
    );
    expect(stdout).toBe('watching; 2 targets\n~ a:9100 (job a)\n+ c:9100 (job c)\n- b:9100 (job b)\n');
    expect(stderr).toBe('');
  });

  it('report a failure once, and again after a success', () => {
    const failed: Outcome = { outcome: 'failed', reason: 'monitor.yml is broken' };
    const { stderr } = written(plainReporter, failed, failed, done([]), failed, { outcome: 'failed' });
    expect(stderr.match(/monitor\.yml is broken/g)).toHaveLength(2);
  });

  it('report each time that the stack is down', () => {
    const stopped: Outcome = { outcome: 'stopped' };
    const { stdout } = written(plainReporter, stopped, stopped, done([]), stopped);
    expect(stdout.match(/Prometheus is not running/g)).toHaveLength(2);
  });

  it('with --json have the warnings among them', () => {
    const { stdout, stderr } = written(jsonReporter, done([], 'label x'), { outcome: 'failed', reason: 'broken' });
    expect(stderr).toBe('');
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
    ).toEqual([
      { change: 'warning', message: 'label x' },
      { change: 'watching', targets: [] },
      { change: 'warning', message: 'broken' },
    ]);
  });
});
