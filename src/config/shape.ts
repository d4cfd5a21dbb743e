import { closest } from './suggest.ts';
import type { Rule } from './values.ts';
import { isRecord, kindOf, quoted, shorten } from './words.ts';

/**
 * Shapes of values: each checks a value and describes itself to editors. A schema library would do both, and be built
 * again at each start of the program: that alone took as long as the engine's answers.
 */
export interface Shape<T> {
  /** Everything that is wrong with the value at `path`; nothing where it is a `T`. */
  problems: (value: unknown, path: Path) => ShapeProblem[];
  /** JSON Schema, draft-07. */
  json: JsonSchema;
  /** For the compiler alone. */
  type?: T;
}

/** Steps from the top of the file to a value: keys and list positions. */
export type Path = readonly (string | number)[];

export interface ShapeProblem {
  path: Path;
  /** Whether the key is wrong, or its value. */
  at: 'key' | 'value';
  message: string;
}

export type JsonSchema = Record<string, unknown>;

/** The type of what has this shape. */
export type Of<S> = S extends Shape<infer T> ? T : never;

/** `value` as what it has the shape of, or everything that is wrong with it. */
export function check<T>(
  shape: Shape<T>,
  value: unknown,
  path: Path = [],
): { value: T; problems?: never } | { value?: never; problems: ShapeProblem[] } {
  const problems = shape.problems(value, path);
  const isGood = (checked: unknown): checked is T => checked === value && problems.length === 0;
  return isGood(value) ? { value } : { problems };
}

/** `path` as in `targets[1].labels.team`. */
export const pathText = (path: Path): string =>
  path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    const name = /^[\w-]+$/.test(step) ? shorten(step, 60) : quoted(step);
    return text === '' ? name : `${text}.${name}`;
  }, '');

/** A problem as a line: where and what. */
export const problemText = ({ path, message }: Pick<ShapeProblem, 'path' | 'message'>): string =>
  path.length === 0 ? message : `${pathText(path)}: ${message}`;

/** What is wrong with a value of another type than `expected`. */
export function mismatch(expected: string, value: unknown): string {
  if (value === undefined) return `is missing: it must be ${expected}`;
  return value === null ? `has no value: it must be ${expected}` : `must be ${expected}, not ${kindOf(value)}`;
}

/** A single value; `problem` says what is wrong with it. */
export const scalar = <T>(problem: (value: unknown) => string | undefined, json: JsonSchema): Shape<T> => ({
  json,
  problems: (value, path) => {
    const message = problem(value);
    return message === undefined ? [] : [{ path, at: 'value', message }];
  },
});

/** A text that keeps to `rule`; `expected` says in words what a value of another type should have been. */
export const text = (expected: string, rule: Rule, json: JsonSchema): Shape<string> =>
  scalar((value) => (typeof value === 'string' ? rule(value) : mismatch(expected, value)), { type: 'string', ...json });

export const flag = (json: JsonSchema): Shape<boolean> =>
  scalar((value) => (typeof value === 'boolean' ? undefined : mismatch('true or false', value)), {
    type: 'boolean',
    ...json,
  });

/** One of a few texts. */
export const choice = <T extends string>(choices: readonly T[], json: JsonSchema): Shape<T> => {
  const expected = choices.length > 2 ? `one of ${choices.join(', ')}` : choices.join(' or ');
  return scalar(
    (value) => {
      if (choices.some((known) => known === value)) return undefined;
      const near = typeof value === 'string' ? closest(value, choices) : undefined;
      return `${mismatch(expected, value)}${near === undefined ? '' : ` (did you mean ${near}?)`}`;
    },
    { type: 'string', enum: choices, ...json },
  );
};

/** A value of the one shape or the other: of the first where it `isFirst`. */
export const either = <A, B>(
  first: Shape<A>,
  other: Shape<B>,
  isFirst: (value: unknown) => boolean,
  json: JsonSchema = {},
): Shape<A | B> => ({
  json: { anyOf: [first.json, other.json], ...json },
  problems: (value, path) => (isFirst(value) ? first : other).problems(value, path),
});

