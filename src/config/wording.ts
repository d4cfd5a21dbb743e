import type { core } from 'zod/mini';
import { keysAt } from './schema.ts';
import { closest } from './suggest.ts';
import { kindOf, quoted, shorten } from './words.ts';
import type { Path } from './yaml-source.ts';

/** A rule of the schema that the file breaks. `at`: whether the key or its value is the culprit. */
export interface ShapeProblem {
  path: Path;
  at: 'key' | 'value';
  message: string;
}

/** The words for the wrong types that no rule of the schema words itself. */
export function wordIssue(issue: core.$ZodRawIssue): string | undefined {
  if (issue.code !== 'invalid_type') return undefined;
  if (issue.expected === 'object' || issue.expected === 'record')
    return `must be a mapping (\`key: value\`), not ${kindOf(issue.input)}`;
  if (issue.expected === 'array') return `must be a list, not ${kindOf(issue.input)}`;
  return undefined;
}

/** One problem for each key and value that is wrong. */
export function shapeProblems(issues: readonly core.$ZodIssue[], above: Path = []): ShapeProblem[] {
  return issues.flatMap((issue): ShapeProblem[] => {
    const path = [...above, ...issue.path];
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key) => ({ path: [...path, key], at: 'key', message: unknownKey(key, path) }));
      case 'invalid_key':
        return [{ path, at: 'key', message: issue.issues[0]?.message ?? issue.message }];
      case 'invalid_union':
        return unionProblems(issue, path);
      default:
        return [{ path, at: 'value', message: issue.message }];
    }
  });
}

/** A union is told by its type: of a mapping that is wrong inside, the inside is reported. */
function unionProblems(issue: core.$ZodIssueInvalidUnion, path: Path): ShapeProblem[] {
  const ofItsType = issue.errors.find(
    (errors) => !errors.some(({ code, path: inner }) => code === 'invalid_type' && inner.length === 0),
  );
  if (ofItsType !== undefined) return shapeProblems(ofItsType, path);
  const message =
    path[0] === 'targets' && path.length === 2 ? (issue.errors[0]?.[0]?.message ?? issue.message) : issue.message;
  return [{ path, at: 'value', message }];
}

function unknownKey(key: string, path: Path): string {
  const keys = keysAt(path);
  const likely = closest(key, keys);
  if (likely !== undefined) return `is no key of monitor.yml: did you mean \`${likely}\`?`;
  const colon = path[0] === 'targets' ? ' (in HOST:PORT, no space after the colon)' : '';
  return `is no key of monitor.yml${colon}; here go ${keys.map((known) => `\`${known}\``).join(', ')}`;
}

/** `path` as in `targets[1].labels.team`. */
export const pathText = (path: Path): string =>
  path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    const name = /^[\w-]+$/.test(String(step)) ? shorten(String(step), 60) : quoted(String(step));
    return text === '' ? name : `${text}.${name}`;
  }, '');
