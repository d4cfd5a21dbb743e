import type { GrafanaClient } from './client.ts';
import { type DesiredDashboards, MONITOR_FOLDER, type ObservedDashboards } from './dashboard-model.ts';
import type { DashboardOperation, DashboardOperationKind } from './reconcile-dashboards.ts';

/**
 * Looks at what the plan depends on. The dashboards are asked for by their uid: from 12 on a search finds a new one only
 * a moment after it was saved. To be called after another request has shown that the password is right.
 */
export async function observeDashboards(
  client: GrafanaClient,
  desired: DesiredDashboards,
): Promise<ObservedDashboards> {
  const [folder, found] = await Promise.all([client.getFolder(MONITOR_FOLDER.uid), client.searchDashboards()]);
  const wanted = desired.dashboards.map(({ uid }) => uid);
  const listed = found.map(({ uid }) => uid);
  // Without our folder none of them is new.
  const asked =
    folder === undefined
      ? wanted.filter((uid) => listed.includes(uid))
      : [...wanted, ...found.filter(({ folderUid }) => folderUid === MONITOR_FOLDER.uid).map(({ uid }) => uid)];
  const dashboards = await client.getDashboards([...new Set(asked)]);
  return {
    folder: folder !== undefined,
    otherFolders: folder === undefined ? (await client.listFolders()).map(({ title }) => title) : [],
    // What an unreadable one does not tell.
    dashboards: dashboards.map((one) =>
      one.dashboard === undefined ? { ...one, ...found.find(({ uid }) => uid === one.uid) } : one,
    ),
  };
}

type Executors = {
  [K in DashboardOperationKind]: (client: GrafanaClient, operation: DashboardOperation<K>) => Promise<unknown>;
};

const executors: Executors = {
  createFolder: (client, { folder }) => client.createFolder(folder),
  saveDashboard: (client, operation) => client.saveDashboard(operation),
  deleteDashboard: (client, { uid }) => client.deleteDashboard(uid),
};

/** Does one operation of a plan. Fails as the client's call does. */
export const applyDashboardOperation = async <K extends DashboardOperationKind>(
  client: GrafanaClient,
  operation: DashboardOperation<K>,
): Promise<void> => {
  await executors[operation.kind](client, operation);
};
