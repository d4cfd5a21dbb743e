/** A path with a query, as Prometheus takes the two: `/m?format=prometheus` -> `/m` and its parameters. Pure. */
export const splitQuery = (text: string): { metrics_path: string; params: Record<string, string[]> } => {
  const [path = '', ...rest] = text.split('?');
  const query = new URLSearchParams(rest.join('?'));
  return {
    metrics_path: path,
    params: Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name)])),
  };
};

/** The same as keys of an entry of `scrape_configs`, for a person. Pure. */
export const queryAsKeys = (text: string): string => {
  const { metrics_path, params } = splitQuery(text);
  const entries = Object.entries(params).map(([name, values]) => `${plain(name)}: [${values.map(plain).join(', ')}]`);
  return `metrics_path: ${metrics_path}, params: {${entries.join(', ')}}`;
};

const plain = (text: string): string => (/^[a-z][\w.-]*$/i.test(text) ? text : JSON.stringify(text));

/** A `metrics_path` in a URL as Prometheus writes it, which takes all of it for a path. Pure. */
export const pathInUrl = (path: string): string => encodeURI(path).replaceAll('?', '%3F');
