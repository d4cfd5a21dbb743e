import type { ListedDatasource } from '../grafana/datasources.ts';
import { type GrafanaVersion, isAtLeast } from '../grafana/version.ts';
import { asRecord, isRecord, type JsonRecord, objectsIn, textOf } from '../json.ts';
import { queryTextOf } from './check/variables.ts';
import { mapObjects, panelsOf } from './json-tree.ts';

export interface ServerDatasources {
  version: GrafanaVersion;
  ours: { uid: string; name: string };
  datasources: readonly ListedDatasource[];
}

/** Grafana's own, which every server has. */
const BUILT_IN: ReadonlySet<string> = new Set(
  'grafana|datasource|-- Grafana --|-- Mixed --|-- Dashboard --|__expr__|-100|default'.split('|'),
);

/** From 8.3 on a panel refers to its datasource by type and uid; before, by name. */
const refersByUid = (version: GrafanaVersion): boolean => isAtLeast(version, 8, 3);

/** What an input of that type stands for: a uid, or a name where references are names. Undefined: there is none. */
export function valueOfDatasource(type: string, { version, ours, datasources }: ServerDatasources): string | undefined {
  if (BUILT_IN.has(type)) return type;
  const found = type === 'prometheus' ? ours : datasources.find((one) => one.type === type);
  return refersByUid(version) ? found?.uid : found?.name;
}

/**
 * Makes every reference to a datasource one that this server has: another Prometheus becomes ours, with a notice,
 * and what is not there is named. Another datasource of this server is left, and so are variables and Grafana's own.
 */
export function fitDatasources(
  dashboard: JsonRecord,
  server: ServerDatasources,
): { dashboard: JsonRecord; notices: string[] } {
  const replaced = new Set<string>();
  const missing = new Set<string>();
  const variables = new Set(
    objectsIn(asRecord(dashboard['templating']).list).map((variable) => textOf(variable, 'name')),
  );
  const refer = (reference: unknown, object: JsonRecord): unknown => {
    const { name, type } = read(reference);
    if (name === '' || BUILT_IN.has(name) || BUILT_IN.has(type)) return nameOnly(reference, server);
    const variable = /^\$(?:\{([\w-]+)(?::\w+)?\}|(\w+)$|\[\[(\w+)\]\])/.exec(name);
    const known = variable?.[1] ?? variable?.[2] ?? variable?.[3];
    if (known !== undefined && variables.has(known)) return nameOnly(reference, server);
    const ours = name === server.ours.uid || name === server.ours.name;
    const found = server.datasources.find((one) => one.uid === name || one.name === name);
    if (found !== undefined && !ours) return refersByUid(server.version) ? reference : found.name;
    if (!ours && type !== 'prometheus' && (type !== '' || !asksPrometheus(object, dashboard))) {
      missing.add(type === '' ? `"${name}"` : `"${name}" (${type})`);
      return nameOnly(reference, server);
    }
    if (!ours) replaced.add(name);
    if (!refersByUid(server.version)) return server.ours.name;
    return isRecord(reference) && ours ? reference : { type: 'prometheus', uid: server.ours.uid };
  };
  const fitted = mapObjects(dashboard, (object) =>
    'datasource' in object ? { ...object, datasource: refer(object.datasource, object) } : withCurrent(object, server),
  );
  const notices = [
    ...[...replaced].map((name) => `its datasource "${name}" is the stack's Prometheus here`),
    ...[...missing].map((name) => `its datasource ${name} is not in this Grafana: panels that use it stay empty`),
  ];
  const { __requires, ...content } = fitted;
  return { dashboard: content, notices };
}

function read(reference: unknown): { name: string; type: string } {
  if (typeof reference === 'string') return { name: reference, type: '' };
  // A reference by type alone means the default datasource of that type.
  return { name: textOf(reference, 'uid'), type: textOf(reference, 'type') };
}

/** What is left as it is, in the form that this server reads. */
function nameOnly(reference: unknown, { version }: ServerDatasources): unknown {
  if (refersByUid(version) || !isRecord(reference)) return reference;
  const uid = textOf(reference, 'uid');
  if (uid === 'grafana') return '-- Grafana --';
  return uid === '' ? null : uid;
}

/** A name alone does not tell its type: the queries beside it do, or that the dashboard needs no other datasource. */
function asksPrometheus(object: JsonRecord, dashboard: JsonRecord): boolean {
  const queries = [object, ...objectsIn(object.targets)];
  if (queries.some((query) => typeof query.expr === 'string')) return !queries.some(asksLoki);
  if (/^(label_values|query_result|metrics|label_names)\(/.test(queryTextOf(object))) return true;
  const types = objectsIn(dashboard.__requires)
    .filter((one) => one.type === 'datasource')
    .map((one) => one.id);
  if (types.length > 0) return types.every((type) => type === 'prometheus');
  const all = panelsOf(dashboard).flatMap((panel) => objectsIn(panel.targets));
  return all.length > 0 && all.every((target) => typeof target.expr === 'string' && !asksLoki(target));
}

const asksLoki = ({ expr }: JsonRecord): boolean =>
  typeof expr === 'string' && /\|[=~]|\| ?(json|logfmt|pattern|line_format)\b/.test(expr);

/** A variable that chooses a Prometheus starts with ours. */
function withCurrent(object: JsonRecord, { ours, datasources, version }: ServerDatasources): JsonRecord {
  if (object.type !== 'datasource' || object.query !== 'prometheus' || !('name' in object)) return object;
  const { value } = asRecord(object['current']);
  const there = datasources.some(({ uid, name }) => value === uid || value === name);
  if (there || value === ours.uid || value === ours.name) return object;
  const current = { selected: false, text: ours.name, value: refersByUid(version) ? ours.uid : ours.name };
  return { ...object, current };
}
