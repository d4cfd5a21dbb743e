import { type Answer, failure, json, noSuchRoute, notKnown } from '../answer.ts';
import { bind } from '../binding.ts';
import { type JsonObject, objectAt, sortObject } from '../json.ts';
import { slugOf } from '../names.ts';
import type { Profile } from '../profile.ts';
import { type Call, type Context, type Route, route } from '../router.ts';
import { saveDashboard, saveRequest } from '../save-dashboard.ts';
import type { DashboardVersion, State, StoredDashboard } from '../state.ts';
import { folderUrl } from './folders.ts';

export const dashboardRoutes: readonly Route[] = [
  route('POST', '/api/dashboards/db', save),
  route('GET', '/api/dashboards/uid/:uid', show),
  route('DELETE', '/api/dashboards/uid/:uid', remove),
  route('GET', '/api/dashboards/uid/:uid/versions', versions),
];

export function dashboardUrl(dashboard: StoredDashboard): string {
  return `/d/${dashboard.uid}/${slugOf(dashboard.title)}`;
}

async function save(context: Context, call: Call): Promise<Answer> {
  const bound = bind(context.profile, await call.readBody(), ['Dashboard']);
  if (bound.kind === 'refused') return bound.answer;
  const outcome = saveDashboard(context, saveRequest(bound.value, objectAt(bound.value, 'dashboard')));
  if (outcome.kind === 'refused') return outcome.answer;
  const { id, uid, title, version } = outcome.dashboard;
  const folder = context.profile.dashboardTellsFolder ? { folderUid: outcome.folderUid } : {};
  const url = dashboardUrl(outcome.dashboard);
  return json(200, { ...folder, id, slug: slugOf(title), status: 'success', uid, url, version });
}

function find({ store }: Context, call: Call): StoredDashboard | undefined {
  return store.read().dashboards.find((dashboard) => dashboard.uid === call.params.uid);
}

function show(context: Context, call: Call): Answer {
  const dashboard = find(context, call);
  if (!dashboard) return failure(context.profile, 404, 'Dashboard not found');
  const meta = metaOf(context.profile, context.store.read(), dashboard);
  return json(200, { meta, dashboard: sortObject({ ...dashboard.data, id: dashboard.id }) });
}

function metaOf(profile: Profile, state: State, dashboard: StoredDashboard): JsonObject {
  const { title, created, updated, version } = dashboard;
  const login = state.users[0]?.login ?? '';
  return {
    ...{ type: 'db', canSave: true, canEdit: true, canAdmin: true, canStar: true },
    ...(profile.newerDashboardFields ? { canDelete: true } : {}),
    ...{ slug: slugOf(title), url: dashboardUrl(dashboard), expires: '0001-01-01T00:00:00Z', created, updated },
    ...{ updatedBy: login, createdBy: login, version, hasAcl: false, isFolder: false },
    ...folderMeta(profile, state, dashboard),
    ...{ provisioned: false, provisionedExternalId: '' },
    ...(profile.newerDashboardFields ? newerMeta() : {}),
    ...(profile.dashboardTellsFolder ? { apiVersion: 'v0alpha1' } : {}),
  };
}

function folderMeta(profile: Profile, state: State, { folderId }: StoredDashboard): JsonObject {
  const folder = state.folders.find((one) => one.id === folderId);
  return {
    ...(profile.folderById ? { folderId } : {}),
    ...(profile.folderByUid ? { folderUid: folder?.uid ?? '' } : {}),
    ...{ folderTitle: folder?.title ?? 'General', folderUrl: folder ? folderUrl(folder) : '' },
  };
}

/** Recorded from 9.4. */
function newerMeta(): JsonObject {
  const all = { canAdd: true, canEdit: true, canDelete: true };
  return {
    annotationsPermissions: { dashboard: all, organization: all },
    ...{ hasPublicDashboard: false, publicDashboardAccessToken: '', publicDashboardUid: '' },
    publicDashboardEnabled: false,
  };
}

function remove(context: Context, call: Call): Answer {
  const dashboard = find(context, call);
  if (!dashboard) return failure(context.profile, 404, 'Dashboard not found');
  const { id, uid, title } = dashboard;
  context.store.change((state) => {
    state.dashboards = state.dashboards.filter((one) => one.id !== id);
  });
  const message = `Dashboard ${title} deleted`;
  return json(200, context.profile.unifiedStorage ? { message, title, uid } : { id, message, title });
}

function versions(context: Context, call: Call): Answer {
  const { profile } = context;
  if (profile.dashboardVersions === 'not found') return noSuchRoute();
  if (call.search) return notKnown("a dashboard's versions like this");
  const dashboard = find(context, call);
  if (!dashboard) return failure(profile, 404, 'Dashboard not found');
  const entries = dashboard.versions.map((version) => versionView(dashboard, version));
  return json(200, profile.dashboardVersions === 'page' ? { continueToken: '', versions: entries } : entries);
}

function versionView(dashboard: StoredDashboard, entry: DashboardVersion): JsonObject {
  const { id, version, parentVersion, created, message, data } = entry;
  return {
    ...{
      id,
      dashboardId: dashboard.id,
      dashboardUid: '',
      parentVersion,
      restoredFrom: 0,
      version,
      created,
      createdBy: 1,
    },
    ...{ message: parentVersion === 0 ? 'Initial save' : message, data },
  };
}
