import { MonitorError } from '../errors.ts';
import type { GrafanaClient } from '../grafana/client.ts';
import {
  type DashboardState,
  GENERATED,
  isInGrafanaAlone,
  type ObservedDashboard,
  type ObservedDashboards,
} from '../grafana/dashboard-model.ts';
import { unknownDashboard } from './unknown.ts';

interface Looked {
  client: Pick<GrafanaClient, 'getDashboard'>;
  observed: ObservedDashboards;
  states: readonly DashboardState[];
}

/**
 * Grafana's dashboards that are to be written to files: those of ours that were edited there, or the one of `uid`, which may
 * also be of a job that is gone, or made in Grafana, in whatever folder. Fails with `dashboard-not-found`, with
 * `dashboard-unchanged` where `up` would write the same again, and as the client does.
 */
export const dashboardsToPull = async (
  { client, observed: { dashboards }, states }: Looked,
  uid?: string,
): Promise<ObservedDashboard[]> => {
  if (uid === undefined)
    return dashboards.filter((one) => states.some((state) => state.uid === one.uid && state.state === 'edited'));
  const found = dashboards.find((one) => one.uid === uid) ?? (await client.getDashboard(uid));
  if (found === undefined) {
    const uids = dashboards.map((one) => one.uid);
    throw unknownDashboard(uid, uids, 'Grafana has no dashboard');
  }
  const state = states.find((one) => one.uid === uid);
  if (state === undefined || isInGrafanaAlone(state)) return [found];
  throw new MonitorError({
    code: 'dashboard-unchanged',
    message: `The dashboard "${state.title}" was not edited in Grafana`,
    suggestion:
      state.source === GENERATED ? `\`monitor dashboards generate ${uid} --out FILE\` writes it to a file` : undefined,
  });
};
