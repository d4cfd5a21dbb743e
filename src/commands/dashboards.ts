import type { Define } from '../cli/command.ts';
import { checkDashboard } from '../dashboards/check/check.ts';
import type { JsonObject } from '../grafana/json.ts';
import type { DashboardRow, DashboardsReport } from '../output/report.ts';
import { type PlannedDashboards, plannedDashboards } from '../stack/dashboards.ts';
import { type Deps, type Session, withSession } from '../stack/session.ts';

export const command: Define = (dashboards, invoke) => {
  dashboards.action(() => invoke(runDashboards, {}));
};

/** The dashboards of the stack in Grafana, and how they are to what monitor.yml and the metrics want. */
export const runDashboards = (deps: Deps): Promise<DashboardsReport> =>
  withSession(deps, async (session) => {
    const looked = await plannedDashboards(session);
    const { states, problems, notices, observed } = looked;
    const count = await panelCounter(session, looked);
    const dashboards: DashboardRow[] = [];
    for (const { url, ...state } of states) {
      const found = observed.dashboards.find(({ uid }) => uid === state.uid)?.dashboard;
      dashboards.push({
        ...state,
        url: url === undefined ? undefined : session.urls.grafana + url,
        panels: found && (await count(found)),
      });
    }
    return { kind: 'dashboards', stack: session.loaded.config.name, dashboards, problems, notices };
  });

/** How many panels of a dashboard have data now, and how many have none. */
const panelCounter = async ({ prometheus, loaded }: Session, { client, ours }: PlannedDashboards) => {
  const datasources = await client.listDatasources();
  return async (dashboard: JsonObject): Promise<{ withData: number; empty: number }> => {
    const panels = await checkDashboard(dashboard, {
      ...{ prometheus, ours: ours.uid, datasources, scrapeInterval: loaded.config.scrape_interval },
      now: Date.now() / 1000,
    });
    const number = (state: 'data' | 'empty') => panels.filter((panel) => panel.state === state).length;
    return { withData: number('data'), empty: number('empty') };
  };
};
