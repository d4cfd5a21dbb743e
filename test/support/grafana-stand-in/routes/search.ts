import { type Answer, json, notKnown } from '../answer.ts';
import type { JsonObject } from '../json.ts';
import { slugOf } from '../names.ts';
import type { Profile } from '../profile.ts';
import { type Call, type Context, type Route, route } from '../router.ts';
import type { State, StoredDashboard, StoredFolder } from '../state.ts';
import { dashboardUrl } from './dashboards.ts';
import { folderUrl } from './folders.ts';

export const searchRoutes: readonly Route[] = [route('GET', '/api/search', search)];

const defaultLimit = 1000;
const knownParameters = new Set(['type', 'query', 'tag', 'folderIds', 'folderUIDs', 'limit', 'page']);

interface Hit {
  readonly title: string;
  readonly tags: readonly string[];
  readonly folderId: number;
  readonly folderUid: string;
  readonly view: JsonObject;
}

function search({ profile, store }: Context, { query }: Call): Answer {
  const unknown = [...query.keys()].find((key) => !knownParameters.has(key));
  if (unknown) return notKnown(`a search by ${unknown}`);
  const state = store.read();
  const type = query.get('type');
  const folders = type === 'dash-db' ? [] : state.folders.map(folderHit);
  const dashboards = type === 'dash-folder' ? [] : state.dashboards.map((one) => dashboardHit(profile, state, one));
  const found = [...folders.sort(byTitle), ...dashboards.sort(byTitle)].filter((hit) => isWanted(profile, query, hit));
  const limit = Number(query.get('limit') ?? defaultLimit);
  const start = (Math.max(1, Number(query.get('page') ?? 1)) - 1) * limit;
  return json(
    200,
    found.slice(start, start + limit).map((hit) => hit.view),
  );
}

function byTitle(a: Hit, b: Hit): number {
  return a.title < b.title ? -1 : 1;
}

function isWanted(profile: Profile, query: URLSearchParams, hit: Hit): boolean {
  const text = (query.get('query') ?? '').toLowerCase();
  const ids = profile.folderById ? query.getAll('folderIds').map(Number) : [];
  const uids = profile.folderByUid ? query.getAll('folderUIDs') : [];
  return (
    hit.title.toLowerCase().includes(text) &&
    query.getAll('tag').every((tag) => hit.tags.includes(tag)) &&
    (ids.length === 0 || ids.includes(hit.folderId)) &&
    (uids.length === 0 || uids.includes(hit.folderUid))
  );
}

function dashboardHit(profile: Profile, state: State, dashboard: StoredDashboard): Hit {
  const { id, uid, title, folderId, data } = dashboard;
  const tags = Array.isArray(data.tags) ? data.tags.filter((tag) => typeof tag === 'string') : [];
  const folder = state.folders.find((one) => one.id === folderId);
  const view = {
    ...{ id, uid, ...(profile.unifiedStorage ? { orgId: 1 } : {}), title, uri: `db/${slugOf(title)}` },
    ...{ url: dashboardUrl(dashboard), slug: '', type: 'dash-db', tags },
    isStarred: false,
    ...(folder ? folderFields(profile, folder) : {}),
    sortMeta: 0,
    ...(profile.unifiedStorage ? { isDeleted: false } : {}),
  };
  return { title, tags, folderId, folderUid: folder?.uid ?? '', view };
}

function folderFields(profile: Profile, folder: StoredFolder): JsonObject {
  const { id, uid, title } = folder;
  const number = profile.folderById ? { folderId: id } : {};
  return { ...number, folderUid: uid, folderTitle: title, folderUrl: folderUrl(folder) };
}

/** No folder was recorded in a search: it has a dashboard's fields, and the type the search asks for it with. */
function folderHit(folder: StoredFolder): Hit {
  const { id, uid, title } = folder;
  const view = {
    ...{ id, uid, title, uri: `db/${slugOf(title)}`, url: folderUrl(folder), slug: '', type: 'dash-folder', tags: [] },
    ...{ isStarred: false, sortMeta: 0 },
  };
  return { title, tags: [], folderId: 0, folderUid: '', view };
}
