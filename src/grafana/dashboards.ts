import { inTurns } from '../in-turns.ts';
import { asRecord, isRecord, type JsonRecord, number, parseJson, textOf } from '../json.ts';
import { accepted, type Connection, change, find, list } from './ask.ts';
import type { Folder, FoundDashboard, ObservedDashboard } from './dashboard-model.ts';
import { isAtLeast } from './version.ts';

export interface DashboardCalls {
  getFolder(uid: string): Promise<Folder | undefined>;
  listFolders(): Promise<Folder[]>;
  /** Fails with `grafana-conflict` where the uid or (on older servers) the title is taken. */
  createFolder(folder: Folder): Promise<void>;
  /** All dashboards that Grafana lists; a server from 12 on may list a new one a moment late. */
  searchDashboards(): Promise<FoundDashboard[]>;
  getDashboard(uid: string): Promise<ObservedDashboard | undefined>;
  /** All of these that are there. */
  getDashboards(uids: readonly string[]): Promise<ObservedDashboard[]>;
  /**
   * Names each dashboard of a folder with its revision, another one after each save; undefined where Grafana does not
   * tell that without the dashboards themselves (before 12).
   */
  dashboardRevisions(folderUid: string): Promise<string[] | undefined>;
  /**
   * Creates the dashboard, or replaces the one of its uid where that is still the version to replace. Fails with
   * `grafana-conflict` where it is not, and with `grafana-title-taken` where an older server has that title in the
   * folder already.
   */
  saveDashboard(save: SaveDashboard): Promise<void>;
  /** One that is not there is fine. */
  deleteDashboard(uid: string): Promise<void>;
  /** The ids of the panel plugins that are installed; those that Grafana itself brings may be missing from it. */
  listPanelPlugins(): Promise<string[]>;
}

export interface SaveDashboard {
  dashboard: JsonRecord;
  folderUid: string;
  /** The version of the dashboard that is replaced, or `any`; absent: there is none yet. */
  replaces?: number | 'any';
}

/** How many requests Grafana is given at once. */
const AT_ONCE = 16;

/** More than a local Grafana has. The servers take 5000 at most. */
const LIMIT = 5000;

export function dashboardCalls(connection: Connection): DashboardCalls {
  const { ask, version, unexpected } = connection;
  // From 9 on a folder is named by its uid; 12 refuses other numbers than its own long ones, 13 all of them.
  const folderByUid = isAtLeast(version, 9);

  const getFolder = (uid: string): Promise<NumberedFolder | undefined> =>
    find(connection, `show the folder with uid "${uid}"`, `/api/folders/${encodeURIComponent(uid)}`, toFolder);

  const folderReference = async (uid: string) =>
    folderByUid ? { folderUid: uid } : { folderId: uid === '' ? 0 : ((await getFolder(uid))?.id ?? 0) };

  const getDashboard = async (uid: string): Promise<ObservedDashboard | undefined> => {
    const what = `show the dashboard with uid "${uid}"`;
    const response = await ask(what, 'GET', `/api/dashboards/uid/${encodeURIComponent(uid)}`);
    if (response.status === 404) return undefined;
    // From 12 on: it is stored in the second schema, which this route does not show.
    if (response.status === 406) return { uid, ...UNREADABLE };
    const dashboard = toDashboard(uid, accepted(what, response));
    if (dashboard === undefined) throw unexpected(what, response);
    return dashboard;
  };

  return {
    getFolder,
    getDashboard,
    getDashboards: async (uids) => (await inTurns(uids, AT_ONCE, getDashboard)).filter((one) => one !== undefined),
    listFolders: () => list(connection, 'list its folders', '/api/folders?limit=1000', toFolder),

    async createFolder(folder) {
      await change(connection, `create the folder "${folder.title}"`, 'POST', '/api/folders', folder);
    },

    searchDashboards: () => list(connection, 'list its dashboards', `/api/search?type=dash-db&limit=${LIMIT}`, toFound),

    async dashboardRevisions(folderUid) {
      if (!isAtLeast(version, 12)) return undefined;
      // In the version in which 12 stores them: for another one it reads and converts each.
      const path = `/apis/dashboard.grafana.app/${isAtLeast(version, 13) ? 'v1' : 'v0alpha1'}/namespaces/default/dashboards?limit=${LIMIT}`;
      const response = await ask('list its dashboards', 'GET', path, { accept: METADATA_ALONE });
      const { items, metadata: page } = asRecord(response.status === 200 ? parseJson(response.body) : undefined);
      if (!Array.isArray(items) || textOf(page, 'continue') !== '') return undefined;
      return items
        .map((item) => asRecord(asRecord(item).metadata))
        .filter(({ annotations }) => textOf(annotations, 'grafana.app/folder') === folderUid)
        .map((metadata) => `${textOf(metadata, 'name')} ${textOf(metadata, 'resourceVersion')}`);
    },

    async saveDashboard({ dashboard, folderUid, replaces }) {
      const what = `save the dashboard "${textOf(dashboard, 'title')}"`;
      const body = {
        dashboard: { ...dashboard, id: null, version: replaces === 'any' ? undefined : replaces },
        ...(await folderReference(folderUid)),
        overwrite: replaces === 'any',
      };
      const response = await ask(what, 'POST', '/api/dashboards/db', { body });
      if (typeof asRecord(accepted(what, response)).version !== 'number') throw unexpected(what, response);
    },

    async deleteDashboard(uid) {
      const what = `delete the dashboard with uid "${uid}"`;
      const response = await ask(what, 'DELETE', `/api/dashboards/uid/${encodeURIComponent(uid)}`);
      if (response.status !== 404) accepted(what, response);
    },

    listPanelPlugins: () =>
      list(
        connection,
        'list its panel plugins',
        '/api/plugins?type=panel',
        (answer) => textOf(answer, 'id') || undefined,
      ),
  };
}

/** Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches, and a Grafana 12.4.3. */
const METADATA_ALONE = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

interface NumberedFolder extends Folder {
  /** What servers before 9.0 name it by. */
  id: number;
}

const UNREADABLE = { title: '', url: '', folderUid: '', version: 0, provisioned: false, dashboard: undefined };

function toFolder(answer: unknown): NumberedFolder | undefined {
  const [uid, title] = [textOf(answer, 'uid'), textOf(answer, 'title')];
  if (!isRecord(answer) || uid === '') return undefined;
  return { uid, title, id: number(answer.id) };
}

function toFound(answer: unknown): FoundDashboard | undefined {
  const uid = textOf(answer, 'uid');
  if (uid === '') return undefined;
  return { uid, title: textOf(answer, 'title'), url: textOf(answer, 'url'), folderUid: textOf(answer, 'folderUid') };
}

function toDashboard(uid: string, answer: unknown): ObservedDashboard | undefined {
  if (!isRecord(answer) || !isRecord(answer.dashboard) || !isRecord(answer.meta)) return undefined;
  const { dashboard, meta } = answer;
  return {
    uid,
    title: textOf(dashboard, 'title'),
    url: textOf(meta, 'url'),
    // 7.5 tells it in the folder's address alone: /dashboards/f/monitor/monitor
    folderUid: textOf(meta, 'folderUid') || (/\/dashboards\/f\/([^/]+)/.exec(textOf(meta, 'folderUrl'))?.[1] ?? ''),
    version: number(dashboard.version),
    provisioned: meta.provisioned === true,
    dashboard,
  };
}
