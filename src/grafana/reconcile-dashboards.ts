import { isDeepStrictEqual } from 'node:util';
import type { JsonRecord } from '../json.ts';
import { contentHash, contentOf, differingKeys, isUntouched, stamped, stampOf } from './dashboard-content.ts';
import {
  type DashboardState,
  type DesiredDashboard,
  type DesiredDashboards,
  type Folder,
  GENERATED,
  MONITOR_FOLDER,
  type ObservedDashboard,
  type ObservedDashboards,
  type Problem,
} from './dashboard-model.ts';
import type { OperationOf } from './model.ts';

/** Each kind of operation with its arguments. One operation is one API call; a save needs the folder, nothing else. */
export interface DashboardOperationArguments {
  createFolder: { folder: Folder };
  saveDashboard: {
    uid: string;
    title: string;
    folderUid: string;
    /** As it is sent, with its stamp. */
    dashboard: JsonRecord;
    /** The version that it replaces, or `any`; absent: there is none. */
    replaces?: number | 'any';
  };
  deleteDashboard: { uid: string; title: string };
}

export type DashboardOperation<K extends keyof DashboardOperationArguments = keyof DashboardOperationArguments> =
  OperationOf<DashboardOperationArguments, K>;

export interface DashboardPlan {
  operations: DashboardOperation[];
  /** Each desired dashboard and what becomes of it, in the desired order; then those that only Grafana has of ours. */
  states: DashboardState[];
  /** What cannot be provisioned: the rest is. */
  problems: Problem[];
  /** What the user should know though nothing has to be done. */
  notices: string[];
}

/**
 * What makes Grafana's dashboards the desired ones.
 *
 * A dashboard that was edited in Grafana stays as it is, unless `overwrite`: it is named, with the ways out. What was
 * generated for a job that is gone stays; what came from a file that monitor.yml no longer has is deleted, unless it was
 * edited. A dashboard that has a desired uid but was not made by this program is never touched.
 */
export function reconcileDashboards(
  desired: DesiredDashboards,
  observed: ObservedDashboards,
  options: { overwrite?: boolean } = {},
): DashboardPlan {
  const plan: DashboardPlan = { operations: [], states: [], problems: [], notices: [] };
  const found = new Map(observed.dashboards.map((one) => [one.uid, one]));
  for (const one of desired.dashboards) reconcileOne(plan, one, found.get(one.uid), options.overwrite ?? false);
  const wanted = new Set(desired.dashboards.map(({ uid }) => uid));
  for (const one of observed.dashboards) if (!wanted.has(one.uid)) reconcileRest(plan, one, desired.unread);
  if (!observed.folder && plan.operations.some(({ kind }) => kind === 'saveDashboard')) {
    const title = freeTitle(MONITOR_FOLDER.title, observed.otherFolders);
    plan.operations.unshift({ kind: 'createFolder', cause: 'missing', folder: { ...MONITOR_FOLDER, title } });
  }
  return plan;
}

function reconcileOne(
  plan: DashboardPlan,
  wanted: DesiredDashboard,
  found: ObservedDashboard | undefined,
  overwrite: boolean,
): void {
  const { uid, title, source, dashboard } = wanted;
  // What is there is what is wanted.
  if (found !== undefined && found.dashboard === dashboard) {
    plan.states.push({ uid, title, source, state: 'current', url: found.url });
    return;
  }
  if (found !== undefined && !isOurs(found)) {
    plan.problems.push(uidTaken(wanted, found));
    return;
  }
  const state = stateOf(wanted, found);
  plan.states.push({ uid, title, source, state: state.is, url: found?.url });
  if (state.is === 'edited' && !overwrite) plan.notices.push(keptNotice(wanted));
  if (state.is === 'current' || (state.is === 'edited' && !overwrite)) return;
  plan.operations.push(save(wanted, found, state.cause));
}

type State = { is: 'current' } | { is: 'missing' | 'outdated' | 'edited'; cause: string };

