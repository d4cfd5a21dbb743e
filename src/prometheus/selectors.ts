import { parser } from '@prometheus-io/lezer-promql';

export interface Matcher {
  label: string;
  operator: '=' | '!=' | '=~' | '!~';
  value: string;
}

/** A selector of an expression. */
export interface Selector {
  /** As it is written, without a range: `up{job="a"}`. */
  text: string;
  /** Empty where no single name is asked for. */
  metric: string;
  matchers: readonly Matcher[];
  /** Of a range selector, as it is written: `5m`. */
  range?: string;
  /** The function over the range: `rate`. */
  over?: string;
}

type Node = ReturnType<typeof parser.parse>['topNode'];

/** The selectors of an expression in the order in which they stand; of a wrong one, what can be read of it. Pure. */
export const selectorsOf = (expression: string): Selector[] =>
  selectorNodes(expression).map((node) => toSelector(node, expression));

/** The selectors in the tree of an expression. */
export const selectorNodes = (expression: string): Node[] => {
  const found: Node[] = [];
  parser.parse(expression).iterate({
    enter: ({ node }) => {
      if (node.name === 'VectorSelector') found.push(node);
    },
  });
  return found;
};

const toSelector = (node: Node, expression: string): Selector => {
  const text = textOf(node, expression);
  const matchers = node.getChildren('LabelMatchers').flatMap((list) => readMatchers(list, expression));
  const name = node.getChild('Identifier');
  const named = matchers.find(({ label, operator }) => label === '__name__' && operator === '=')?.value;
  const { parent } = node;
  const isRange = parent?.name === 'MatrixSelector' || parent?.name === 'SubqueryExpr';
  return {
    text,
    metric: name === null ? (named ?? '') : textOf(name, expression),
    matchers: matchers.filter(({ label }) => label !== '__name__'),
    range: isRange ? rangeOf(textOf(parent, expression).slice(text.length)) : undefined,
    over: isRange ? functionOver(parent, expression) : undefined,
  };
};

const readMatchers = (list: Node, expression: string): Matcher[] => {
  const found: Matcher[] = [];
  for (let child = list.firstChild; child !== null; child = child.nextSibling) {
    // The metric's name in quotes: {"my.metric"}
    if (child.name === 'QuotedLabelName') {
      found.push({ label: '__name__', operator: '=', value: unquoted(textOf(child, expression)) });
      continue;
    }
    const [label, operator, value] = [child.firstChild, child.getChild('MatchOp'), child.lastChild];
    const sign = operator === null ? '' : textOf(operator, expression);
    if (label === null || value === null || !isOperator(sign)) continue;
    const name = textOf(label, expression);
    found.push({
      label: /^["']/.test(name) ? unquoted(name) : name,
      operator: sign,
      value: unquoted(textOf(value, expression)),
    });
  }
  return found;
};

const isOperator = (text: string): text is Matcher['operator'] => ['=', '!=', '=~', '!~'].includes(text);

/** `[5m:1m] offset 1h` -> `5m` */
const rangeOf = (text: string): string | undefined => /^\s*\[\s*([^\]:]+?)\s*[\]:]/.exec(text)?.[1];

const functionOver = (range: Node, expression: string): string | undefined => {
  for (let node = range.parent; node !== null; node = node.parent) {
    const name = node.name === 'FunctionCall' ? node.getChild('FunctionIdentifier') : null;
    if (name !== null) return textOf(name, expression);
  }
  return undefined;
};

const textOf = ({ from, to }: { from: number; to: number }, expression: string): string => expression.slice(from, to);

/** A string of PromQL: Go's escapes in double and single quotes, none in backquotes. */
const unquoted = (text: string): string => {
  if (text.startsWith('`')) return text.slice(1, -1);
  const named: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };
  return text.slice(1, -1).replace(/\\(.)/g, (_, char: string) => named[char] ?? char);
};
