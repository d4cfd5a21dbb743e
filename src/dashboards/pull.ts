import type { DashboardSource } from '../config/model.ts';
import { dashboardText, stamped } from '../grafana/dashboard-content.ts';
import { type DashboardState, GENERATED, type ObservedDashboard, type Problem } from '../grafana/dashboard-model.ts';
import type { DashboardOperation } from '../grafana/reconcile-dashboards.ts';
import type { JsonRecord } from '../json.ts';
import { sourceName } from './source-name.ts';

/** A dashboard of Grafana's and the file that it goes to. */
export interface PulledDashboard {
  uid: string;
  title: string;
  /** From monitor.yml; what the dashboard comes from afterwards. */
  file: string;
  text: string;
  /** The file is not among monitor.yml's dashboards yet. */
  isNew: boolean;
  /** The entry of monitor.yml that the file takes the place of. */
  replaces?: DashboardSource;
  /** Tells Grafana's copy that its content is in the file: then it no longer is an edited one. */
  save: DashboardOperation<'saveDashboard'>;
}

export interface PullPlan {
  dashboards: PulledDashboard[];
  problems: Problem[];
}

/** New files go here, beside monitor.yml. */
const FOLDER = 'dashboards';

/**
 * Where the dashboards that were chosen go: what came from a file goes back into it; what was generated, published or made in
 * Grafana becomes a file in `dashboards/`, which monitor.yml names from then on. Pure.
 */
export function planPull(
  chosen: readonly ObservedDashboard[],
  states: readonly DashboardState[],
  sources: readonly DashboardSource[],
): PullPlan {
  const plan: PullPlan = { dashboards: [], problems: [] };
  for (const found of chosen) {
    const source = states.find(({ uid }) => uid === found.uid)?.source;
    if (found.dashboard === undefined) plan.problems.push(secondSchema(found));
    else plan.dashboards.push(pull(found, found.dashboard, source, sources));
  }
  return plan;
}

function pull(
  { uid, title, folderUid, version }: ObservedDashboard,
  dashboard: JsonRecord,
  source: string | undefined,
  sources: readonly DashboardSource[],
): PulledDashboard {
  const published = sources.find((one) => typeof one !== 'string' && source === sourceName(one, ''));
  const isFile = source !== undefined && source !== GENERATED && published === undefined;
  const file = isFile ? source : `${FOLDER}/${uid}.json`;
  const save = {
    kind: 'saveDashboard',
    cause: `its edit is in ${file} now`,
    ...{ uid, title, folderUid, replaces: version },
    dashboard: stamped(dashboard, file, version + 1),
  } satisfies DashboardOperation;
  const isNew = !isFile && !sources.some((one) => typeof one === 'string' && isFolderOf(one, file));
  return { uid, title, file, text: dashboardText(uid, dashboard), isNew, replaces: published, save };
}

const isFolderOf = (entry: string, file: string): boolean =>
  file.startsWith(`${entry.replace(/^\.\//, '').replace(/\/$/, '')}/`);

const secondSchema = ({ uid, title }: ObservedDashboard): Problem => ({
  source: uid,
  message: `"${title}" is stored in Grafana's second schema, which cannot be read back: export it in Grafana, and add the file`,
});
