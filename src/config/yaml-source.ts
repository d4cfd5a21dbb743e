import {
  type Alias,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import type { Path } from './shape.ts';
import { Verbatim } from './verbatim.ts';
import { isRecord } from './words.ts';
import { syntaxProblems } from './yaml-syntax.ts';

/** Something wrong in the file. `offset` is the character it is at; absent where it is the file as a whole. */
export interface SourceProblem {
  offset?: number;
  path: Path;
  message: string;
}

/** monitor.yml, parsed: its plain value, and where each part of that is written. */
export interface YamlSource {
  /** Undefined where the text cannot be read; `problems` say why. */
  value: unknown;
  problems: SourceProblem[];
  /** Where the value at `path` (or its key) begins, or the nearest part around it that is written. */
  offsetOf(path: Path, part?: 'key' | 'value'): number;
  /** Whether something is written at `path`. */
  has(path: Path): boolean;
  position(offset: number): { line: number; col: number };
}

/**
 * In characters, every alias replaced by what it stands for. Aliases of aliases reach billions in a few lines ("billion
 * laughs"); thousands of targets that share a mapping of labels stay below this.
 */
const MAX_EXPANDED = 4 * 2 ** 20;

/** Parses without throwing for whatever is wrong in the text. @throws RangeError where it is nested too deeply */
export function parseYaml(text: string): YamlSource {
  const lineCounter = new LineCounter();
  const doc = parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false, logLevel: 'error' });
  const nul = text.indexOf('\0');
  const syntax =
    nul < 0
      ? syntaxProblems(text, [...doc.errors, ...doc.warnings], lineCounter)
      : [{ offset: nul, message: 'not a text file: it has a NUL character here' }];
  const position = (offset: number) => lineCounter.linePos(offset);
  const reading = syntax.length > 0 ? undefined : plainValue(doc.contents, position);
  const value = reading?.value;
  const placeOf = (path: Path) => findPlace(value, reading?.places, path);
  return {
    value,
    problems: reading?.problems ?? syntax.map((problem) => ({ ...problem, path: [] })),
    offsetOf: (path, part = 'value') => {
      for (let length = path.length; length > 0; length--) {
        const place = placeOf(path.slice(0, length));
        // Around a key that is missing, the key of the section says more than its first entry.
        if (place !== undefined) return part === 'key' || length < path.length ? place.key : place.value;
      }
      return startOf(doc.contents);
    },
    has: (path) => placeOf(path) !== undefined,
    position,
  };
}

interface Place {
  key: number;
  value: number;
}

/** Where the keys of a mapping, or the entries of a list, are written. */
type Places = Map<object, Map<string | number, Place>>;

function findPlace(value: unknown, places: Places | undefined, path: Path): Place | undefined {
  let inner = value;
  let place: Place | undefined;
  for (const step of path) {
    if (typeof inner !== 'object' || inner === null) return undefined;
    place = places?.get(inner)?.get(step);
    inner = Array.isArray(inner) ? inner[Number(step)] : isRecord(inner) ? inner[step] : undefined;
  }
  return place;
}

const startOf = (node: unknown): number => (isNode(node) ? (node.range?.[0] ?? 0) : 0);

/** What makes the rest of the file unreadable. */
class Unreadable extends Error {
  constructor(
    readonly node: Node,
    message: string,
  ) {
    super(message);
  }
}

