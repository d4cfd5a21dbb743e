import { MonitorError, mistake } from '../errors.ts';
import { text } from '../json.ts';
import { field } from './answers.ts';

/**
 * Prometheus's refusal of an expression, for a person: the line that it breaks at, with a caret below the place.
 * `wrong-expression` (exit code 2) where it cannot be evaluated as it is written, `query-failed` where Prometheus gave
 * up on it; `undefined` where the body is not such a refusal. Source of the error types: web/api/v1/api.go. Pure.
 */
export const queryRefusal = (expression: string, body: unknown): MonitorError | undefined => {
  const type = text(field(body, 'errorType'));
  const words = text(field(body, 'error')).replace(/^invalid parameter "query": /, '');
  if (words === '') return undefined;
  if (type === 'bad_data' || type === 'execution') {
    const { reason, place } = placed(expression, words);
    return mistake({
      code: 'wrong-expression',
      message: `The expression is wrong: ${reason}`,
      detail: place,
    });
  }
  return new MonitorError({
    code: 'query-failed',
    message: `Prometheus gave up on the expression: ${words}`,
    detail: expression.split('\n'),
    suggestion: 'ask for a shorter range or fewer series',
  });
};

const PLACE = /^(?:(\d+):(\d+)|unknown position): parse error: ([\s\S]*)$/;

/** Prometheus counts lines and the bytes of a line, both from 1. Source: ParseErr in promql/parser/parse.go. */
const placed = (expression: string, words: string): { reason: string; place: string[] } => {
  const [, line, column, reason] = PLACE.exec(words) ?? [];
  // Each tab is one column, as the caret counts it.
  const written = expression.replaceAll('\t', ' ').split('\n');
  const at = written[Number(line) - 1];
  if (at === undefined || reason === undefined) return { reason: reason ?? words, place: written.filter(Boolean) };
  const before = Buffer.from(at)
    .subarray(0, Number(column) - 1)
    .toString();
  return { reason, place: [at, `${' '.repeat(before.length)}^`] };
};