/** A value that may be left empty: a section whose every line is a comment. */
export const orNothing = <T>(shape: Shape<T>): Shape<T | null> => ({
  json: { anyOf: [shape.json, { type: 'null' }] },
  problems: (value, path) => (value === null ? [] : shape.problems(value, path)),
});

export const list = <T>(item: Shape<T>, json: JsonSchema): Shape<T[]> => ({
  json: { type: 'array', items: item.json, ...json },
  problems: (value, path) =>
    Array.isArray(value)
      ? value.flatMap((each, i) => item.problems(each, [...path, i]))
      : [{ path, at: 'value', message: mismatch('a list', value) }],
});

const notAMapping = (value: unknown, path: Path): ShapeProblem[] => [
  { path, at: 'value', message: `must be a mapping (\`key: value\`), not ${kindOf(value)}` },
];

/** A mapping with keys of the user's own, which keep to `rule`. */
export const record = <T>(rule: Rule, value: Shape<T>, json: JsonSchema): Shape<Record<string, T>> => ({
  json: { type: 'object', additionalProperties: value.json, ...json },
  problems: (mapping, path) => {
    if (!isRecord(mapping)) return notAMapping(mapping, path);
    return Object.entries(mapping).flatMap(([key, inner]): ShapeProblem[] => {
      const message = rule(key);
      const ofKey: ShapeProblem[] = message === undefined ? [] : [{ path: [...path, key], at: 'key', message }];
      return [...ofKey, ...value.problems(inner, [...path, key])];
    });
  },
});

type Shapes = Record<string, Shape<unknown>>;
type Mapping<K extends Shapes, R extends keyof K> = { [P in R]: Of<K[P]> } & { [P in Exclude<keyof K, R>]?: Of<K[P]> };

interface MappingOptions<R> {
  required?: readonly R[];
  /** Other keys than `keys` that may stand there, whatever they hold. */
  others?: RegExp;
  /** What else to say of a key that is unknown. */
  hint?: string;
}

/** A mapping with these keys and no others. */
export function mapping<K extends Shapes, R extends keyof K & string = never>(
  keys: K,
  json: JsonSchema,
  { required = [], others, hint }: MappingOptions<R> = {},
): Shape<Mapping<K, R>> {
  const shapes = new Map<string, Shape<unknown>>(Object.entries(keys));
  return {
    json: {
      type: 'object',
      properties: Object.fromEntries(Object.entries(keys).map(([key, { json }]) => [key, json])),
      ...(others && { patternProperties: { [others.source]: {} } }),
      ...(required.length > 0 && { required }),
      additionalProperties: false,
      ...json,
    },
    problems: (value, path) => {
      if (!isRecord(value)) return notAMapping(value, path);
      const missing = required.filter((key) => !Object.hasOwn(value, key));
      return [...missing, ...Object.keys(value)].flatMap((key): ShapeProblem[] => {
        const known = shapes.get(key);
        if (known !== undefined) return known.problems(value[key], [...path, key]);
        if (others?.test(key)) return [];
        return [{ path: [...path, key], at: 'key', message: unknownKey(key, [...shapes.keys()], hint) }];
      });
    },
  };
}

/** The same shape with a rule for the whole of it: each key that is wrong, and how. */
export const also = <T>(shape: Shape<T>, rule: (value: T) => [key: string, message: string][]): Shape<T> => ({
  ...shape,
  problems: (value, path) => {
    const checked = check(shape, value, path);
    return (
      checked.problems ?? rule(checked.value).map(([key, message]) => ({ path: [...path, key], at: 'value', message }))
    );
  },
});

function unknownKey(key: string, known: readonly string[], hint: string | undefined): string {
  const near = closest(key, known);
  if (near !== undefined) return `unknown key (did you mean \`${near}\`?)`;
  return `unknown key (${hint ?? `known here: ${known.map((each) => `\`${each}\``).join(', ')}`})`;
}
