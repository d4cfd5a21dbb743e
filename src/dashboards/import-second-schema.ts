import { asRecord, isRecord, type JsonRecord, objectsIn, textOf } from '../json.ts';
import { gridOf } from './import-second-layout.ts';
import { mapValues } from './json-tree.ts';

/**
 * Grafana 12 and later also write dashboards in a second schema (`dashboard.grafana.app/v2...`): elements and a layout in
 * place of panels with positions. The route that every version has takes the first schema alone.
 * Source: `@grafana/schema` (dashboard/v2), and apps/dashboard/kinds of grafana/grafana 12.4.3.
 */
export const isSecondSchema = (dashboard: JsonRecord): boolean =>
  isRecord(dashboard.elements) && isRecord(dashboard.layout);

/** The same in the first schema. What that cannot say is named: tabs become rows, nothing is hidden by a condition. */
export function fromSecondSchema(spec: JsonRecord): { dashboard: JsonRecord; notices: string[] } {
  const elements = mapValues(asRecord(spec['elements']), panelOf);
  const { panels, notices } = gridOf(spec.layout, elements);
  const { title, description, tags, editable, liveNow, preload, links } = spec;
  const dashboard = {
    ...{ title, description, tags, editable, liveNow, preload, links, panels },
    ...timeOf(asRecord(spec['timeSettings'])),
    schemaVersion: 39,
    graphTooltip: { Crosshair: 1, Tooltip: 2 }[textOf(spec, 'cursorSync')] ?? 0,
    templating: { list: objectsIn(spec.variables).map(variableOf) },
    annotations: { list: objectsIn(spec.annotations).map(annotationOf) },
  };
  return { dashboard, notices };
}

const specOf = (kind: unknown): JsonRecord => asRecord(asRecord(kind).spec);

function timeOf({ from, to, autoRefresh, autoRefreshIntervals, hideTimepicker, nowDelay, ...rest }: JsonRecord) {
  const { timezone, weekStart, fiscalYearStartMonth } = rest;
  return {
    time: { from: from ?? 'now-6h', to: to ?? 'now' },
    timepicker: { hidden: hideTimepicker, refresh_intervals: autoRefreshIntervals, nowDelay },
    ...{ refresh: autoRefresh, timezone, weekStart, fiscalYearStartMonth },
  };
}

function panelOf(element: unknown): JsonRecord {
  const { id, title, description, links, transparent, libraryPanel, vizConfig, data } = specOf(element);
  if (isRecord(libraryPanel)) return { id, title, libraryPanel };
  const { options, fieldConfig } = specOf(vizConfig);
  const group = specOf(data);
  const targets = objectsIn(group.queries).map(targetOf);
  const datasources = new Set(targets.map(({ datasource }) => JSON.stringify(datasource)));
  return {
    ...{ id, title, description, links, transparent, options, fieldConfig, targets },
    // The second schema (v2alpha1) had the panel's type as the kind itself.
    type: textOf(vizConfig, 'group') || textOf(vizConfig, 'kind'),
    datasource: datasources.size === 1 ? targets[0]?.datasource : { type: 'datasource', uid: '-- Mixed --' },
    transformations: objectsIn(group.transformations).map(transformationOf),
    ...asRecord(group['queryOptions']),
  };
}

function targetOf(query: JsonRecord): JsonRecord {
  const { refId, hidden, query: inner, datasource } = specOf(query);
  return { ...queryOf(inner, datasource), refId, hide: hidden === true ? true : undefined };
}

/** `DataQuery` with its datasource's name, which is a uid; before, the kind is the datasource's type. */
function queryOf(query: unknown, before: unknown): JsonRecord & { datasource: unknown } {
  const { kind, group, datasource, spec } = asRecord(query);
  const type = kind === 'DataQuery' ? group : kind;
  const uid = textOf(datasource, 'name');
  const reference = isRecord(before) ? before : uid === '' ? { type } : { type, uid };
  return { ...asRecord(spec), datasource: reference };
}

function transformationOf(transformation: JsonRecord): JsonRecord {
  const { id, options, disabled, filter, topic } = specOf(transformation);
  return { id: id ?? transformation.group ?? transformation.kind, options, disabled, filter, topic };
}

function annotationOf(annotation: JsonRecord): JsonRecord {
  const { query, datasource, enable, hide, iconColor, name, builtIn, filter, legacyOptions } = specOf(annotation);
  const { datasource: reference, ...target } = queryOf(query, datasource);
  const shown = { ...asRecord(legacyOptions), enable, hide, iconColor, name, filter };
  return { ...shown, datasource: reference, target, builtIn: builtIn === true ? 1 : 0, type: target.type };
}

const HIDE: Readonly<Record<string, number>> = { dontHide: 0, hideLabel: 1, hideVariable: 2 };
const REFRESH: Readonly<Record<string, number>> = {
  never: 0,
  onDashboardLoad: 1,
  load: 1,
  onTimeRangeChanged: 2,
  time: 2,
};
const SORTS = ['disabled', 'alphabeticalAsc', 'alphabeticalDesc', 'numericalAsc', 'numericalDesc'];
const MORE_SORTS = ['alphabeticalCaseInsensitiveAsc', 'alphabeticalCaseInsensitiveDesc', 'naturalAsc', 'naturalDesc'];
const TYPES: Readonly<Record<string, string>> = { TextVariable: 'textbox', AdhocVariable: 'adhoc' };

function variableOf(variable: JsonRecord): JsonRecord {
  const kind = textOf(variable, 'kind');
  const { hide, refresh, sort, pluginId, query, datasource, ...rest } = specOf(variable);
  const type = TYPES[kind] ?? kind.replace(/Variable$/, '').toLowerCase();
  const common = { ...rest, type, hide: HIDE[`${hide}`] ?? 0 };
  if (kind === 'QueryVariable') {
    const { datasource: reference, ...asked } = queryOf(query, datasource);
    return {
      ...common,
      datasource: reference,
      query: asked.__legacyStringValue ?? asked,
      refresh: REFRESH[`${refresh}`] ?? 1,
      sort: Math.max(0, [...SORTS, ...MORE_SORTS].indexOf(`${sort}`)),
    };
  }
  if (kind === 'DatasourceVariable') return { ...common, query: pluginId, refresh: 1 };
  if (kind === 'AdhocVariable' || kind === 'GroupByVariable') {
    return { ...common, datasource: queryOf({ ...variable, kind: 'DataQuery', spec: {} }, datasource).datasource };
  }
  return { ...common, query, ...(kind === 'IntervalVariable' ? { refresh: 2 } : {}) };
}