function stateOf(wanted: DesiredDashboard, found: ObservedDashboard | undefined): State {
  if (found === undefined) return { is: 'missing', cause: 'missing' };
  if (found.dashboard === undefined)
    return { is: 'edited', cause: 'edited in Grafana, and saved in its second schema' };
  const stamp = stampOf(found.dashboard);
  // Comparing is quicker than hashing, and most are the same: nobody has saved it since.
  const isSame = isDeepStrictEqual(contentOf(found.dashboard), contentOf(wanted.dashboard));
  if (isSame && stamp?.source === wanted.source && stamp.version === found.version) return { is: 'current' };
  const hash = contentHash(wanted.dashboard);
  const differ = () => `differs: ${differingKeys(wanted.dashboard, found.dashboard ?? {}).join(', ')}`;
  if (stamp !== undefined && isUntouched(found.dashboard, stamp)) {
    return stamp.hash === hash ? { is: 'current' } : { is: 'outdated', cause: differ() };
  }
  if (isSame || contentHash(found.dashboard) === hash)
    return { is: 'outdated', cause: `its edit is in ${wanted.source} now` };
  return { is: 'edited', cause: `edited in Grafana; ${differ()}` };
}

function save(
  { uid, title, source, dashboard }: DesiredDashboard,
  found: ObservedDashboard | undefined,
  cause: string,
) {
  const replaces = found === undefined ? undefined : found.dashboard === undefined ? 'any' : found.version;
  // Where the user has moved it, it stays.
  const folderUid = found?.folderUid ?? MONITOR_FOLDER.uid;
  return {
    kind: 'saveDashboard',
    cause,
    ...{ uid, title, folderUid, replaces },
    dashboard: stamped({ ...dashboard, uid }, source, (found?.version ?? 0) + 1),
  } satisfies DashboardOperation;
}

/** A dashboard of ours that is not, or no longer, desired; or one that the user made in our folder. */
function reconcileRest(plan: DashboardPlan, found: ObservedDashboard, unread: readonly string[]): void {
  const stamp = found.dashboard && stampOf(found.dashboard);
  if (found.dashboard === undefined || stamp === undefined) return;
  const { uid, title, url } = found;
  const { source } = stamp;
  const untouched = isUntouched(found.dashboard, stamp);
  const stays = source === GENERATED || unread.some((path) => source === path || source.startsWith(`${path}/`));
  plan.states.push({ uid, title, source, url, state: untouched ? 'left' : 'edited' });
  if (stays) return;
  if (untouched) {
    plan.operations.push({ kind: 'deleteDashboard', cause: `${source} is no longer in monitor.yml`, uid, title });
  } else {
    plan.notices.push(
      `dashboard "${title}" is kept: ${source} is no longer in monitor.yml, but it was edited in Grafana; \`monitor dashboards pull ${uid}\` writes it to a file, or delete it in Grafana`,
    );
  }
}

/** Saved by this program, wherever it is now, or edited in our folder. Files in Grafana's provisioning folder are not ours. */
const isOurs = ({ dashboard, folderUid, provisioned }: ObservedDashboard): boolean =>
  !provisioned && (folderUid === MONITOR_FOLDER.uid || (dashboard !== undefined && stampOf(dashboard) !== undefined));

const keptNotice = ({ uid, title }: DesiredDashboard): string =>
  `dashboard "${title}" was edited in Grafana and is kept: \`monitor dashboards pull ${uid}\` writes the edit to a file, \`monitor up --overwrite\` discards it`;

const uidTaken = ({ uid, source }: DesiredDashboard, found: ObservedDashboard): Problem => ({
  source,
  message: `its uid "${uid}" belongs to another dashboard, "${found.title}"${found.provisioned ? ', which comes from a file in Grafana’s provisioning folder' : ''}, at ${found.url}; change the uid in the file`,
});

function freeTitle(wanted: string, taken: readonly string[]): string {
  return taken.includes(wanted) ? `${wanted} (monitor)` : wanted;
}
