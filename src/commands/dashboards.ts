import type { Define } from '../cli/command.ts';
import type { CheckedPanel } from '../dashboards/check/check.ts';
import type { DashboardRow, ReportOf } from '../output/report.ts';
import { dashboardCheck } from '../stack/check-dashboards.ts';
import { plannedDashboards } from '../stack/dashboards.ts';
import { type Deps, withSession } from '../stack/session.ts';

export const command: Define = (dashboards, invoke) => dashboards.action(invoke(runDashboards));

/** The stack's dashboards in Grafana, compared with what monitor.yml and the metrics ask for. */
export const runDashboards = (deps: Deps): Promise<ReportOf<'dashboards'>> =>
  withSession(deps, async (session) => {
    const { client, states, problems, notices, observed } = await plannedDashboards(session);
    const check = await dashboardCheck(session, client);
    const dashboards: DashboardRow[] = [];
    for (const { url, ...state } of states) {
      const found = observed.dashboards.find(({ uid }) => uid === state.uid)?.dashboard;
      dashboards.push({
        ...state,
        url: url === undefined ? undefined : session.urls.grafana + url,
        panels: found && countOf(await check(found)),
      });
    }
    return { kind: 'dashboards', stack: session.loaded.config.name, dashboards, problems, notices };
  });

const countOf = (panels: readonly CheckedPanel[]): DashboardRow['panels'] => {
  const number = (state: 'data' | 'empty') => panels.filter((panel) => panel.state === state).length;
  return { withData: number('data'), empty: number('empty') };
};
