import { type Answer, failure, json, noSuchRoute, notKnown } from '../answer.ts';
import { bind } from '../binding.ts';
import { datasourceEntry, datasourceView, isUsableUrl, keepOneDefault, settingsFrom } from '../datasource.ts';
import { type JsonObject, numberAt, stringAt } from '../json.ts';
import { newUid, uidProblem } from '../names.ts';
import type { Profile } from '../profile.ts';
import { type Call, type Context, type Route, route } from '../router.ts';
import { nextId, type State, type StoredDatasource } from '../state.ts';

const requiredFields = ['Name', 'Type', 'Access'];

export const datasourceRoutes: readonly Route[] = [
  route('GET', '/api/datasources', list),
  route('POST', '/api/datasources', create),
  route('GET', '/api/datasources/name/:name', (context, call) => show(context, byName(call.params.name))),
  route('GET', '/api/datasources/uid/:uid', (context, call) => show(context, byUid(call.params.uid))),
  route('PUT', '/api/datasources/uid/:uid', updateByUid),
  route('DELETE', '/api/datasources/uid/:uid', remove),
  route('GET', '/api/datasources/:id', showById),
  route('PUT', '/api/datasources/:id', updateById),
  route('DELETE', '/api/datasources/:id', removeById),
];

type Selector = (datasource: StoredDatasource) => boolean;

export const byUid =
  (uid: string | undefined): Selector =>
  (datasource) =>
    datasource.uid === uid;

export const byId =
  (id: string | undefined): Selector =>
  (datasource) =>
    datasource.id === Number(id);

const byName =
  (name: string | undefined): Selector =>
  (datasource) =>
    datasource.name === name;

export function noSuchDatasource(): Answer {
  return json(404, { message: 'Data source not found' });
}

function list({ profile, store }: Context): Answer {
  const sorted = [...store.read().datasources].sort((a, b) => (a.name < b.name ? -1 : 1));
  return json(
    200,
    sorted.map((datasource) => datasourceEntry(profile, datasource)),
  );
}

function show({ profile, store }: Context, selector: Selector): Answer {
  const datasource = store.read().datasources.find(selector);
  return datasource ? json(200, datasourceView(profile, datasource)) : noSuchDatasource();
}

function showById(context: Context, call: Call): Answer {
  return context.profile.datasourceByNumericId ? show(context, byId(call.params.id)) : noSuchRoute();
}

async function create({ profile, store }: Context, call: Call): Promise<Answer> {
  const bound = bind(profile, await call.readBody(), requiredFields);
  if (bound.kind === 'refused') return bound.answer;
  const body = bound.value;
  const problem = problemIn(profile, body);
  if (problem) return problem;
  return store.change((state) => {
    const conflict = conflictWith(state, body);
    if (conflict) return failure(profile, 409, `data source with the same ${conflict} already exists`);
    const settings = settingsFrom(body, stringAt(body, 'uid') || newUid());
    const datasource: StoredDatasource = { id: nextId(state, 'datasource'), ...settings, version: 1 };
    state.datasources.push(datasource);
    keepOneDefault(state, datasource);
    return saved(profile, datasource, 'Datasource added');
  });
}

/** Source: grafana/grafana pkg/api/datasources.go. */
function problemIn(profile: Profile, body: JsonObject): Answer | undefined {
  const uid = uidProblem(stringAt(body, 'uid'));
  if (uid) return failure(profile, 400, uid);
  return isUsableUrl(stringAt(body, 'url')) ? undefined : failure(profile, 400, 'Validation error, invalid URL');
}

function conflictWith(state: State, body: JsonObject, self?: StoredDatasource): 'name' | 'uid' | undefined {
  const others = state.datasources.filter((datasource) => datasource.id !== self?.id);
  if (others.some(byName(stringAt(body, 'name')))) return 'name';
  return others.some(byUid(stringAt(body, 'uid'))) ? 'uid' : undefined;
}

function updateById(context: Context, call: Call): Answer | Promise<Answer> {
  return context.profile.datasourceByNumericId ? update(context, call, byId(call.params.id)) : noSuchRoute();
}

function updateByUid(context: Context, call: Call): Answer | Promise<Answer> {
  return context.profile.datasourceByUid ? update(context, call, byUid(call.params.uid)) : noSuchRoute();
}

/**
 * The new version is the sent one plus one, so 1 where none was sent, which both recordings show. A sent version must
 * not be older than the stored one. Source: grafana/grafana pkg/services/sqlstore/datasource.go.
 */
async function update({ profile, store }: Context, call: Call, selector: Selector): Promise<Answer> {
  const bound = bind(profile, await call.readBody(), requiredFields);
  if (bound.kind === 'refused') return bound.answer;
  const body = bound.value;
  return store.change((state) => {
    const datasource = state.datasources.find(selector);
    if (!datasource) return noSuchDatasource();
    const refusal = refusedUpdate(profile, state, datasource, body);
    if (refusal) return refusal;
    const version = numberAt(body, 'version') + 1;
    Object.assign(datasource, settingsFrom(body, stringAt(body, 'uid') || datasource.uid, datasource), { version });
    keepOneDefault(state, datasource);
    return saved(profile, datasource, 'Datasource updated');
  });
}

/** What the text of the refusal is where the body names another uid than the URL is not known, only its status. */
function refusedUpdate(profile: Profile, state: State, datasource: StoredDatasource, body: JsonObject) {
  const problem = problemIn(profile, body);
  if (problem) return problem;
  const uid = stringAt(body, 'uid');
  if (profile.uidIsFixed && uid && uid !== datasource.uid) return failure(profile, 400, 'data source uid mismatch');
  if (conflictWith(state, body, datasource)) return notKnown("an update that takes another datasource's name or uid");
  const sent = numberAt(body, 'version');
  if (sent === 0 || sent >= datasource.version) return undefined;
  const stale = 'Datasource has already been updated by someone else. Please reload and try again';
  return failure(profile, 409, stale);
}

function saved(profile: Profile, datasource: StoredDatasource, message: string): Answer {
  const { id, name } = datasource;
  return json(200, { datasource: datasourceView(profile, datasource), id, message, name });
}

function remove({ profile, store }: Context, call: Call): Answer {
  return store.change((state) => {
    const datasource = state.datasources.find(byUid(call.params.uid));
    if (!datasource) return noSuchDatasource();
    state.datasources = state.datasources.filter((one) => one !== datasource);
    const message = 'Data source deleted';
    return json(200, profile.datasourceDeletionTellsId ? { id: datasource.id, message } : { message });
  });
}

function removeById({ profile }: Context): Answer {
  return profile.datasourceByNumericId ? notKnown('a deletion by number') : noSuchRoute();
}
