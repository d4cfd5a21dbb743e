import { mistake } from '../errors.ts';
import { type Clash, findClashes } from './clashes.ts';
import { fillDefaults } from './fill.ts';
import type { MonitorConfig } from './model.ts';
import { writtenConfig } from './schema.ts';
import { check, type Path, pathText, problemText } from './shape.ts';
import { isRecord, plural, shorten } from './words.ts';
import { parseYaml, type SourceProblem, type YamlSource } from './yaml-source.ts';

/** In characters. Some five thousand targets; what is longer is not written by hand, and slow to parse. */
export const MAX_CHARACTERS = 256 * 1024;
const MAX_REPORTED = 20;
const MAX_LINE = 240;

/** What a text is as monitor.yml: a configuration, or a line for each problem, in the file's order. */
export type Reading = { config: MonitorConfig; problems?: never } | { config?: never; problems: string[] };

/**
 * monitor.yml's text as a configuration, every default filled in. Pure.
 * @param fileName how problems call the file
 * @throws MonitorError `invalid-config` with every problem as a line `monitor.yml:LINE:COL  path: what`; without a
 *   position where it is the file as a whole
 */
export function resolve(text: string, fileName: string): MonitorConfig {
  const { config, problems } = readConfig(text, fileName);
  if (config !== undefined) return config;
  const lines = problems.slice(0, MAX_REPORTED);
  throw mistake({
    code: 'invalid-config',
    message: `${fileName} has ${plural(problems.length, 'problem')}`,
    detail: problems.length > MAX_REPORTED ? [...lines, `and ${problems.length - MAX_REPORTED} more`] : lines,
    suggestion: `correct ${fileName}, and run the command again`,
  });
}

/** As `resolve`, without throwing: parse, check, fill in the defaults, check what has to go together. */
export function readConfig(text: string, fileName: string): Reading {
  if (text.length > MAX_CHARACTERS)
    return { problems: [`${fileName}: too large: ${text.length} characters, the limit is ${MAX_CHARACTERS}`] };
  try {
    const source = parseYaml(text);
    const { config, problems } = readSource(source);
    if (config !== undefined && problems.length === 0) return { config };
    const ordered = [...problems].sort((a, b) => (a.offset ?? 0) - (b.offset ?? 0));
    return { problems: ordered.map((problem) => problemLine(problem, fileName, source)) };
  } catch (error) {
    // Of the recursions over a hostile file's nesting, one ran out of stack.
    if (error instanceof RangeError) return { problems: [`${fileName}: nested too deeply`] };
    throw error;
  }
}

function problemLine(problem: SourceProblem, fileName: string, source: YamlSource): string {
  if (problem.offset === undefined) return `${fileName}: ${problem.message}`;
  const { line, col } = source.position(problem.offset);
  return shorten(`${fileName}:${line}:${col}  ${problemText(problem)}`, MAX_LINE);
}

function readSource(source: YamlSource): { config?: MonitorConfig; problems: SourceProblem[] } {
  const { value, problems } = source;
  if (value === undefined) return { problems };
  if (value === null)
    return { problems: [{ path: [], message: 'the file is empty; the shortest one is `version: 1`' }] };
  const whole = check(writtenConfig, value);
  const wrong = whole.problems ?? [];
  const placed = wrong.map(({ path, at, message }) => ({ path, message, offset: source.offsetOf(path, at) }));
  const good = goodPart(
    value,
    wrong.map(({ path }) => path),
  );
  const checked = wrong.length === 0 ? whole : check(writtenConfig, good.value);
  if (checked.problems !== undefined) return { problems: [...problems, ...placed] };
  const config = fillDefaults(checked.value);
  const clashes = findClashes(config).flatMap((clash) => {
    const inFile = { ...clash, path: good.pathInFile(clash.path), with: good.pathInFile(clash.with) };
    // A default that stands in for a wrong value clashes with nothing.
    return good.isWrong(inFile.path) || good.isWrong(inFile.with) ? [] : [placedClash(inFile, source)];
  });
  return { config, problems: [...problems, ...placed, ...clashes] };
}

/** Of two values that clash, the one that is written is reported, and the later one where both are. */
function placedClash(clash: Clash, source: YamlSource): SourceProblem {
  const { path, with: other } = mustTurn(clash, source) ? { path: clash.with, with: clash.path } : clash;
  const isWritten = typeof other[1] === 'number' || source.has(other);
  const where = isWritten ? `line ${source.position(source.offsetOf(other)).line}` : 'its default';
  return { path, offset: source.offsetOf(path), message: clash.message(where, other) };
}

const mustTurn = ({ path, with: other, symmetric }: Clash, source: YamlSource): boolean =>
  symmetric === true && source.has(other) && !(source.has(path) && source.offsetOf(path) > source.offsetOf(other));

/**
 * `value` without what is wrong in it (keys of mappings, whole entries of lists), so that one run reports the clashes
 * of the rest too.
 */
function goodPart(value: unknown, wrong: readonly Path[]) {
  const inEntry = wrong.filter((path) => typeof path[1] === 'number').map((path) => path.slice(0, 2));
  const bad = new Set([...wrong, ...inEntry].map(pathText));
  const positions = new Map<string, number[]>();
  const prune = (inner: unknown, path: Path): unknown => {
    const isGood = (step: string | number) => !bad.has(pathText([...path, step]));
    if (Array.isArray(inner)) {
      const kept = [...inner.keys()].filter(isGood);
      positions.set(pathText(path), kept);
      return kept.map((i): unknown => inner[i]);
    }
    if (!isRecord(inner)) return inner;
    const kept = Object.entries(inner).filter(([key]) => isGood(key));
    return Object.fromEntries(kept.map(([key, each]) => [key, prune(each, [...path, key])]));
  };
  return {
    value: wrong.length === 0 ? value : prune(value, []),
    pathInFile: (path: Path): Path => {
      const [list = '', position, ...rest] = path;
      return typeof position === 'number' ? [list, positions.get(String(list))?.[position] ?? position, ...rest] : path;
    },
    isWrong: (path: Path) => path.some((_, i) => bad.has(pathText(path.slice(0, i + 1)))),
  };
}
