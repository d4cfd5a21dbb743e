import { type CheckedPanel, checkDashboard } from '../dashboards/check/check.ts';
import { namesLibraryPanels } from '../dashboards/check/panels.ts';
import type { GrafanaClient } from '../grafana/client.ts';
import type { ListedDatasource } from '../grafana/datasources.ts';
import type { JsonObject } from '../grafana/json.ts';
import { prometheusDatasource } from '../grafana/model.ts';
import { prometheusNow } from '../prometheus/clock.ts';
import type { Session } from './session.ts';

/** A Grafana that is up, as far as dashboards are checked against it. */
export interface CheckedAgainst {
  client: GrafanaClient;
  datasources: readonly ListedDatasource[];
}

/** Runs the queries of a dashboard as Grafana does when it is opened now; `grafana` is absent while it is not up. */
export const dashboardCheck =
  ({ prometheus, loaded: { config } }: Session, grafana?: CheckedAgainst) =>
  async (dashboard: JsonObject): Promise<CheckedPanel[]> =>
    checkDashboard(dashboard, {
      prometheus,
      ours: prometheusDatasource(config.scrape_interval).uid,
      datasources: grafana?.datasources,
      scrapeInterval: config.scrape_interval,
      now: (await prometheusNow(prometheus)) / 1000,
      libraryPanels: namesLibraryPanels(dashboard) ? await grafana?.client.listLibraryPanels() : undefined,
    });
