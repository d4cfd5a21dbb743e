/** What Grafana resolves to a range that holds at least two scrapes. */
export const RATE_INTERVAL = '$__rate_interval';

const PLAIN_METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const PLAIN_LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** A PromQL string. A dollar is escaped too, so that Grafana puts no variable in its place. */
export const quote = (text: string): string =>
  `"${text
    .replace(/[\\"]/g, '\\$&')
    .replace(/\n/g, '\\n')
    .replace(/\$/g, '\\x24')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: PromQL takes them escaped alone
    .replace(/[\u0000-\u001f\u007f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`;

/** A label's name where PromQL expects one; one with other characters is quoted (UTF-8 names, from Prometheus 3). */
export const labelName = (name: string): string => (PLAIN_LABEL.test(name) ? name : quote(name));

/** `x{a="b"}`; a name with other characters goes inside: `{"my.metric",a="b"}`. */
export const selector = (metric: string, matchers: readonly string[]): string => {
  if (!PLAIN_METRIC.test(metric)) return `{${[quote(metric), ...matchers].join(',')}}`;
  return matchers.length === 0 ? metric : `${metric}{${matchers.join(',')}}`;
};

/** As a UTF-8 name is written where those are not known: `http.server.request.duration` with underscores. */
export const plainName = (name: string): string => name.replaceAll('.', '_');

/** `code=~"5.."` */
export const matcher = (label: string, operator: '=' | '!=' | '=~' | '!~', value: string): string =>
  `${labelName(label)}${operator}${quote(value)}`;

/** ` by (a)`; empty where there is nothing to group by. */
export const by = (...labels: readonly string[]): string =>
  labels.length === 0 ? '' : ` by (${labels.map(labelName).join(', ')})`;

/** `sum by (a) (x)`, `sum(x)` */
export const aggregate = (operator: string, labels: readonly string[], expr: string): string =>
  labels.length === 0 ? `${operator}(${expr})` : `${operator}${by(...labels)} (${expr})`;

/**
 * A query as Grafana sends it, with the variables that generated dashboards use resolved. `rateInterval`: a Prometheus
 * duration; `job` and `instance`: regular expressions, absent: all.
 */
export const resolveVariables = (
  expr: string,
  { rateInterval, job = '.+', instance = '.+' }: { rateInterval: string; job?: string; instance?: string },
): string =>
  expr
    .replaceAll(RATE_INTERVAL, () => rateInterval)
    .replaceAll('$job', () => job)
    .replaceAll('$instance', () => instance);
