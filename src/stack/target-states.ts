import type { ScrapeConfig } from '../config/model.ts';
import type { ScrapeTarget } from '../detect/types.ts';
import type { TargetRow } from '../output/report.ts';
import type { ActiveTarget } from '../prometheus/client.ts';

/**
 * What was rendered, beside what Prometheus says of it: a target that it does not list yet is pending. Of the others
 * that it lists, only those of passed-through jobs count; the rest were taken out, and it has not noticed yet. Pure.
 */
export const targetRows = (
  rendered: readonly RenderedTarget[],
  active: readonly ActiveTarget[],
  passthrough: readonly ScrapeConfig[],
): TargetRow[] => targetStates(rendered, active, passthrough).map(({ row }) => row);

export interface TargetState {
  row: TargetRow;
  /** Prometheus has it in its list; one that is not there is pending too. */
  listed: boolean;
}

/** The same rows, with whether Prometheus lists them. Pure. */
export const targetStates = (
  rendered: readonly RenderedTarget[],
  active: readonly ActiveTarget[],
  passthrough: readonly ScrapeConfig[],
): TargetState[] => {
  const jobs = new Set(passthrough.map((config) => config.job_name));
  const others = new Set(active.filter((a) => jobs.has(a.job)));
  const states = rendered.map((target): TargetState => {
    const found = active.find((a) => isSame(a, target));
    if (found === undefined) return { row: pendingRow(target), listed: false };
    others.delete(found);
    return { row: activeRow(found), listed: true };
  });
  return [...states, ...[...others].map((target) => ({ row: activeRow(target), listed: true }))];
};

export type RenderedTarget = Pick<ScrapeTarget, 'job' | 'instance' | 'metrics_path'>;

const isSame = (active: ActiveTarget, target: RenderedTarget): boolean =>
  active.job === target.job && active.instance === target.instance && pathOf(active.scrapeUrl) === target.metrics_path;

const pathOf = (url: string): string => (URL.canParse(url) ? new URL(url).pathname : '');

const pendingRow = ({ job, instance, metrics_path }: RenderedTarget): TargetRow => ({
  job,
  instance,
  url: `http://${instance}${metrics_path}`,
  health: 'pending',
});

const activeRow = (target: ActiveTarget): TargetRow => ({
  job: target.job,
  instance: target.instance,
  url: target.scrapeUrl,
  health: target.health === 'unknown' ? 'pending' : target.health,
  ...(target.lastScrape === undefined ? {} : { lastScrape: target.lastScrape }),
  ...(target.lastError === '' ? {} : { error: target.lastError }),
});
