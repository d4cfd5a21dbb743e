import { knownPassword } from '../config/state-folder.ts';
import type { ExportedDashboard } from '../export/stack-input.ts';
import { grafanaClient } from '../grafana/client.ts';
import { MONITOR_FOLDER } from '../grafana/dashboard-model.ts';
import { parseVersion } from '../grafana/version.ts';
import type { Session } from '../stack/session.ts';

export interface FoundDashboards {
  dashboards: ExportedDashboard[];
  notices: string[];
}

/** The dashboards of the stack as its Grafana has them now; none where it does not run. */
export const dashboardsOf = async (session: Session): Promise<FoundDashboards> => {
  const { deps, folder, grafanaHealth, loaded, transports, urls } = session;
  const [health, password] = await Promise.all([grafanaHealth(), knownPassword(folder, deps.env)]);
  if (health === undefined || password === undefined) return { dashboards: [], notices: [NOT_UP] };
  const client = grafanaClient({
    transport: transports.grafana,
    url: urls.grafana,
    user: loaded.config.grafana.admin_user,
    password: password.value,
    passwordSource: password.source,
    version: parseVersion(health.version),
    signal: deps.signal,
  });
  const found = (await client.searchDashboards()).filter((d) => d.folderUid === MONITOR_FOLDER.uid);
  const read = await client.getDashboards(found.map(({ uid }) => uid));
  return {
    dashboards: read.flatMap(({ uid, title, dashboard }) =>
      dashboard === undefined ? [] : [{ uid, title, json: { ...dashboard, id: null, version: undefined } }],
    ),
    notices: read
      .filter(({ dashboard }) => dashboard === undefined)
      .map(
        ({ title }) =>
          `dashboard "${title}" is left out: it is stored in Grafana's second schema, which a file cannot have`,
      ),
  };
};

export const NOT_UP = 'Grafana is not running, so its dashboards are not in the export; run `monitor up` first';
