import { contentHash, isUntouched, stampOf } from '../grafana/dashboard-content.ts';
import { type DesiredDashboard, GENERATED, type ObservedDashboard } from '../grafana/dashboard-model.ts';
import { textOf } from '../grafana/json.ts';
import type { SeenDashboards } from '../grafana/observe-dashboards.ts';
import { isOfTheScrape } from '../metrics/families.ts';
import type { MetricFamily } from '../metrics/family.ts';
import type { PrometheusClient } from '../prometheus/client.ts';
import { gatherFamilies } from '../prometheus/metrics.ts';
import type { GenerateOptions } from './draft.ts';
import { generatedDashboards, toDesired, withSamples } from './generated.ts';
import { objectsIn, panelsOf } from './json-tree.ts';
import { type Outline, outlineOf, REMEMBERED, shortHash } from './outline.ts';
import { jobDashboardUid, PROCESSES_UID, SERVICES_UID } from './uid.ts';

export interface Metrics {
  prometheus: PrometheusClient;
  /** Jobs that Prometheus has targets of. */
  jobs: readonly string[];
  /** Those of them that answer now. */
  answering: readonly string[];
  /** The version of this program, which may write the same metrics down in another way than the one before. */
  program: string;
}

/** What Prometheus has now, for `generateAgain`. */
export const outlineFor = ({ prometheus, jobs, program }: Metrics, options: GenerateOptions): Promise<Outline> =>
  outlineOf(prometheus, JSON.stringify([program, options, [...jobs].sort()]));

/**
 * The generated dashboards that Grafana is to have. Those that it has stay as they are, and cost two short questions, while
 * Prometheus has the same metrics and none of the queries that had no samples has some now. `taken`: uids that a file has.
 */
export const generateAgain = async (
  { prometheus, jobs, answering }: Metrics,
  options: GenerateOptions,
  outline: Outline,
  seen: SeenDashboards,
  taken: ReadonlySet<string>,
): Promise<DesiredDashboard[]> => {
  // The dashboard of a job that is scraped and does not answer stays as it was. What is pushed is not scraped.
  const isSilent = (job: string): boolean => outline.scrapes.has(job) && !answering.includes(job);
  const pages = [...outline.jobs].filter((job) => !isSilent(job)).map(jobDashboardUid);
  const all = [SERVICES_UID, PROCESSES_UID, ...pages];
  const uids = all.filter((uid) => !taken.has(uid));
  // What a file had, and has no longer, is to be generated.
  const from = shortHash([outline.hash, ...all.filter((uid) => taken.has(uid)).sort()]);
  const kept = keptOf(uids, from, seen);
  if (kept !== undefined && (await withSamples(prometheus, kept.waiting)).size === 0) return kept.dashboards;
  const families = await familiesLately(prometheus, outline);
  const drawn = drawnQueries(seen);
  const generated = await generatedDashboards(prometheus, families, { ...options, drawn, jobs });
  const silent = new Set([...families.keys()].filter(isSilent).map(jobDashboardUid));
  const written = generated.filter(({ dashboard: { uid } }) => !silent.has(uid) && !taken.has(uid));
  const metrics = {
    outline: from,
    pages: pagesHash(written.map(({ dashboard }) => ({ uid: dashboard.uid, hash: contentHash({ ...dashboard }) }))),
    waiting: [...new Set(written.flatMap(({ waiting }) => waiting))],
  };
  return written.map(({ dashboard }) => toDesired(dashboard, metrics));
};

interface Kept {
  dashboards: DesiredDashboard[];
  /** Queries that had no samples. */
  waiting: readonly string[];
}

/** What Grafana has of these, where it is what was written from these metrics, all of it and as it was written. */
const keptOf = (uids: readonly string[], outline: string, seen: SeenDashboards): Kept | undefined => {
  const found = seen.dashboards.flatMap((one) => (uids.includes(one.uid) ? (asWritten(one) ?? []) : []));
  const pages = pagesHash(found);
  const from = found
    .map(({ metrics }) => metrics)
    .find((metrics) => metrics?.outline === outline && metrics.pages === pages);
  return from && { dashboards: found, waiting: from.waiting };
};

interface Written extends DesiredDashboard {
  /** Of the content. */
  hash: string;
}

const asWritten = ({ uid, title, dashboard }: ObservedDashboard): Written | undefined => {
  const stamp = dashboard && stampOf(dashboard);
  if (dashboard === undefined || stamp?.source !== GENERATED) return undefined;
  if (!isUntouched(dashboard, stamp)) return undefined;
  return { uid, title, source: GENERATED, dashboard, metrics: stamp.metrics, hash: stamp.hash };
};

const pagesHash = (pages: readonly Pick<Written, 'uid' | 'hash'>[]): string =>
  shortHash(pages.map(({ uid, hash }) => `${uid} ${hash}`).sort());

/** With what the jobs had that are down or gone: what happened to them is worth a look. */
const familiesLately = async (
  prometheus: PrometheusClient,
  { scrapes }: Outline,
): Promise<Map<string, MetricFamily[]>> => {
  const families = await gatherFamilies(prometheus);
  const isSilent = (job: string): boolean =>
    !families.get(job)?.some(({ name, series }) => series > 0 && !isOfTheScrape(name));
  const remembered = await Promise.all(
    [...scrapes.keys()].filter(isSilent).map((job) => gatherFamilies(prometheus, { job, within: REMEMBERED })),
  );
  return new Map([...families, ...remembered.flatMap((one) => [...one])]);
};

/** The queries of the generated dashboards that Grafana has, as they were saved from here. */
const drawnQueries = ({ dashboards }: SeenDashboards): ReadonlySet<string> =>
  new Set(
    dashboards
      .filter(({ dashboard }) => dashboard !== undefined && stampOf(dashboard)?.source === GENERATED)
      .flatMap(({ dashboard = {} }) => panelsOf(dashboard))
      .flatMap((panel) => objectsIn(panel.targets))
      .map((target) => textOf(target, 'expr')),
  );
