import type { ListedDatasource } from '../../grafana/datasources.ts';
import { type JsonRecord, number, textOf } from '../../json.ts';
import type { Labels } from '../../prometheus/answers.ts';
import type { PrometheusClient, TimeRange } from '../../prometheus/client.ts';
import { type CheckContext, placeOf } from './context.ts';
import { fillQuery, referencesIn } from './interpolate.ts';
import { autoInterval } from './intervals.ts';
import {
  currentOf,
  parseVariableQuery,
  patternOf,
  queryTextOf,
  type Variable,
  type VariableQuery,
  variableFrom,
  variablesOf,
} from './variables.ts';

/** The variables as they are when the dashboard is opened: each is asked for after those that its query names. */
export const resolveVariables = async (
  dashboard: JsonRecord,
  range: TimeRange,
  context: CheckContext,
): Promise<Map<string, Variable>> => {
  const resolved = new Map<string, Variable>();
  const waiting = variablesOf(dashboard);
  const names = new Set(waiting.map((variable) => textOf(variable, 'name')));
  const isReady = (variable: JsonRecord) =>
    referencesIn(`${queryTextOf(variable)} ${textOf(variable['datasource'], 'uid')}`).every(
      (name) => !names.has(name) || resolved.has(name) || name === textOf(variable, 'name'),
    );
  while (waiting.length > 0) {
    // Where they name each other in a circle, the first one goes first.
    const [variable] = waiting.splice(Math.max(0, waiting.findIndex(isReady)), 1);
    if (variable === undefined) break;
    const options = await optionsOf(variable, resolved, range, context);
    resolved.set(textOf(variable, 'name'), variableFrom(variable, options));
  }
  return resolved;
};

/** What a variable can be, before its regular expression is applied; `undefined` where that is not asked, and the saved value stands. */
const optionsOf = async (
  variable: JsonRecord,
  variables: ReadonlyMap<string, Variable>,
  range: TimeRange,
  context: CheckContext,
): Promise<string[] | undefined> => {
  const type = textOf(variable, 'type');
  if (type === 'datasource') {
    return context.datasources === undefined ? undefined : datasourceOptions(variable, context.datasources);
  }
  if (type === 'interval')
    return [autoInterval(range, number(variable['auto_count']) || 30, textOf(variable, 'auto_min') || '10s')];
  if (type !== 'query') return undefined;
  const values = { variables, own: new Map([['__range', `${Math.round(range.end - range.start)}s`]]) };
  if (placeOf(variable['datasource'], values, context) !== 'ours') return undefined;
  const isKept = variable['refresh'] === 0 && currentOf(variable).some((value) => value !== '');
  if (isKept) return undefined;
  return answerTo(parseVariableQuery(fillQuery(queryTextOf(variable), values)), range, context.prometheus);
};

/** By uid where the variable holds one, as newer dashboards do, else by name. */
const datasourceOptions = (variable: JsonRecord, datasources: readonly ListedDatasource[]): string[] => {
  const [chosen] = currentOf(variable);
  const ofType = datasources.filter(({ type }) => type === queryTextOf(variable));
  const isUid = ofType.some(({ uid }) => uid === chosen);
  const ordered = ofType.sort((a, b) => Number(b.isDefault) - Number(a.isDefault));
  return [...ordered.map(({ uid, name }) => (isUid ? uid : name)), ...(chosen === 'default' ? ['default'] : [])];
};

const answerTo = async (query: VariableQuery, range: TimeRange, prometheus: PrometheusClient): Promise<string[]> => {
  const selectors = 'selector' in query && query.selector !== undefined ? [query.selector] : [];
  switch (query.kind) {
    case 'label-values':
      return prometheus.labelValues(query.label, selectors, range);
    case 'label-names':
      return prometheus.labelNames(selectors, range);
    case 'metrics': {
      const pattern = patternOf(`/${query.regex}/`);
      const names = await prometheus.labelValues('__name__', [], range);
      return names.filter((name) => pattern?.test(name) ?? false);
    }
    case 'query-result': {
      const { series } = await prometheus.query(query.expr, range.end);
      return series.flatMap(({ labels, samples: [sample] }) =>
        sample === undefined ? [] : [`${seriesText(labels)} ${sample[1]} ${Math.round(sample[0] * 1000)}`],
      );
    }
    case 'series':
      return (await prometheus.series(selectors, range)).map(seriesText);
  }
};

/** As Grafana writes a series for a variable. Source: `getOriginalMetricName` of the Prometheus datasource. */
const seriesText = ({ __name__: name = '', ...labels }: Labels): string =>
  `${name}{${Object.entries(labels)
    .map(([label, value]) => `${label}="${value}"`)
    .join(',')}}`;
