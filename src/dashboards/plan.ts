import type { DashboardSource } from '../config/model.ts';
import type { GrafanaClient } from '../grafana/client.ts';
import { stampOf } from '../grafana/dashboard-content.ts';
import { GENERATED, type ObservedDashboards } from '../grafana/dashboard-model.ts';
import { textOf } from '../grafana/json.ts';
import { lookAtDashboards, observeDashboards, type SeenDashboards } from '../grafana/provision-dashboards.ts';
import { type DashboardPlan, reconcileDashboards } from '../grafana/reconcile-dashboards.ts';
import type { GrafanaVersion } from '../grafana/version.ts';
import { desiredDashboards } from './desired.ts';
import { objectsIn, panelsOf } from './json-tree.ts';
import type { Dashboard } from './model.ts';
import { type DashboardPlaces, readDashboards } from './sources.ts';

export interface DashboardsToPlan {
  client: GrafanaClient;
  version: GrafanaVersion;
  /** Our datasource, under the name that it has in Grafana. */
  ours: { uid: string; name: string };
  /** `dashboards` of monitor.yml. */
  sources: readonly DashboardSource[];
  places: DashboardPlaces;
  /** Writes the generated dashboards. `drawn`: the queries of those that Grafana has. */
  generate: (drawn: ReadonlySet<string>) => Promise<readonly Dashboard[]>;
  overwrite?: boolean;
}

export interface PlannedDashboards extends DashboardPlan {
  observed: ObservedDashboards;
}

/** Reads the files, looks at Grafana, and says what has to be done there; changes nothing but the folder of downloads. */
export async function planDashboards(input: DashboardsToPlan): Promise<PlannedDashboards> {
  const { client, version, ours, sources, places, generate, overwrite } = input;
  const [read, seen] = await Promise.all([readDashboards(sources, places), lookAtDashboards(client)]);
  // What only the user's own dashboards may need.
  const [datasources, panelPlugins] =
    read.files.length === 0 ? [[], []] : await Promise.all([client.listDatasources(), client.listPanelPlugins()]);
  const wanted = desiredDashboards(
    read,
    { version, ours, datasources, panelPlugins },
    await generate(drawnQueries(seen)),
  );
  const observed = await observeDashboards(client, wanted.desired, seen);
  const plan = reconcileDashboards(wanted.desired, observed, { overwrite });
  return {
    ...plan,
    observed,
    problems: [...wanted.problems, ...plan.problems],
    notices: [...wanted.notices, ...plan.notices],
  };
}

/** The queries of the generated dashboards that Grafana has, as they were saved from here. */
const drawnQueries = ({ dashboards }: SeenDashboards): ReadonlySet<string> =>
  new Set(
    dashboards
      .filter(({ dashboard }) => dashboard !== undefined && stampOf(dashboard)?.source === GENERATED)
      .flatMap(({ dashboard = {} }) => panelsOf(dashboard))
      .flatMap((panel) => objectsIn(panel.targets))
      .map((target) => textOf(target, 'expr')),
  );
