import { setTimeout as sleep } from 'node:timers/promises';
import type { ReportOf, TargetRow } from '../../src/output/report.ts';
import { monitor, monitorJson } from './monitor.ts';

const DEADLINE_MS = 120_000;
const POLL_MS = 1000;

/**
 * Waits until Prometheus has scraped a target of each of these jobs, and each of theirs is up.
 *
 * @throws Error when one is not after two minutes; the status was printed then.
 */
export async function awaitTargets(jobs: readonly string[]): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const targets = await targetsNow();
    const missing = jobs.filter((job) => !isUp(targets, job));
    if (missing.length === 0) return;
    if (Date.now() > deadline) {
      await monitor('status');
      throw new Error(`After ${DEADLINE_MS / 1000} s these jobs are not up: ${missing.join(', ')}.`);
    }
    await sleep(POLL_MS);
  }
}

const isUp = (targets: readonly TargetRow[], job: string): boolean => {
  const own = targets.filter((target) => target.job === job);
  return own.length > 0 && own.every((target) => target.health === 'up');
};

/** What Prometheus scrapes. Empty where the status could not be had, which may pass. */
export const targetsNow = async (): Promise<readonly TargetRow[]> => {
  const document = await monitorJson('status');
  return isStatus(document) ? document.targets : [];
};

const isStatus = (document: unknown): document is ReportOf<'status'> =>
  typeof document === 'object' && document !== null && 'kind' in document && document.kind === 'status';
