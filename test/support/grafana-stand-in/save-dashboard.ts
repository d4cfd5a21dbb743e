import { type Answer, json, notKnown } from './answer.ts';
import { type JsonObject, numberAt, sortObject, stringAt } from './json.ts';
import { newUid, uidProblem } from './names.ts';
import type { Context } from './router.ts';
import { nextDashboardId, nextId, type State, type StoredDashboard, timestamp } from './state.ts';

/** What a save asks for, from a request body that carries a dashboard. */
export interface SaveRequest {
  readonly dashboard: JsonObject;
  readonly folderId: number;
  readonly folderUid: string;
  readonly overwrite: boolean;
  readonly message: string;
}

export type SaveOutcome =
  | { readonly kind: 'saved'; readonly dashboard: StoredDashboard; readonly folderUid: string }
  | Refused;

type Refused = { readonly kind: 'refused'; readonly answer: Answer };

export function saveRequest(body: JsonObject, dashboard: JsonObject): SaveRequest {
  return {
    dashboard,
    folderId: numberAt(body, 'folderId'),
    folderUid: stringAt(body, 'folderUid'),
    overwrite: body.overwrite === true,
    message: stringAt(body, 'message'),
  };
}

/** Source of every refusal that was not recorded: grafana/grafana pkg/services/dashboards/errors.go. */
export function saveDashboard(context: Context, request: SaveRequest): SaveOutcome {
  const problem = problemIn(context, request);
  if (problem) return refused(problem);
  return context.store.change((state) => {
    const folder = chosenFolder(context, state, request);
    if (!folder) return refused(json(400, { message: 'folder not found' }));
    const target = chooseTarget(context, state, request, folder.id);
    if (target.kind === 'refused') return target;
    const dashboard = write(context, state, request, folder.id, target.existing);
    return { kind: 'saved', dashboard, folderUid: folder.uid };
  });
}

function refused(answer: Answer): Refused {
  return { kind: 'refused', answer };
}

function problemIn({ profile }: Context, { dashboard, message }: SaveRequest): Answer | undefined {
  if (!stringAt(dashboard, 'title').trim()) {
    const status = profile.newerDashboardFields ? { status: 'empty-name' } : {};
    return json(400, { message: 'Dashboard title cannot be empty', ...status });
  }
  const uid = uidProblem(stringAt(dashboard, 'uid'));
  if (uid) return json(400, { message: uid });
  if (message.length > 500) return json(400, { message: 'message too long, max 500 characters' });
  const tooFast = isTooFast(stringAt(dashboard, 'refresh'));
  return tooFast ? json(400, { message: 'Dashboard refresh interval is too low' }) : undefined;
}

/** Five seconds are the least, as Grafana has it where nobody configured it. */
function isTooFast(refresh: string): boolean {
  const [, amount, unit] = /^(\d+)(ms|s)$/.exec(refresh) ?? [];
  return amount !== undefined && Number(amount) * (unit === 'ms' ? 1 : 1000) < 5000;
}

/** The root folder has the number 0 and no uid; a version that does not know a field does not look at it. */
function chosenFolder({ profile }: Context, state: State, request: SaveRequest) {
  const root = { id: 0, uid: '' };
  const { folderUid, folderId } = request;
  if (profile.folderByUid && folderUid) return state.folders.find((folder) => folder.uid === folderUid);
  if (profile.folderById && folderId) return state.folders.find((folder) => folder.id === folderId);
  return root;
}

type Target = { readonly kind: 'target'; readonly existing: StoredDashboard | undefined };

/**
 * Finds the dashboard that the save replaces: the one of that id or uid, else the one of that title in the folder,
 * which an overwrite replaces under its own uid. Source: grafana/grafana pkg/services/sqlstore/dashboard.go.
 */
function chooseTarget({ profile }: Context, state: State, request: SaveRequest, folderId: number): Target | Refused {
  const { dashboard, overwrite } = request;
  const id = numberAt(dashboard, 'id');
  const uid = stringAt(dashboard, 'uid');
  if (uid && state.folders.some((folder) => folder.uid === uid))
    return refused(notKnown("a folder's uid on a dashboard"));
  const known = state.dashboards.find((one) => (id ? one.id === id : uid !== '' && one.uid === uid));
  if (id && !known) return refused(json(404, { message: 'Dashboard not found', status: 'not-found' }));
  if (known && uid && known.uid !== uid) return refused(notKnown("a change of a dashboard's uid"));
  if (known && !overwrite && numberAt(dashboard, 'version') !== known.version) return refused(changedBySomeoneElse());
  const namesake = profile.titlesMayRepeat ? undefined : sameTitle(state, stringAt(dashboard, 'title'), folderId);
  if (!namesake || namesake === known) return { kind: 'target', existing: known };
  if (!overwrite) return refused(nameExists());
  return known
    ? refused(notKnown("an overwrite that takes another dashboard's title"))
    : { kind: 'target', existing: namesake };
}

function sameTitle(state: State, title: string, folderId: number): StoredDashboard | undefined {
  return state.dashboards.find((one) => one.title === title && one.folderId === folderId);
}

function changedBySomeoneElse(): Answer {
  return json(412, { message: 'The dashboard has been changed by someone else', status: 'version-mismatch' });
}

function nameExists(): Answer {
  const message = 'A dashboard with the same name in the folder already exists';
  return json(412, { message, status: 'name-exists' });
}

/** A first version has no `id` in its data, a later one has: so the recorded list of versions shows it. */
function write(
  { profile, now }: Context,
  state: State,
  request: SaveRequest,
  folderId: number,
  existing: StoredDashboard | undefined,
): StoredDashboard {
  const time = timestamp(now());
  const { id: _, ...content } = request.dashboard;
  const title = stringAt(content, 'title').trim();
  const uid = existing?.uid ?? (stringAt(content, 'uid') || newUid());
  const version = (existing?.version ?? 0) + 1;
  // Unified storage keeps them beside the content and adds them when it is read.
  const known = existing && !profile.unifiedStorage ? { id: existing.id } : {};
  const data = sortObject({ ...content, ...known, uid, title, version });
  const versionId = nextId(state, 'dashboardVersion');
  const parentVersion = existing?.version ?? 0;
  const entry = { id: versionId, version, parentVersion, created: time, message: request.message, data };
  if (existing) {
    Object.assign(existing, { title, folderId, version, updated: time, data });
    existing.versions.unshift(entry);
    return existing;
  }
  const id = nextDashboardId(profile, state);
  const dashboard = { id, uid, title, folderId, version, created: time, updated: time, data, versions: [entry] };
  state.dashboards.push(dashboard);
  return dashboard;
}