/** The plain value of a document: aliases and merge keys replaced by what they stand for. */
function plainValue(contents: unknown, position: YamlSource['position']) {
  const problems: SourceProblem[] = [];
  const places: Places = new Map();
  const anchors = new Map<string, Node>();
  /** The aliases that are being followed, from the outermost in. */
  const followed: Alias[] = [];
  const open = new Set<Node>();
  /** What anchored nodes are, by their context: read once, however many aliases there are. */
  const known = new Map<Node, Map<string, { value: unknown; size: number }>>();
  let size = 0;

  const report = (node: Node, path: Path, message: string) => {
    if (followed.length === 0) problems.push({ offset: startOf(node), path, message });
  };

  const grow = (node: Node, by: number) => {
    size += by;
    if (size <= MAX_EXPANDED) return;
    const message = `too large: more than ${MAX_EXPANDED} characters, with every alias expanded`;
    throw new Unreadable(followed[0] ?? node, message);
  };

  const read = (node: unknown, path: Path): unknown => {
    if (isAlias(node)) return follow(node, path);
    if (!isNode(node)) return null;
    if (node.anchor !== undefined && followed.length === 0) anchors.set(node.anchor, node);
    grow(node, isScalar(node) ? String(node.value).length + 1 : 1);
    if (isScalar(node)) return scalarOf(node, path);
    open.add(node);
    const value = isMap(node) ? mappingOf(node, path) : isSeq(node) ? listOf(node.items, path) : null;
    open.delete(node);
    return value;
  };

  const follow = (alias: Alias, path: Path): unknown => {
    const target = anchors.get(alias.source);
    if (target === undefined)
      throw new Unreadable(alias, `unknown anchor: \`*${alias.source}\` has no \`&${alias.source}\` above it`);
    if (open.has(target)) throw new Unreadable(alias, `\`*${alias.source}\` contains itself`);
    const context = contextOf(path);
    const before = known.get(target)?.get(context);
    if (before !== undefined) {
      grow(alias, before.size);
      return before.value;
    }
    followed.push(alias);
    const start = size;
    const value = read(target, path);
    known.set(target, new Map(known.get(target)).set(context, { value, size: size - start }));
    followed.pop();
    return value;
  };

  const listOf = (items: readonly unknown[], path: Path): unknown[] => {
    const value = items.map((item, i) => read(item, [...path, i]));
    places.set(value, new Map(items.map((item, i) => [i, { key: startOf(item), value: startOf(item) }])));
    return value;
  };

  const mappingOf = (map: YAMLMap, path: Path): Record<string, unknown> => {
    const own: Record<string, unknown> = {};
    const ownPlaces = new Map<string | number, Place>();
    const merged: Record<string, unknown>[] = [];
    for (const { key, value } of map.items) {
      if (!isScalar(key)) throw new Unreadable(isNode(key) ? key : map, 'a key must be a text');
      if (key.value === '<<' && key.type === 'PLAIN') {
        merged.push(...mergedOf(value, path, key));
        continue;
      }
      const name = String(key.value);
      const at = [...path, name];
      const earlier = ownPlaces.get(name);
      // Set on an object, this key would replace what the object inherits.
      if (name === '__proto__') report(key, at, 'is not allowed as a key');
      else if (earlier !== undefined)
        report(key, at, `duplicate key, first used on line ${position(earlier.key).line}`);
      if (name === '__proto__' || earlier !== undefined) continue;
      read(key, path);
      own[name] = read(value, at);
      const isEmpty = !isNode(value) || (isScalar(value) && value.value === null && !value.source);
      ownPlaces.set(name, { key: startOf(key), value: startOf(isEmpty ? key : value) });
    }
    // Of two merged mappings, the first one wins.
    const sources = merged.reverse();
    const whole: Record<string, unknown> = Object.assign({}, ...sources, own);
    places.set(whole, new Map([...sources.flatMap((source) => [...(places.get(source) ?? [])]), ...ownPlaces]));
    return whole;
  };

  const mergedOf = (node: unknown, path: Path, key: Node): Record<string, unknown>[] => {
    const value = read(node, path);
    const sources: unknown[] = Array.isArray(value) ? value : [value];
    if (!sources.every(isRecord))
      throw new Unreadable(key, 'a merge key (`<<`) takes a mapping, or a list of mappings');
    return sources;
  };

  try {
    return { value: read(contents, []), problems, places };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return {
      value: undefined,
      problems: [...problems, { offset: startOf(error.node), path: [], message: error.message }],
      places,
    };
  }
}

/** What decides how a node is read when it stands at `path`. */
function contextOf(path: Path): string {
  if (path[0] === 'targets') return `targets ${path.length} ${path[2]}`;
  if (path[0] === 'scrape_configs') return path.at(-1) === 'job_name' ? 'job_name' : 'passed on';
  return '';
}

/** Texts of numbers and booleans are kept where Prometheus reads them as text: `1.10` is not the label `1.1`. */
function scalarOf({ value, source, type }: Scalar, path: Path): unknown {
  if (type !== 'PLAIN' || source === undefined || (typeof value !== 'number' && typeof value !== 'boolean'))
    return value;
  if (path[0] === 'targets' && path[2] === 'labels') return source;
  // The name of a job is read here, and has to be a text.
  return contextOf(path) === 'passed on' && String(value) !== source ? new Verbatim(source) : value;
}
