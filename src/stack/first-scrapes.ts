import { setTimeout as sleep } from 'node:timers/promises';
import { plural } from '../config/words.ts';
import { type ActiveTarget, AFTER_RELOAD_MS } from '../prometheus/client.ts';
import type { Session } from './session.ts';
import { type RenderedTarget, type TargetState, targetStates } from './target-states.ts';

const POLL_MS = 200;

/**
 * Waits until Prometheus has scraped targets once, or until `deadline` (Unix milliseconds); what it lists then. `toCome`: how
 * many of those that it has not scraped yet are waited for.
 */
export const awaitFirstScrapes = async (
  { deps, loaded, prometheus }: Session,
  targets: readonly RenderedTarget[],
  deadline: number,
  toCome: (unscraped: readonly TargetState[]) => Promise<number>,
): Promise<ActiveTarget[]> => {
  const pendingIn = (active: readonly ActiveTarget[]): Promise<number> =>
    toCome(targetStates(targets, active, loaded.config.scrape_configs).filter(({ row }) => row.health === 'pending'));
  let active = await prometheus.targets(AFTER_RELOAD_MS);
  let pending = await pendingIn(active);
  if (pending === 0) return active;
  const wordsFor = (count: number): string => `Waiting for the first scrape of ${plural(count, 'target')}`;
  const step = deps.reporter.start('', wordsFor(pending), { quiet: true });
  while (pending > 0 && Date.now() < deadline) {
    await sleep(POLL_MS, undefined, { signal: deps.signal });
    active = await prometheus.targets(AFTER_RELOAD_MS);
    const before = pending;
    pending = await pendingIn(active);
    if (pending !== before && pending > 0) step.update(wordsFor(pending));
  }
  step.done();
  return active;
};

/** Waits until Prometheus has scraped each job twice, which a rate takes, or until `deadline` (Unix milliseconds). */
export const awaitTwoScrapes = async (
  { deps, prometheus }: Session,
  jobs: readonly string[],
  deadline: number,
): Promise<void> => {
  const step = deps.reporter.start('', 'Waiting for what the dashboards show', { quiet: true });
  const twice = async (): Promise<Set<string>> => {
    const { series } = await prometheus.query('max by (job) (count_over_time(up[1h])) >= 2');
    return new Set(series.map(({ labels }) => labels['job'] ?? ''));
  };
  for (let scraped = await twice(); !jobs.every((job) => scraped.has(job)) && Date.now() < deadline; ) {
    await sleep(POLL_MS, undefined, { signal: deps.signal });
    scraped = await twice();
  }
  step.done();
};
