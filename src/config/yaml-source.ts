import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import { isRecord } from '../json.ts';
import { Verbatim } from './model.ts';
import type { Path } from './shape.ts';

/** Something wrong in the file. `offset` is the character it is at; absent where it is the file as a whole. */
export interface SourceProblem {
  offset?: number;
  path: Path;
  message: string;
}

/** monitor.yml, parsed: its plain value, and where each part of that is written. */
export type YamlSource = ReturnType<typeof parseYaml>;

/**
 * How often anchors may be used. Aliases of aliases reach billions in a few lines ("billion laughs"); thousands of
 * targets that share a mapping of labels stay below this.
 */
const MAX_ALIASES = 100_000;

/** Parses without throwing for whatever is wrong in the text. @throws RangeError where it is nested too deeply */
export function parseYaml(text: string) {
  const lineCounter = new LineCounter();
  const options = { lineCounter, prettyErrors: false, logLevel: 'error', merge: true, uniqueKeys: false } as const;
  const doc = parseDocument(text, options);
  const nul = text.indexOf('\0');
  const syntax =
    nul < 0
      ? syntaxProblems(text, [...doc.errors, ...doc.warnings], lineCounter)
      : [{ offset: nul, path: [], message: 'not a text file: it has a NUL character here' }];
  const nodes = readNodes(doc, lineCounter);
  const unreadable = [...syntax, ...nodes.unreadable];
  const reading =
    unreadable.length > 0 ? { problems: unreadable } : plainValue(() => doc.toJS({ maxAliasCount: MAX_ALIASES }));
  const placeOf = (path: Path) =>
    path.reduce<Place | undefined>((place, step) => place && placeIn(place.value, step, nodes), {
      key: doc.contents,
      value: doc.contents,
    });
  return {
    /** Undefined where the text cannot be read; `problems` say why. */
    value: reading.value,
    problems: reading.problems ?? nodes.duplicates,
    /** Where the value at `path` (or its key) begins, or the nearest part around it that is written. */
    offsetOf: (path: Path, part: 'key' | 'value' = 'value') => {
      for (let length = path.length; length > 0; length--) {
        const place = placeOf(path.slice(0, length));
        // Around a key that is missing, the key of the section says more than its first entry.
        if (place !== undefined) return startOf(part === 'key' || length < path.length ? place.key : place.value);
      }
      return startOf(doc.contents);
    },
    /** Whether something is written at `path`. */
    has: (path: Path) => placeOf(path) !== undefined,
    position: (offset: number) => lineCounter.linePos(offset),
  };
}

/** Where `node` begins in the text. */
export const startOf = (node: unknown): number => (isNode(node) ? (node.range?.[0] ?? 0) : 0);

/** A key and its value; both are the entry in a list, and both are the key where the value is empty. */
interface Place {
  key: unknown;
  value: unknown;
}

type Nodes = ReturnType<typeof readNodes>;

/** What is wrong with the nodes, and how to find them. On the way, scalars whose text is more than their value keep it. */
function readNodes(doc: Document.Parsed, lines: LineCounter) {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  const keys = new Map<YAMLMap, Map<string, Pair>>();
  const unreadable: SourceProblem[] = [];
  const duplicates: SourceProblem[] = [];
  const keysOf = ({ items }: YAMLMap): Map<string, Pair> => {
    const first = new Map<string, Pair>();
    for (const pair of items) {
      const name = keyOf(pair.key);
      if (name === undefined) continue;
      const earlier = first.get(name);
      if (earlier === undefined) {
        first.set(name, pair);
        continue;
      }
      const message = `duplicate key, first used on line ${lines.linePos(startOf(earlier.key)).line}`;
      duplicates.push({ offset: startOf(pair.key), path: [name], message });
    }
    return first;
  };
  visit(doc, {
    Alias: (_, node, ancestors) => {
      const target = anchors.get(node.source);
      const message = aliasProblem(node, target, ancestors);
      if (message !== undefined) unreadable.push({ offset: startOf(node), path: [], message });
      if (target !== undefined) targets.set(node, target);
    },
    Value: (key, node) => {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
      if (isScalar(node) && key !== 'key') keepText(node);
      if (isMap(node)) keys.set(node, keysOf(node));
    },
  });
  return { targets, keys, unreadable, duplicates };
}

function aliasProblem({ source }: Alias, target: Node | undefined, ancestors: readonly unknown[]) {
  if (target === undefined) return `unknown anchor: \`*${source}\` has no \`&${source}\` above it`;
  return ancestors.includes(target) ? `\`*${source}\` contains itself` : undefined;
}

/** Undefined for the key of a merge, which is a symbol, and for a collection. */
const keyOf = (key: unknown): string | undefined =>
  isScalar(key) && typeof key.value !== 'symbol' ? String(key.value) : undefined;

function keepText(scalar: Scalar): void {
  const { value, source, type } = scalar;
  if (type !== 'PLAIN' || source === undefined || String(value) === source) return;
  if (typeof value === 'number' || typeof value === 'boolean') scalar.value = new Verbatim(source, value);
}

