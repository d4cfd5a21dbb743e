import type { GrafanaClient } from '../grafana/client.ts';
import type { ObservedDashboards } from '../grafana/dashboard-model.ts';
import { observeDashboards } from '../grafana/provision-dashboards.ts';
import { type DashboardPlan, reconcileDashboards } from '../grafana/reconcile-dashboards.ts';
import type { GrafanaVersion } from '../grafana/version.ts';
import { desiredDashboards } from './desired.ts';
import type { Dashboard } from './model.ts';
import { type DashboardPlaces, type DashboardSource, readDashboards } from './sources.ts';

export interface DashboardsToPlan {
  client: GrafanaClient;
  version: GrafanaVersion;
  /** Our datasource, under the name that it has in Grafana. */
  ours: { uid: string; name: string };
  /** `dashboards` of monitor.yml. */
  sources: readonly DashboardSource[];
  places: DashboardPlaces;
  generated: readonly Dashboard[];
  overwrite?: boolean;
}

export interface PlannedDashboards extends DashboardPlan {
  observed: ObservedDashboards;
}

/** Reads the files, looks at Grafana, and says what has to be done there; changes nothing but the folder of downloads. */
export async function planDashboards(input: DashboardsToPlan): Promise<PlannedDashboards> {
  const { client, version, ours, sources, places, generated, overwrite } = input;
  const read = await readDashboards(sources, places);
  // What only the user's own dashboards may need.
  const [datasources, panelPlugins] =
    read.files.length === 0 ? [[], []] : await Promise.all([client.listDatasources(), client.listPanelPlugins()]);
  const wanted = desiredDashboards(read, { version, ours, datasources, panelPlugins }, generated);
  const observed = await observeDashboards(client, wanted.desired);
  const plan = reconcileDashboards(wanted.desired, observed, { overwrite });
  return {
    ...plan,
    observed,
    problems: [...wanted.problems, ...plan.problems],
    notices: [...wanted.notices, ...plan.notices],
  };
}
