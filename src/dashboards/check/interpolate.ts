import type { Variable } from './variables.ts';

/** `$name`, `[[name]]`, `[[name:format]]`, `${name}`, `${name.field}` and `${name:format}`. Source: Grafana's "Variable syntax". */
const REFERENCE = /\$(\w+)|\[\[(\w+)(?::(\w+))?\]\]|\$\{(\w+)(?:\.[^:}]+)?(?::([^}]+))?\}/g;

export const referencesIn = (text: string): string[] =>
  [...text.matchAll(REFERENCE)].map(([, plain, square, , braces]) => plain ?? square ?? braces ?? '');

export interface Values {
  variables: ReadonlyMap<string, Variable>;
  /** Grafana's own, and the value that a repeated panel is for: these as they are. */
  own: ReadonlyMap<string, string>;
}

/** Fills variables into PromQL as the Prometheus datasource does: several values as a regular expression. */
export const fillQuery = (text: string, values: Values): string => fill(text, values, 'promql');

/** Fills variables into any other text, such as a datasource's uid: several values as `a,b`. */
export const fillText = (text: string, values: Values): string => fill(text, values, 'csv');

const fill = (text: string, { variables, own }: Values, otherwise: string): string => {
  const once = text.replace(REFERENCE, (whole, plain, square, squareFormat, braces, format) => {
    const name: string = plain ?? square ?? braces;
    const value = own.get(name);
    if (value !== undefined) return value;
    const variable = variables.get(name);
    return variable === undefined ? whole : formatted(variable, squareFormat ?? format ?? otherwise);
  });
  // What an interval variable holds may be Grafana's own.
  return once === text || !/\$(__\w+|\{__)/.test(once) ? once : fill(once, { variables: new Map(), own }, otherwise);
};

const formatted = ({ values, multi, allValue }: Variable, format: string): string => {
  if (allValue !== undefined) return allValue;
  switch (format) {
    case 'promql':
      return multi ? oneOf(values.map(escapedTwice)) : values.map((value) => value.replaceAll("'", "\\\\'")).join(',');
    case 'regex':
      return oneOf(values.map(escaped));
    case 'pipe':
      return values.join('|');
    case 'glob':
      return values.length === 1 ? (values[0] ?? '') : `{${values.join(',')}}`;
    case 'doublequote':
      return values.map((value) => `"${value.replaceAll('"', '\\"')}"`).join(',');
    case 'singlequote':
      return values.map((value) => `'${value.replaceAll("'", "\\'")}'`).join(',');
    default:
      return values.join(',');
  }
};

const oneOf = (values: readonly string[]): string =>
  values.length === 1 ? (values[0] ?? '') : `(${values.join('|')})`;

const escaped = (value: string): string => value.replace(/[\\^$*+?.()|[\]{}/]/g, '\\$&');
/** In a string of PromQL a backslash is written twice. */
const escapedTwice = (value: string): string =>
  value.replaceAll('\\', '\\\\\\\\').replace(/[$^*{}[\]'+?.()|]/g, '\\\\$&');
