import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import { errorText } from '../errors.ts';
import { Verbatim } from './verbatim.ts';
import { syntaxProblems } from './yaml-syntax.ts';

/** Steps from the top of the file to a value: keys and list positions. */
export type Path = readonly PropertyKey[];

/** Something wrong in the file. `offset` is the character it is at. */
export interface SourceProblem {
  offset: number;
  path: Path;
  message: string;
}

/** monitor.yml, parsed: its plain value, and where each part of that is written. */
export interface YamlSource {
  doc: Document.Parsed;
  /** Undefined where the text is not YAML. */
  value: unknown;
  problems: SourceProblem[];
  /** Where the value at `path` (or its key) begins, or the nearest part around it that is written. */
  offsetOf(path: Path, part?: 'key' | 'value'): number;
  /** Whether something is written at `path`. */
  has(path: Path): boolean;
  position(offset: number): { line: number; col: number };
}

/** References to anchors that are followed: more is an attack ("billion laughs"), not a configuration. */
const MAX_ALIASES = 100;

/** Parses without throwing, whatever the text is. */
export function parseYaml(text: string): YamlSource {
  const lineCounter = new LineCounter();
  const doc = parseDocument(text, {
    lineCounter,
    prettyErrors: false,
    uniqueKeys: false,
    merge: true,
    keepSourceTokens: true,
    logLevel: 'error',
  });
  const problems: SourceProblem[] = syntaxProblems(text, [...doc.errors, ...doc.warnings], lineCounter).map(
    (problem) => ({ ...problem, path: [] }),
  );
  if (problems.length === 0) problems.push(...structureProblems(doc, lineCounter));
  let value: unknown;
  if (problems.every((problem) => problem.path.length > 0)) {
    readLabelsAsText(doc);
    keepPassedTexts(doc);
    try {
      value = doc.toJS({ maxAliasCount: MAX_ALIASES });
    } catch (error) {
      problems.push({ offset: 0, path: [], message: conversionMessage(error) });
    }
  }
  return {
    doc,
    value,
    problems,
    offsetOf: (path, part = 'value') => offsetOf(doc, path, part),
    has: (path) => nodeAt(doc, path) !== undefined,
    position: (offset) => lineCounter.linePos(offset),
  };
}

function conversionMessage(error: unknown): string {
  if (error instanceof ReferenceError)
    return `more than ${MAX_ALIASES} references to anchors, counted with what they contain`;
  return errorText(error);
}

/** What is YAML, but has no meaning as a configuration: a key given twice, an alias without anchor or within its own. */
function structureProblems(doc: Document.Parsed, lines: LineCounter): SourceProblem[] {
  const problems: SourceProblem[] = [];
  const report: Reporter = (node, path, message) => {
    problems.push({ offset: node?.range?.[0] ?? 0, path, message });
  };
  const anchors = new Set<string>();
  visit(doc, (_, node, parents) => {
    if (isAlias(node)) {
      const inside = parents.some((parent) => isNode(parent) && !isAlias(parent) && parent.anchor === node.source);
      if (!anchors.has(node.source)) report(node, [], `\`*${node.source}\` refers to no anchor above it`);
      else if (inside) report(node, [], `\`*${node.source}\` contains itself`);
    } else if (isNode(node) && node.anchor !== undefined) anchors.add(node.anchor);
    if (isMap(node)) keyProblems(node, lines, report);
  });
  return problems;
}

type Reporter = (node: Node | undefined, path: Path, message: string) => void;

function keyProblems(map: YAMLMap, lines: LineCounter, report: Reporter): void {
  const first = new Map<string, Scalar>();
  for (const { key } of map.items) {
    if (!isScalar(key)) {
      report(isNode(key) ? key : map, [], 'a key must be a text');
      continue;
    }
    const name = keyText(key);
    const earlier = first.get(name);
    // Set on an object, this key would replace what the object inherits.
    if (name === '__proto__') report(key, [name], 'is not allowed as a key');
    if (earlier === undefined) first.set(name, key);
    else if (name !== '<<')
      report(key, [name], `is given twice, first in line ${lines.linePos(earlier.range?.[0] ?? 0).line}`);
  }
}

const keyText = (key: unknown): string => (isScalar(key) ? String(key.value) : String(key));

const followed = (doc: Document.Parsed, node: unknown): unknown => (isAlias(node) ? node.resolve(doc) : node);

/** A label's value is text: `1.10` stays what it is, as it does where Prometheus reads it. */
function readLabelsAsText(doc: Document.Parsed): void {
  const targets = followed(doc, isMap(doc.contents) ? doc.contents.get('targets', true) : undefined);
  for (const item of isSeq(targets) ? targets.items : []) {
    const target = followed(doc, item);
    const labels = followed(doc, isMap(target) ? target.get('labels', true) : undefined);
    for (const { value } of isMap(labels) ? labels.items : [])
      if (isScalar(value) && ['number', 'boolean'].includes(typeof value.value)) value.value = value.source;
  }
}

/** What of `scrape_configs` would not come out as it is written. */
function keepPassedTexts(doc: Document.Parsed): void {
  const passed = followed(doc, isMap(doc.contents) ? doc.contents.get('scrape_configs', true) : undefined);
  if (!isNode(passed)) return;
  visit(passed, {
    Scalar: (key, node, above) => {
      const { value, source, type } = node;
      const isPlain = type === 'PLAIN' && (typeof value === 'number' || typeof value === 'boolean');
      // A job's name is read here, and has to be a text.
      if (key === 'key' || isNamed(above.at(-1), 'job_name')) return;
      if (isPlain && source !== undefined && String(value) !== source) node.value = new Verbatim(source);
    },
  });
}

const isNamed = (parent: unknown, key: string): boolean => isPair(parent) && keyText(parent.key) === key;

const pairs = new WeakMap<YAMLMap, Map<string, Pair>>();

/** By key, kept: a file with thousands of keys may have a problem with each. */
function pairsOf(map: YAMLMap): Map<string, Pair> {
  const known = pairs.get(map) ?? new Map(map.items.map((pair) => [keyText(pair.key), pair]));
  pairs.set(map, known);
  return known;
}

interface Found {
  key: unknown;
  value: unknown;
}

/** The key and value written at `path`; aliases on the way are followed. */
function nodeAt(doc: Document.Parsed, path: Path): Found | undefined {
  let found: Found = { key: undefined, value: doc.contents };
  for (const step of path) {
    const node = followed(doc, found.value);
    if (isMap(node)) {
      const pair = pairsOf(node).get(String(step));
      if (pair === undefined) return undefined;
      found = { key: pair.key, value: pair.value };
    } else if (isSeq(node) && typeof step === 'number' && step in node.items) {
      found = { key: undefined, value: node.items[step] };
    } else return undefined;
  }
  return found;
}

function offsetOf(doc: Document.Parsed, path: Path, part: 'key' | 'value'): number {
  for (let length = path.length; length >= 0; length--) {
    const found = nodeAt(doc, path.slice(0, length));
    // Around a key that is missing, the key of the section says more than its first entry.
    const node = part === 'key' || length < path.length ? (found?.key ?? found?.value) : found?.value;
    const written = isScalar(node) && node.value === null && !node.source ? found?.key : node;
    if (isNode(written) && written.range) return written.range[0];
  }
  return 0;
}
