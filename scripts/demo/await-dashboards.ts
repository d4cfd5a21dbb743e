import { setTimeout as sleep } from 'node:timers/promises';
import type { ReportOf } from '../../src/output/report.ts';
import { monitorJson } from './monitor.ts';

const DEADLINE_MS = 60_000;
const POLL_MS = 1000;

/** Runs `monitor up` until it changes nothing and misses nothing: until each dashboard has all of its panels. */
export async function awaitDashboards(): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const document = await monitorJson('up');
    if (isUp(document) && !document.changed && !document.notices.some((notice) => /dashboards/.test(notice))) return;
    if (Date.now() > deadline) return;
    await sleep(POLL_MS);
  }
}

const isUp = (document: unknown): document is ReportOf<'up'> =>
  typeof document === 'object' && document !== null && 'kind' in document && document.kind === 'up';
