import { serving, usable } from './causes-answer.ts';
import { correct } from './change.ts';
import type { Rule } from './rule.ts';

/** It sends Prometheus elsewhere, and what was heard was heard there. Pure. */
export const byRedirect: Rule = (evidence) => {
  const { answer, endpoint } = evidence;
  if (answer?.ok !== false || answer.redirectedTo === undefined) return undefined;
  const cause = `${endpoint.metrics_path} ${answer.reason}`;
  const found = serving(evidence);
  if (found !== undefined) {
    return {
      code: 'wrong-path',
      cause: `${cause}; ${usable(found)}`,
      remedy: correct(evidence, { metrics_path: found.endpoint.metrics_path }),
    };
  }
  return {
    code: 'redirected',
    cause,
    remedy:
      'let the program serve its metrics without that redirect, or name the address and the path at which it does',
  };
};
