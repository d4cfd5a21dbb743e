import { parser } from '@prometheus-io/lezer-promql';

/** The first place where a query is no PromQL, with Grafana's range variable resolved; `undefined`: it is. */
export const syntaxError = (query: string): string | undefined => {
  const expr = query.replaceAll('$__rate_interval', '1m');
  let wrong: string | undefined;
  parser.parse(expr).iterate({
    enter: (node) => {
      if (node.type.isError) wrong ??= expr.slice(node.from);
    },
  });
  return wrong;
};
