import { type Answer, json, notKnown, text } from '../answer.ts';
import { bind } from '../binding.ts';
import { type JsonObject, stringAt } from '../json.ts';
import { newUid, slugOf, uidProblem } from '../names.ts';
import type { Profile } from '../profile.ts';
import { type Call, type Context, type Route, route } from '../router.ts';
import { nextDashboardId, nextId, type State, type StoredFolder, timestamp } from '../state.ts';

export const folderRoutes: readonly Route[] = [
  route('GET', '/api/folders', list),
  route('POST', '/api/folders', create),
  route('GET', '/api/folders/:uid', show),
  route('DELETE', '/api/folders/:uid', remove),
];

export function folderUrl(folder: StoredFolder): string {
  return `/dashboards/f/${folder.uid}/${slugOf(folder.title)}`;
}

/** Only an empty list was recorded; an entry has what identifies a folder. */
function list({ store, profile }: Context, call: Call): Answer {
  if ([...call.query.keys()].some((key) => key !== 'limit')) return notKnown('a folder list with parameters');
  const entry = ({ id, uid, title }: StoredFolder) => (profile.folderById ? { id, uid, title } : { uid, title });
  return json(200, store.read().folders.map(entry));
}

async function create({ profile, store, now }: Context, call: Call): Promise<Answer> {
  const bound = bind(profile, await call.readBody(), []);
  if (bound.kind === 'refused') return bound.answer;
  const uid = stringAt(bound.value, 'uid') || newUid();
  const title = stringAt(bound.value, 'title');
  const problem = uidProblem(uid);
  if (problem) return json(400, { message: problem });
  if (!title || bound.value.parentUid) return notKnown('a folder without title, or inside another folder');
  return store.change((state) => {
    if (state.folders.some((folder) => folder.uid === uid)) return changedBySomeoneElse(profile);
    const titleTaken = state.folders.some((folder) => folder.title === title);
    if (titleTaken && !profile.titlesMayRepeat) return titleExists();
    const folder = { id: nextDashboardId(profile, state), uid, title, created: timestamp(now()) };
    nextId(state, 'dashboardVersion');
    state.folders.push(folder);
    return json(200, view(profile, state, folder));
  });
}

/** Recorded for a second folder of one uid, whatever its title. */
function changedBySomeoneElse({ unifiedStorage }: Profile): Answer {
  const status = unifiedStorage ? {} : { status: 'version-mismatch' };
  return json(412, { message: 'the folder has been changed by someone else', ...status });
}

/** Source: grafana/grafana 7.5 pkg/models/folders.go, pkg/api/folder.go. */
function titleExists(): Answer {
  return json(409, { message: 'A folder or dashboard in the general folder with the same name already exists' });
}

function view(profile: Profile, state: State, folder: StoredFolder): JsonObject {
  const { id, uid, title, created } = folder;
  const login = state.users[0]?.login ?? '';
  return {
    ...{
      id,
      uid,
      ...(profile.unifiedStorage ? { orgId: 1 } : {}),
      title,
      url: folderUrl(folder),
      hasAcl: false,
      canSave: true,
      canEdit: true,
      canAdmin: true,
    },
    ...(profile.newerDashboardFields ? { canDelete: true } : {}),
    ...{ createdBy: login, created, updatedBy: profile.unifiedStorage ? 'Anonymous' : login, updated: created },
    version: 1,
  };
}

/** Source of the 404: grafana/grafana pkg/api/apierrors/folder.go. */
function noSuchFolder(): Answer {
  return json(404, { message: 'folder not found', status: 'not-found' });
}

function show({ profile, store }: Context, call: Call): Answer {
  const state = store.read();
  const folder = state.folders.find((one) => one.uid === call.params.uid);
  return folder ? json(200, view(profile, state, folder)) : noSuchFolder();
}

/** A folder's dashboards go with it. */
function remove({ profile, store }: Context, call: Call): Answer {
  if (call.search) return notKnown('a folder deletion with parameters');
  return store.change((state) => {
    const folder = state.folders.find((one) => one.uid === call.params.uid);
    if (!folder) return noSuchFolder();
    const { id, title } = folder;
    state.folders = state.folders.filter((one) => one !== folder);
    state.dashboards = state.dashboards.filter((dashboard) => dashboard.folderId !== id);
    if (profile.folderDeletion === 'empty') return text(200, 'application/json', '');
    if (profile.folderDeletion === 'plain') return json(200, { message: 'Folder deleted' });
    return json(200, { id, message: `Folder ${title} deleted`, title });
  });
}
