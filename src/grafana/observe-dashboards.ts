import type { GrafanaClient } from './client.ts';
import {
  type DesiredDashboards,
  type FoundDashboard,
  MONITOR_FOLDER,
  type ObservedDashboard,
  type ObservedDashboards,
} from './dashboard-model.ts';

/** What Grafana has before it is known what it is to have: all dashboards' places, and those of our folder whole. */
export interface SeenDashboards {
  folder: boolean;
  found: readonly FoundDashboard[];
  dashboards: readonly ObservedDashboard[];
}

/** Which dashboards our folder has stored, and what they are. */
export interface StoredDashboards {
  /** One word for each dashboard, another one after each save. */
  revisions: readonly string[];
  whole: () => Promise<SeenDashboards>;
}

/** From 12 on Grafana tells revisions alone, which takes it a fraction of the time in which it reads all dashboards. */
export async function storedDashboards(client: GrafanaClient): Promise<StoredDashboards> {
  const revisions = await client.dashboardRevisions(MONITOR_FOLDER.uid);
  if (revisions !== undefined) return { revisions, whole: () => seeDashboards(client) };
  const seen = await seeDashboards(client);
  return {
    revisions: seen.dashboards.map(({ uid, version, dashboard }) => `${uid} ${dashboard?.['id']} ${version}`),
    whole: async () => seen,
  };
}

export async function seeDashboards(client: GrafanaClient): Promise<SeenDashboards> {
  const found = await client.searchDashboards();
  const inFolder = found.filter(({ folderUid }) => folderUid === MONITOR_FOLDER.uid);
  return {
    folder: inFolder.length > 0 || (await client.getFolder(MONITOR_FOLDER.uid)) !== undefined,
    found,
    dashboards: await client.getDashboards(inFolder.map(({ uid }) => uid)),
  };
}

/**
 * The rest that the plan depends on. Desired dashboards are asked for by their uid too: from 12 on a search finds a new one
 * only a moment after it was saved.
 */
export async function observeDashboards(
  client: GrafanaClient,
  { dashboards }: DesiredDashboards,
  { folder, found, dashboards: seen }: SeenDashboards,
): Promise<ObservedDashboards> {
  const known = new Set(seen.map(({ uid }) => uid));
  const listed = new Set(found.map(({ uid }) => uid));
  // Without our folder none of them is new.
  const missing = dashboards.map(({ uid }) => uid).filter((uid) => !known.has(uid) && (folder || listed.has(uid)));
  const others = await client.getDashboards(missing);
  return {
    folder,
    otherFolders: folder ? [] : (await client.listFolders()).map(({ title }) => title),
    // What an unreadable one does not tell.
    dashboards: [...seen, ...others].map((one) =>
      one.dashboard === undefined ? { ...one, ...found.find(({ uid }) => uid === one.uid) } : one,
    ),
  };
}
