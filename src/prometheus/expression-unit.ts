import { COUNT, unitOf } from '../metrics/unit.ts';
import { selectorNodes } from './selectors.ts';

/** These change the number of series, or choose among values, and not what they measure. */
const KEEPING =
  /^(?:sum|avg|min|max|topk|bottomk|quantile|sort\w*|abs|clamp\w*|label_\w+|(?:avg|min|max|last|quantile)_over_time|histogram_quantile|increase|delta)$/;
const RATES = /^(?:rate|irate|deriv)$/;
/** Nodes of the grammar that stand between functions and selectors. */
const BETWEEN = /^(?:PromQL|FunctionCallBody|ParenExpr|MatrixSelector|OffsetExpr|SubqueryExpr|StepInvariantExpr)$/;

/**
 * The unit of what an expression gives, as Grafana's id, where it is about one metric whose name says it and does
 * nothing that changes it but a rate; else empty. Pure.
 */
export const unitOfExpression = (expression: string): string => {
  const [selector, ...others] = selectorNodes(expression);
  const name = selector?.getChild('Identifier');
  if (selector === undefined || others.length > 0 || !name) return '';
  const metric = expression.slice(name.from, name.to);
  const functions: string[] = [];
  for (let node = selector.parent; node !== null; node = node.parent) {
    const named = node.getChild('FunctionIdentifier') ?? node.getChild('AggregateOp');
    if (named !== null) functions.push(expression.slice(named.from, named.to));
    else if (!BETWEEN.test(node.name)) return '';
  }
  const rates = functions.filter((called) => RATES.test(called)).length;
  if (rates > 1 || !functions.every((called) => KEEPING.test(called) || RATES.test(called))) return '';
  const observations = /_count$/.test(metric) || (/_bucket$/.test(metric) && !functions.includes('histogram_quantile'));
  const unit = observations ? COUNT : unitOf(metric);
  if (rates === 0 || functions.includes('histogram_quantile')) return unit.value;
  return unit.perRate === undefined ? unit.rate : '';
};
