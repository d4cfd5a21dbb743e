import { isRecord } from '../json.ts';
import { kindOf, quoted, shorten } from '../words.ts';
import { closest } from './suggest.ts';
import type { Rule } from './values.ts';

/**
 * Shapes of values: each reads a value and describes itself to editors. A schema library would do both, and be built
 * again at each start of the program: that alone took as long as the engine's answers.
 */
export interface Shape<T> {
  /** The value without what is wrong in it, which goes into `problems`; undefined where the rest is not a `T`. */
  read: (value: unknown, path: Path, problems: ShapeProblem[]) => T | undefined;
  /** JSON Schema, draft-07. */
  json: JsonSchema;
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

export type Of<S> = S extends Shape<infer T> ? T : never;

/** `value` as far as it has the shape, and everything that is wrong with it. */
export function read<T>(shape: Shape<T>, value: unknown): { value: T | undefined; problems: ShapeProblem[] } {
  const problems: ShapeProblem[] = [];
  return { value: shape.read(value, [], problems), problems };
}

/** For the compiler: what was checked is a `T`. */
function checked<T>(value: unknown, isGood: boolean): T | undefined {
  const isT = (_: unknown): _ is T => isGood;
  return isT(value) ? value : undefined;
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
  read: (value, path, problems) => {
    const message = problem(value);
    if (message !== undefined) wrong(problems, path, message);
    return checked(value, message === undefined);
  },
});

/** A text that keeps to `rule`; `expected` says in words what a value of another type should have been. */
export const text = (expected: string, rule: Rule, json: JsonSchema): Shape<string> =>
  scalar((value) => (typeof value === 'string' ? rule(value) : mismatch(expected, value)), {
    type: 'string',
    pattern: rule.pattern,
    ...json,
  });

export const flag = (json: JsonSchema): Shape<boolean> =>
  scalar((value) => (typeof value === 'boolean' ? undefined : mismatch('true or false', value)), {
    type: 'boolean',
    ...json,
  });

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
  read: (value, path, problems) => (isFirst(value) ? first : other).read(value, path, problems),
});

/** A value that may be left empty: a section whose every line is a comment. */
export const orNothing = <T>(shape: Shape<T>): Shape<T | null> => ({
  json: { anyOf: [shape.json, { type: 'null' }] },
  read: (value, path, problems) => (value === null ? null : shape.read(value, path, problems)),
});

/** A list without the entries in which something is wrong. */
export const list = <T>(item: Shape<T>, json: JsonSchema): Shape<T[]> => ({
  json: { type: 'array', items: item.json, ...json },
  read: (value, path, problems) => {
    if (!Array.isArray(value)) return wrong(problems, path, mismatch('a list', value));
    return value.flatMap((each: unknown, i): T[] => {
      const before = problems.length;
      const entry = item.read(each, [...path, i], problems);
      return entry === undefined || problems.length > before ? [] : [entry];
    });
  },
});

function wrong(problems: ShapeProblem[], path: Path, message: string, at: 'key' | 'value' = 'value'): undefined {
  problems.push({ path, at, message });
}

const notAMapping = (value: unknown): string => `must be a mapping (\`key: value\`), not ${kindOf(value)}`;

/** A mapping with keys of the user's own, which keep to `rule`. */
export const record = <T>(rule: Rule, value: Shape<T>, json: JsonSchema): Shape<Record<string, T>> => ({
  json: { type: 'object', propertyNames: { pattern: rule.pattern }, additionalProperties: value.json, ...json },
  read: (mapping, path, problems) => {
    if (!isRecord(mapping)) return wrong(problems, path, notAMapping(mapping));
    const entries = Object.entries(mapping).flatMap(([key, inner]): [string, T][] => {
      const message = rule(key);
      if (message !== undefined) wrong(problems, [...path, key], message, 'key');
      const each = value.read(inner, [...path, key], problems);
      return each === undefined ? [] : [[key, each]];
    });
    return Object.fromEntries(entries);
  },
});

type Shapes = Record<string, Shape<unknown>>;
type Mapping<K extends Shapes, R extends keyof K> = { [P in R]: Of<K[P]> } & { [P in Exclude<keyof K, R>]?: Of<K[P]> };

interface MappingOptions<K extends Shapes, R extends keyof K> {
  required?: readonly R[];
  /** Other keys than `keys` that may stand there, whatever they hold. */
  others?: RegExp;
  /** What else to say of a key that is unknown. */
  hint?: string;
  /** What is wrong with the whole, whose keys are right: by key, how. */
  rule?: (whole: Mapping<K, R>) => [key: string, message: string][];
}

export function mapping<K extends Shapes, R extends keyof K & string = never>(
  keys: K,
  json: JsonSchema,
  { required = [], others, hint, rule }: MappingOptions<K, R> = {},
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
    read: (value, path, problems) => {
      if (!isRecord(value)) return wrong(problems, path, notAMapping(value));
      const before = problems.length;
      const missing = required.filter((key) => !Object.hasOwn(value, key));
      const entries = [...missing, ...Object.keys(value)].flatMap((key): [string, unknown][] => {
        const known = shapes.get(key);
        if (known === undefined && !others?.test(key))
          wrong(problems, [...path, key], unknownKey(key, [...shapes.keys()], hint), 'key');
        const inner = known === undefined ? value[key] : known.read(value[key], [...path, key], problems);
        return inner === undefined ? [] : [[key, inner]];
      });
      const read = Object.fromEntries(entries);
      const whole = checked<Mapping<K, R>>(
        read,
        required.every((key) => Object.hasOwn(read, key)),
      );
      if (rule !== undefined && whole !== undefined && problems.length === before)
        for (const [key, message] of rule(whole)) wrong(problems, [...path, key], message);
      return whole;
    },
  };
}

function unknownKey(key: string, known: readonly string[], hint: string | undefined): string {
  const near = closest(key, known);
  if (near !== undefined) return `unknown key (did you mean \`${near}\`?)`;
  return `unknown key (${hint ?? `known here: ${known.map((each) => `\`${each}\``).join(', ')}`})`;
}
