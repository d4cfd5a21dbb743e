import type { Labels } from './answers.ts';

/**
 * What tells each of some series from the others: the value of the one label that differs, or `name{a="b"}` with all
 * that differ; what all have in common is left out. Pure.
 */
export const seriesNames = (all: readonly Labels[]): string[] => {
  const [first] = all;
  const isShared = (name: string) => all.length > 1 && all.every((labels) => labels[name] === first?.[name]);
  const telling = [...new Set(all.flatMap(Object.keys))].filter((name) => !isShared(name)).sort();
  const [only] = telling;
  return all.map((labels) =>
    telling.length === 1 && only !== undefined && only !== '__name__'
      ? (labels[only] ?? '') || '{}'
      : selectorText(Object.fromEntries(Object.entries(labels).filter(([name]) => telling.includes(name)))),
  );
};

/** `name{a="b"}`, as Prometheus writes the labels of a series. */
export const selectorText = ({ __name__: name = '', ...labels }: Labels): string => {
  const pairs = Object.keys(labels).sort();
  const inside = pairs.map((label) => `${label}=${JSON.stringify(labels[label])}`).join(', ');
  return inside === '' && name !== '' ? name : `${name}{${inside}}`;
};

/** A legend of Grafana's: `{{label}}` is its value. Source: Grafana's documentation of the Prometheus query editor. */
export const legendText = (legend: string, labels: Labels): string =>
  legend.replace(/\{\{\s*([^{}]+?)\s*\}\}/g, (_, name: string) => labels[name] ?? '');
