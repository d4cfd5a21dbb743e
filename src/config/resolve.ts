import { mistake } from '../errors.ts';
import { isRecord } from '../json.ts';
import { plural, shorten } from '../words.ts';
import { type Clash, findClashes } from './clashes.ts';
import { fillDefaults } from './fill.ts';
import type { MonitorConfig } from './model.ts';
import { writtenConfig } from './schema.ts';
import { type Path, pathText, problemText, read } from './shape.ts';
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
  const written = read(writtenConfig, value);
  const placed = written.problems.map(({ path, at, message }) => ({
    path,
    message,
    offset: source.offsetOf(path, at),
  }));
  if (written.value === undefined) return { problems: [...problems, ...placed] };
  const config = fillDefaults(written.value);
  const wrong = written.problems.map(({ path }) => path);
  return { config, problems: [...problems, ...placed, ...clashesBeside(wrong, config, source)] };
}

/**
 * The clashes in `config`, whose lists are without the entries in which something is wrong. A default that stands in
 * for a wrong value clashes with nothing.
 */
function clashesBeside(wrong: readonly Path[], config: MonitorConfig, source: YamlSource): SourceProblem[] {
  const inEntry = wrong.filter((path) => typeof path[1] === 'number').map((path) => path.slice(0, 2));
  const bad = new Set([...wrong, ...inEntry].map(pathText));
  const isWrong = (path: Path) => path.some((_, i) => bad.has(pathText(path.slice(0, i + 1))));
  const inFile = (path: Path): Path => {
    const [list = '', position, ...rest] = path;
    if (typeof position !== 'number' || bad.size === 0) return path;
    const entries = isRecord(source.value) ? source.value[list] : undefined;
    const good = Array.isArray(entries) ? [...entries.keys()].filter((i) => !isWrong([list, i])) : [];
    return [list, good[position] ?? position, ...rest];
  };
  return findClashes(config)
    .map((clash) => ({ ...clash, path: inFile(clash.path), with: inFile(clash.with) }))
    .filter((clash) => !isWrong(clash.path) && !isWrong(clash.with))
    .map((clash) => placedClash(clash, source));
}

/** Of two values that clash, the one that is written is reported, and the later one where both are. */
function placedClash(clash: Clash, source: YamlSource): SourceProblem {
  const { path, with: other } = mustTurn(clash, source) ? { path: clash.with, with: clash.path } : clash;
  const isWritten = typeof other[1] === 'number' || source.has(other);
  const where = isWritten ? `line ${source.position(source.offsetOf(other)).line}` : 'its default';
  return { path, offset: source.offsetOf(path), message: clash.message(where, other) };
}

const mustTurn = ({ path, with: other }: Clash, source: YamlSource): boolean =>
  source.has(other) && !(source.has(path) && source.offsetOf(path) > source.offsetOf(other));
