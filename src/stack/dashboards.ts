import { readText, writeIfDifferent } from '../config/state-folder.ts';
import { parseDuration } from '../config/values.ts';
import type { DashboardsToCompare } from '../dashboards/plan.ts';
import { placesOf } from '../dashboards/sources.ts';
import { errorText, MonitorError } from '../errors.ts';
import {
  type LookedAtDashboards,
  NOTHING_TO_COMPARE,
  type NothingToDo,
  type Problem,
} from '../grafana/dashboard-model.ts';
import { prometheusDatasource } from '../grafana/model.ts';
import { storedDashboards } from '../grafana/observe-dashboards.ts';
import { type DashboardPlan, reconcileDashboards } from '../grafana/reconcile-dashboards.ts';
import { parseVersion } from '../grafana/version.ts';
import { isRecord, parseJson } from '../json.ts';
import type { ActiveTarget } from '../prometheus/client.ts';
import { dashboardOperations } from './reconcile.ts';
import { type OpenGrafana, openGrafana, type Session } from './session.ts';

export interface RunningGrafana extends OpenGrafana {
  /** Its name of our datasource; undefined: it has none yet. */
  datasource: Promise<string | undefined>;
  /** Jobs that Prometheus will have targets of soon, beside those that it has. */
  jobs?: readonly string[];
  /** What Prometheus scrapes, where that is asked already. */
  active?: Promise<readonly ActiveTarget[]>;
}

/** What the dashboards of a stack are compared with. Fails as the client of Prometheus does. */
const dashboardsOf = async (
  { deps, loaded: { config, path }, prometheus }: Session,
  { client, version, datasource, jobs = [], active: asked }: RunningGrafana,
): Promise<DashboardsToCompare> => {
  const { uid, name } = prometheusDatasource(config.scrape_interval);
  const stored = storedDashboards(client);
  // It is awaited last.
  stored.catch(() => {});
  const [active, own] = await Promise.all([asked ?? prometheus.targets().catch(() => []), datasource]);
  return {
    client,
    version: parseVersion(version),
    ours: { uid, name: own ?? name },
    stored,
    sources: config.dashboards,
    places: placesOf(path, deps.signal),
    stack: config.name,
    slow: slowJobs(active, config.scrape_interval),
    metrics: {
      prometheus,
      program: deps.version,
      jobs: [...new Set([...active.map(({ job }) => job), ...jobs])],
      answering: active.filter(({ health }) => health === 'up').map(({ job }) => job),
    },
  };
};

/** As an earlier look has left it; undefined where none has. */
const lastOf = async ({ folder }: Session): Promise<NothingToDo | undefined> => {
  const found = parseJson((await readText(folder.dashboardsPath)) ?? '');
  return isNothingToDo(found) ? found : undefined;
};

const isNothingToDo = (found: unknown): found is NothingToDo =>
  isRecord(found) && [found['waiting'], found['problems'], found['notices']].every(Array.isArray);

/** Keeps what the next look can go by, where nothing has to be done to the dashboards. `proposal`: where it is known already. */
export const remember = async (
  { folder }: Session,
  looked: LookedAtDashboards | undefined,
  proposal?: ReturnType<typeof dashboardOperations>,
): Promise<void> => {
  if (looked?.basis === undefined) return;
  const { operations, problems, notices } = proposal ?? dashboardOperations(looked);
  if (operations.length > 0) return;
  const nothing: NothingToDo = { ...looked.basis, problems, notices };
  await writeIfDifferent(folder.dashboardsPath, `${JSON.stringify(nothing)}\n`);
};

/** The scrape intervals of those jobs that are scraped more seldom than the stack's others; the longest of each. Pure. */
export const slowJobs = (active: readonly ActiveTarget[], usual: string): Record<string, string> => {
  const slow = new Map<string, string>();
  for (const { job, scrapeInterval } of active) {
    const known = slow.get(job) ?? usual;
    if (scrapeInterval !== undefined && (parseDuration(scrapeInterval) ?? 0) > (parseDuration(known) ?? 0))
      slow.set(job, scrapeInterval);
  }
  return Object.fromEntries([...slow].sort(([a], [b]) => (a < b ? -1 : 1)));
};

export interface PlannedDashboards extends DashboardsToCompare, LookedAtDashboards, DashboardPlan {
  problems: Problem[];
  notices: string[];
}

/**
 * What `up` compares. That Grafana does not tell is among the problems: all else of the stack is
 * brought up. Fails with `grafana-unreachable` where it has stopped since.
 */
export const lookAtDashboards = async (
  session: Session,
  grafana: RunningGrafana,
  overwrite: boolean,
): Promise<LookedAtDashboards> => {
  const looking = Promise.all([dashboardsOf(session, grafana), overwrite ? undefined : lastOf(session)]);
  looking.catch(() => {});
  const { compareDashboards } = await import('../dashboards/plan.ts');
  try {
    const [input, last] = await looking;
    return await compareDashboards({ ...input, last });
  } catch (error) {
    if (!(error instanceof MonitorError) || error.code === 'grafana-unreachable') throw error;
    const problems = [{ source: 'dashboards', message: withDetail(error) }];
    return { ...NOTHING_TO_COMPARE, problems, notices: [], scrapes: undefined };
  }
};

/** On one line: `Grafana did not save the dashboard "API": HTTP 403: Quota reached; delete what is not needed`. */
export const withDetail = (error: unknown): string => {
  if (!(error instanceof MonitorError)) return errorText(error);
  const what = [error.message, ...error.detail.slice(0, 1)].join(': ');
  return error.suggestion === undefined ? what : `${what}; ${error.suggestion}`;
};

/** What has to be done to the dashboards, with all that this was decided from; `undefined` while Grafana is not up. */
export const dashboardsIfUp = async (session: Session): Promise<PlannedDashboards | undefined> => {
  const grafana = await openGrafana(session);
  const { uid } = prometheusDatasource(session.loaded.config.scrape_interval);
  return grafana?.client.signedIn(async () => {
    const datasource = grafana.client.getDatasourceByUid(uid).then((ours) => ours?.name);
    const input = await dashboardsOf(session, { ...grafana, datasource });
    const { compareDashboards } = await import('../dashboards/plan.ts');
    const looked = await compareDashboards(input);
    const plan = reconcileDashboards(looked.desired, looked.observed);
    const problems = [...looked.problems, ...plan.problems];
    return { ...input, ...looked, ...plan, problems, notices: [...looked.notices, ...plan.notices] };
  });
};

/** The same. Fails with `not-up`. */
export const plannedDashboards = async (session: Session): Promise<PlannedDashboards> => {
  const planned = await dashboardsIfUp(session);
  if (planned !== undefined) return planned;
  throw new MonitorError({
    code: 'not-up',
    message: 'Grafana is not running, so its dashboards cannot be read',
    suggestion: 'run `monitor up`',
  });
};
