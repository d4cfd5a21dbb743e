import { type Answer, failure, json } from '../answer.ts';
import { bind } from '../binding.ts';
import { isObject, type Json, type JsonObject, numberAt, stringAt } from '../json.ts';
import { slugOf } from '../names.ts';
import { type Call, type Context, type Route, route } from '../router.ts';
import { type SaveOutcome, saveDashboard, saveRequest } from '../save-dashboard.ts';
import { dashboardUrl } from './dashboards.ts';

export const importRoutes: readonly Route[] = [route('POST', '/api/dashboards/import', importDashboard)];

/** Source of the refusals: grafana/grafana pkg/services/dashboardimport. */
async function importDashboard(context: Context, call: Call): Promise<Answer> {
  const { profile } = context;
  const bound = bind(profile, await call.readBody(), []);
  if (bound.kind === 'refused') return bound.answer;
  const { dashboard } = bound.value;
  if (!isObject(dashboard)) return failure(profile, 422, 'Dashboard must be set');
  const filled = fillInputs(dashboard, objectsIn(bound.value.inputs));
  if (!filled) return failure(profile, 500, 'Failed to save dashboard');
  const outcome = saveDashboard(context, saveRequest(bound.value, filled));
  return outcome.kind === 'refused' ? outcome.answer : imported(context, outcome, filled);
}

function imported({ profile }: Context, saved: SaveOutcome & { kind: 'saved' }, content: JsonObject): Answer {
  const { id, uid, title, folderId } = saved.dashboard;
  const slug = slugOf(title);
  const revision = numberAt(content, 'revision') || 1;
  return json(200, {
    ...(profile.newerDashboardFields ? { uid } : {}),
    ...{ pluginId: '', title, imported: true, importedUri: `db/${slug}`, importedUrl: dashboardUrl(saved.dashboard) },
    ...{ slug, dashboardId: id },
    ...(profile.folderById ? { folderId } : {}),
    ...(profile.folderByUid ? { folderUid: saved.folderUid } : {}),
    ...(profile.unifiedStorage ? {} : { importedRevision: revision, revision }),
    ...{
      description: stringAt(content, 'description'),
      path: '',
      removed: false,
    },
  });
}

function objectsIn(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The dashboard without `__inputs` and with their values in it, or undefined where one of them was not given. */
function fillInputs(dashboard: JsonObject, given: readonly JsonObject[]): JsonObject | undefined {
  const { __inputs, ...content } = dashboard;
  const values = new Map<string, string>();
  for (const wanted of objectsIn(__inputs)) {
    const input = given.find((one) => matches(one, wanted));
    if (!input) return undefined;
    values.set(`\${${stringAt(wanted, 'name')}}`, stringAt(input, 'value'));
  }
  const filled = substitute(content, values);
  return isObject(filled) ? filled : undefined;
}

/** The name `*` stands for any. */
function matches(given: JsonObject, wanted: JsonObject): boolean {
  return given.type === wanted.type && (given.name === '*' || given.name === wanted.name);
}

function substitute(value: Json, values: ReadonlyMap<string, string>): Json {
  if (typeof value === 'string') return replaceAll(value, values);
  if (Array.isArray(value)) return value.map((item) => substitute(item, values));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, item === undefined ? item : substitute(item, values)]),
  );
}

function replaceAll(text: string, values: ReadonlyMap<string, string>): string {
  return [...values].reduce((filled, [placeholder, value]) => filled.replaceAll(placeholder, () => value), text);
}