function plainValue(read: () => unknown): { value?: unknown; problems?: SourceProblem[] } {
  try {
    return { value: settled(read(), []) };
  } catch (error) {
    if (error instanceof RangeError) throw error;
    const message =
      error instanceof ReferenceError
        ? `too large: more than ${MAX_ALIASES} values, with every alias expanded`
        : 'a merge key (`<<`) takes a mapping, or a list of mappings';
    return { problems: [{ path: [], message }] };
  }
}

/** What Prometheus is passed keeps its text, and so do labels: `1.10` is not the label `1.1`. Anything else is a value. */
function settled(value: unknown, path: Path): unknown {
  if (value instanceof Verbatim) {
    if (path[0] === 'targets' && path[2] === 'labels') return value.text;
    return path[0] === 'scrape_configs' && path.length > 2 && path[2] !== 'job_name' ? value : value.value;
  }
  if (Array.isArray(value)) return value.map((item, i) => settled(item, [...path, i]));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, settled(inner, [...path, key])]));
}

function placeIn(node: unknown, step: string | number, nodes: Nodes): Place | undefined {
  if (isAlias(node)) return placeIn(nodes.targets.get(node), step, nodes);
  if (isSeq(node)) {
    const item = node.items[Number(step)];
    return item === undefined ? undefined : { key: item, value: item };
  }
  if (!isMap(node)) return undefined;
  const own = nodes.keys.get(node)?.get(String(step));
  if (own !== undefined) return { key: own.key, value: isWritten(own.value) ? own.value : own.key };
  const merges = node.items.filter(({ key }) => isScalar(key) && typeof key.value === 'symbol');
  const merged = merges.flatMap(({ value }): unknown[] => (isSeq(value) ? value.items : [value]));
  return merged.map((source) => placeIn(source, step, nodes)).find((place) => place !== undefined);
}

/** Whether there is a text for `node`: an empty value has none. */
export const isWritten = (node: unknown): boolean =>
  isNode(node) && !(isScalar(node) && node.value === null && !node.source);

/** What the parser complains about, one a line: where it lost its way it complains about the same place several times. */
function syntaxProblems(text: string, errors: readonly YAMLError[], lines: LineCounter): SourceProblem[] {
  const byLine = new Map<number, SourceProblem>();
  for (const error of [...errors].sort((a, b) => a.pos[0] - b.pos[0])) {
    const misplaced = misplacedLine(text, error, errors);
    const offset = misplaced ?? error.pos[0];
    const message = misplaced === undefined ? messageOf(error) : MISPLACED;
    const { line } = lines.linePos(offset);
    if (!byLine.has(line)) byLine.set(line, { offset, path: [], message });
  }
  return [...byLine.values()];
}

const MISPLACED = 'wrong indentation: the keys of a section, and the entries of a list, start in the same column';

/**
 * The line that is indented wrongly. One that is too far in goes on with the value above it, so that the parser takes
 * both lines for one key: it points at the value, and at the end of that key where the line's own colon is.
 */
function misplacedLine(text: string, { message, pos }: YAMLError, all: readonly YAMLError[]): number | undefined {
  const alike = (other: YAMLError, wanted: string) => other.code === wanted && other.pos[0] === pos[0];
  if (/^(All mapping items must start|A block sequence may not be|Sequence item without)/.test(message))
    return firstLetter(text, pos[0]);
  const key = all.find((other) => alike(other, 'MULTILINE_IMPLICIT_KEY'));
  if (key === undefined || !all.some((other) => alike(other, 'BLOCK_AS_IMPLICIT_KEY'))) return undefined;
  return firstLetter(text, key.pos[1]);
}

/** Where the line that `offset` is in has its first letter. */
function firstLetter(text: string, offset: number): number {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  return start + (/^ */.exec(text.slice(start))?.[0].length ?? 0);
}

function messageOf({ code, message }: YAMLError): string {
  if (code === 'TAB_AS_INDENT') return 'tab used for indentation: YAML allows spaces only';
  if (code === 'MULTIPLE_DOCS') return 'a second document starts here (`---`); only one is allowed';
  if (/^Maximum call stack/.test(message)) return 'nested too deeply';
  if (/^Missing closing .quote/.test(message)) return 'a text that starts with a quote is not closed';
  if (/^Nested mappings are not allowed/.test(message))
    return 'a text with a colon and a space in it must be quoted as a whole';
  if (/must be sufficiently indented and end with a ([\]}])/.test(message))
    return `${message.startsWith('Flow map') ? 'a mapping that starts with `{`' : 'a list that starts with `[`'} is not closed before this line, or this line is not indented`;
  if (/^Unexpected scalar at node end/.test(message))
    return `${message} (a text that starts with \`[\`, \`{\` or a quote must be quoted as a whole)`;
  return message.replaceAll('\n', ' ');
}
