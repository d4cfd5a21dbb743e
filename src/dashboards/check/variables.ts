import { asRecord, type JsonRecord, objectsIn, textOf } from '../../json.ts';

/** A variable with the value that it has when the dashboard is opened. */
export interface Variable {
  name: string;
  values: readonly string[];
  /** Several values can be chosen, so that they stand as a regular expression in a query. */
  multi: boolean;
  /** Stands for all values as it is written. */
  allValue?: string;
  problem?: VariableProblem;
}

export type VariableProblem =
  | { kind: 'regex'; regex: string; values: readonly string[] }
  | { kind: 'query'; query: string };

export type VariableQuery =
  | { kind: 'label-values'; label: string; selector?: string }
  | { kind: 'label-names'; selector?: string }
  | { kind: 'metrics'; regex: string }
  | { kind: 'query-result'; expr: string }
  | { kind: 'series'; selector: string };

const ALL = '$__all';

export const variablesOf = (dashboard: JsonRecord): JsonRecord[] =>
  objectsIn(asRecord(dashboard['templating'])['list']);

/** The text that a variable's options are asked with; empty where there is none. Newer dashboards have it in an object. */
export const queryTextOf = (variable: JsonRecord): string => {
  const { query } = variable;
  return typeof query === 'string'
    ? query
    : textOf(query, 'query') || textOf(query, 'expr') || textOf(variable, 'definition');
};

/** Source: the Prometheus datasource's `metric_find_query.ts`, and Grafana's page on template variables. */
export const parseVariableQuery = (text: string): VariableQuery => {
  const query = text.trim();
  const [, selector, label] = /^label_values\((?:([\s\S]*),)?\s*([^,\s]+)\s*\)$/.exec(query) ?? [];
  if (label !== undefined) return { kind: 'label-values', label, selector: selector?.trim() || undefined };
  const [, called, inside = ''] = /^(label_names|metrics|query_result)\(([\s\S]*)\)$/.exec(query) ?? [];
  if (called === 'label_names') return { kind: 'label-names', selector: inside.trim() || undefined };
  if (called === 'metrics') return { kind: 'metrics', regex: inside };
  return called === undefined ? { kind: 'series', selector: query } : { kind: 'query-result', expr: inside };
};

/** A variable from what its query gives, or without one. `options`: of a query variable or a datasource variable, unfiltered; of an interval, what `auto` is. */
export const variableFrom = (variable: JsonRecord, options: readonly string[] | undefined): Variable => {
  const [name, type] = [textOf(variable, 'name'), textOf(variable, 'type')];
  const multi = variable['multi'] === true || variable['includeAll'] === true;
  const base = { name, multi: type === 'query' || type === 'custom' || type === 'datasource' ? multi : false };
  if (type === 'constant') return { ...base, values: [queryTextOf(variable) || (currentOf(variable)[0] ?? '')] };
  if (type === 'textbox') return { ...base, values: [currentOf(variable)[0] ?? queryTextOf(variable)] };
  if (type === 'interval') return { ...base, values: [intervalOf(variable, options)] };
  const offered = type === 'custom' ? customOptions(queryTextOf(variable)) : options;
  if (offered === undefined) return { ...base, values: currentOf(variable).filter((value) => value !== ALL) };
  const regex = textOf(variable, 'regex');
  const values = type === 'custom' ? [...offered] : sorted(filtered(offered, regex), variable['sort']);
  if (values.length === 0) {
    const query = queryTextOf(variable);
    const fitsNone = { kind: 'regex', regex, values: offered.slice(0, 3) } as const;
    return { ...base, values: [], problem: offered.length > 0 ? fitsNone : { kind: 'query', query } };
  }
  const chosen = currentOf(variable);
  const kept = chosen.filter((value) => values.includes(value));
  const isAll = variable['includeAll'] === true && (chosen.includes(ALL) || kept.length === 0);
  if (!isAll) return { ...base, values: kept.length === 0 ? values.slice(0, 1) : kept };
  return { ...base, values, allValue: textOf(variable, 'allValue') || undefined };
};

/** The value that was saved: texts, `$__all` among them. */
export const currentOf = (variable: JsonRecord): string[] => {
  const { value } = asRecord(variable['current']);
  return [value].flat().flatMap((one) => (typeof one === 'string' ? [one] : typeof one === 'number' ? [`${one}`] : []));
};

/** `a,b` and `Label : value`; a comma with a backslash before it is part of the value. */
const customOptions = (query: string): string[] =>
  query
    .split(/(?<!\\),/)
    .map((part) => part.replaceAll('\\,', ',').trim())
    .map((part) => /^.+\s:\s(.+)$/.exec(part)?.[1] ?? part)
    .filter((part) => part !== '');

const intervalOf = (variable: JsonRecord, [auto = '']: readonly string[] = []): string => {
  const [chosen] = currentOf(variable);
  if (chosen?.startsWith('$__auto')) return auto;
  return chosen ?? customOptions(queryTextOf(variable))[0] ?? '1m';
};

/** A regular expression, plain or between slashes, keeps what it matches; a group in it, named `value` or the first, is the value. */
const filtered = (options: readonly string[], regex: string): string[] => {
  const pattern = patternOf(regex);
  if (pattern === undefined) return [...new Set(options)];
  const kept = options.flatMap((option) => {
    const match = pattern.exec(option);
    pattern.lastIndex = 0;
    if (match === null) return [];
    return [match.groups?.['value'] ?? match.groups?.['text'] ?? match[1] ?? option];
  });
  return [...new Set(kept)];
};

/** As Grafana reads one: between slashes with flags, or plain and anchored; `undefined` for none, and for one that is wrong. */
export const patternOf = (regex: string): RegExp | undefined => {
  if (regex === '') return undefined;
  const [, body, flags] = /^\/([\s\S]*)\/([a-z]*)$/.exec(regex) ?? [];
  try {
    return body === undefined ? new RegExp(`^${regex}$`) : new RegExp(body, flags?.replaceAll(/[^dgimsuvy]/g, ''));
  } catch {
    return undefined;
  }
};

/** Source: `VariableSort` of @grafana/schema: pairs of ascending and descending, by letters, numbers, letters in any case, natural. */
const sorted = (values: string[], sort: unknown): string[] => {
  const kind = typeof sort === 'number' ? sort : 0;
  if (kind < 1 || kind > 8) return values;
  const number = (text: string): number => Number(/\d+(?:\.\d+)?/.exec(text)?.[0] ?? -1);
  const compare = [
    (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0),
    (a: string, b: string) => number(a) - number(b),
    (a: string, b: string) => a.toLowerCase().localeCompare(b.toLowerCase()),
    (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true }),
  ][Math.floor((kind - 1) / 2)];
  const ordered = values.sort(compare);
  return kind % 2 === 0 ? ordered.reverse() : ordered;
};
