import { type CheckedPanel, checkDashboard } from '../dashboards/check/check.ts';
import { namesLibraryPanels } from '../dashboards/check/panels.ts';
import type { GrafanaClient } from '../grafana/client.ts';
import { prometheusDatasource } from '../grafana/model.ts';
import type { JsonRecord } from '../json.ts';
import { prometheusNow } from '../prometheus/clock.ts';
import type { Session } from './session.ts';

/** What runs the queries of a dashboard as Grafana does when it is opened now; `client` is absent while Grafana is not up. */
export const dashboardCheck = async ({ prometheus, loaded: { config } }: Session, client?: GrafanaClient) => {
  const datasources = await client?.listDatasources();
  return async (dashboard: JsonRecord): Promise<CheckedPanel[]> =>
    checkDashboard(dashboard, {
      prometheus,
      ours: prometheusDatasource(config.scrape_interval).uid,
      datasources,
      scrapeInterval: config.scrape_interval,
      now: (await prometheusNow(prometheus)) / 1000,
      libraryPanels: namesLibraryPanels(dashboard) ? await client?.listLibraryPanels() : undefined,
    });
};
