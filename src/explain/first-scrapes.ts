import { setTimeout as sleep } from 'node:timers/promises';
import { type ActiveTarget, AFTER_RELOAD_MS } from '../prometheus/client.ts';
import { twoScrapes } from '../stack/bring-up.ts';
import type { Session } from '../stack/session.ts';
import { type RenderedTarget, type TargetState, targetStates } from '../stack/target-states.ts';
import { plural } from '../words.ts';
import { refusedJobs } from './jobs.ts';

const POLL_MS = 200;
/** Milliseconds in which Prometheus makes a scrape pool of a job that it has loaded, or says why not; older ones take 5 s. */
const REFUSAL_MS = 1000;

/** Jobs of which Prometheus may make no scrape pool: what it refuses then is about TLS. */
const refusable = ({ loaded }: Session): string[] =>
  loaded.config.scrape_configs.filter((c) => c['tls_config'] !== undefined).map((c) => c.job_name);

/** What Prometheus lists, once it lists the targets of such jobs or has said why it does not; `undefined` if there are none. */
export const awaitRefusals = async (
  session: Session,
  targets: readonly RenderedTarget[],
): Promise<ActiveTarget[] | undefined> => {
  const jobs = refusable(session);
  if (jobs.length === 0) return undefined;
  const isAwaited = ({ row, listed }: TargetState): boolean => !listed && jobs.includes(row.job);
  return awaitFirstScrapes(session, targets, Date.now() + REFUSAL_MS, isAwaited);
};

/**
 * Waits until Prometheus has scraped targets once, or until `deadline` (Unix milliseconds); what it lists then. One that is
 * down is scraped once more, since it may have been on its way up. Those of jobs that it refuses are not waited for.
 */
export const awaitFirstScrapes = async (
  session: Session,
  targets: readonly RenderedTarget[],
  deadline: number,
  isAwaited: (state: TargetState) => boolean = () => true,
): Promise<ActiveTarget[]> => {
  const { deps, loaded, prometheus } = session;
  const jobs = refusable(session);
  const seenDown = new Map<string, string | undefined>();
  const again = Math.min(deadline, Date.now() + twoScrapes(session));
  const isOpen = ({ row: { job, url, health, lastScrape } }: TargetState): boolean => {
    if (health !== 'down') return health === 'pending';
    const key = `${job} ${url}`;
    if (!seenDown.has(key)) seenDown.set(key, lastScrape);
    return seenDown.get(key) === lastScrape && Date.now() < again;
  };
  const look = async (): Promise<{ active: ActiveTarget[]; pending: number }> => {
    const active = await prometheus.targets(AFTER_RELOAD_MS);
    const states = targetStates(targets, active, loaded.config.scrape_configs);
    const awaited = states.filter((state) => isAwaited(state) && isOpen(state));
    const mayBeRefused = awaited.some(({ row }) => jobs.includes(row.job));
    const refused = mayBeRefused ? await refusedJobs(session) : [];
    return { active, pending: awaited.filter(({ row }) => !refused.some(({ job }) => job === row.job)).length };
  };
  let { active, pending } = await look();
  if (pending === 0) return active;
  const wordsFor = (count: number): string => `Waiting for the scrape of ${plural(count, 'target')}`;
  const step = deps.reporter.start('', wordsFor(pending), { quiet: true });
  while (pending > 0 && Date.now() < deadline) {
    await sleep(POLL_MS, undefined, { signal: deps.signal });
    const before = pending;
    ({ active, pending } = await look());
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
