/** A series that one answer has more than once. */
export interface Duplicate {
  /** As its first line writes it: `http_requests_total{code="200"}`. */
  series: string;
  times: number;
}

/** `name{labels}` and `value [timestamp]`; quotes inside the braces may hide a brace. */
const SAMPLE = /^\s*([^\s{#"]*)\s*(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})?\s*(\S+)(?:\s+(-?[\d.]+))?/;
const LABEL = /\s*("(?:[^"\\]|\\.)*"|[^\s=,"]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"))?\s*,?/g;

/**
 * Series that come twice in one answer with the same timestamp or none, sorted by how often. Pure.
 * Prometheus keeps the first of them and drops the others while the target stays up: 3.x counts them in
 * `prometheus_target_scrapes_sample_duplicate_timestamp_total` and warns in its log, 2.42 does neither (measured on
 * 3.13.2 and 2.42.0). The body has to be one that parses.
 */
export const findDuplicates = (body: string): Duplicate[] => {
  const seen = new Map<string, Duplicate>();
  for (const line of body.split('\n')) {
    const match = /^\s*(?:#|$)/.test(line) ? null : SAMPLE.exec(line);
    if (match === null) continue;
    const [, name = '', labels, , timestamp = ''] = match;
    const key = JSON.stringify([name, sortedLabels(labels ?? ''), timestamp]);
    const known = seen.get(key);
    if (known === undefined) seen.set(key, { series: labels ? `${name}{${labels}}` : name, times: 1 });
    else known.times += 1;
  }
  return [...seen.values()].filter(({ times }) => times > 1).sort((a, b) => b.times - a.times);
};

const sortedLabels = (labels: string): string =>
  [...labels.matchAll(LABEL)]
    .map(([, name = '', value = '']) => `${name.replace(/^"(.*)"$/, '$1')}=${value}`)
    .sort()
    .join(',');
