import { MonitorError } from '../errors.ts';
import type { Clash } from './clashes-of.ts';
import { findClashes } from './cross-checks.ts';
import { fillDefaults } from './fill.ts';
import type { MonitorConfig } from './model.ts';
import { writtenConfig } from './schema.ts';
import { pathText, shapeProblems, wordIssue } from './wording.ts';
import { isRecord, plural, shorten } from './words.ts';
import { type Path, parseYaml, type SourceProblem, type YamlSource } from './yaml-source.ts';

/** In characters. Some five thousand targets; what is longer is not written by hand, and slow to parse. */
export const MAX_CHARACTERS = 256 * 1024;
const MAX_REPORTED = 20;
const MAX_LINE = 240;

/** One thing that is wrong in monitor.yml. */
export interface ConfigProblem {
  line: number;
  col: number;
  /** As in `targets[1].labels.team`; empty for the file as a whole. */
  path: string;
  /** What is wrong and what is expected. */
  message: string;
}

/** What a text is as monitor.yml: a configuration, or everything that is wrong with it, in the file's order. */
export type Reading = { config: MonitorConfig; problems?: never } | { config?: never; problems: ConfigProblem[] };

/**
 * monitor.yml's text as a configuration, every default filled in. Pure.
 * @param fileName how problems call the file
 * @throws MonitorError `invalid-config` with every problem as a line `monitor.yml:LINE:COL  path: what`
 */
export function resolve(text: string, fileName: string): MonitorConfig {
  const { config, problems } = readConfig(text);
  if (config !== undefined) return config;
  const lines = problems.slice(0, MAX_REPORTED).map((problem) => problemLine(problem, fileName));
  throw new MonitorError({
    code: 'invalid-config',
    message: `${fileName} has ${plural(problems.length, 'problem')}`,
    detail: problems.length > MAX_REPORTED ? [...lines, `and ${problems.length - MAX_REPORTED} more`] : lines,
    suggestion: `correct ${fileName}, and run the command again`,
    exitCode: 2,
  });
}

/** As `resolve`, without throwing. */
export function readConfig(text: string): Reading {
  const refused = refuseUnread(text);
  if (refused !== undefined) return wholeFile(refused);
  try {
    return readText(text);
  } catch (error) {
    // Of the recursions over a hostile file's nesting, one ran out of stack.
    if (error instanceof RangeError) return wholeFile('is nested too deeply');
    throw error;
  }
}

const wholeFile = (message: string): Reading => ({ problems: [{ line: 1, col: 1, path: '', message }] });

function readText(text: string): Reading {
  const source = parseYaml(text);
  const { config, problems } = readValue(source);
  if (problems.length === 0 && config !== undefined) return { config };
  const ordered = [...problems].sort((a, b) => a.offset - b.offset);
  return {
    problems: ordered.map(({ offset, path, message }) => ({
      ...source.position(offset),
      path: pathText(path),
      message,
    })),
  };
}

export function problemLine({ line, col, path, message }: ConfigProblem, fileName: string): string {
  return shorten(`${fileName}:${line}:${col}  ${path === '' ? '' : `${path}: `}${message}`, MAX_LINE);
}

/** What is refused before a parser sees it. */
function refuseUnread(text: string): string | undefined {
  if (text.length > MAX_CHARACTERS)
    return `is too large: ${text.length} characters, where ${MAX_CHARACTERS} are allowed`;
  if (text.includes('\0')) return 'is not a text file';
  return undefined;
}

function readValue(source: YamlSource): { config?: MonitorConfig; problems: SourceProblem[] } {
  const { value, problems } = source;
  if (value === undefined || value === null) {
    const empty = { offset: 0, path: [], message: 'is empty: the shortest one says `version: 1`' };
    return { problems: problems.length > 0 ? problems : [empty] };
  }
  const parsed = writtenConfig.safeParse(value, { error: wordIssue });
  if (parsed.success) {
    const config = fillDefaults(parsed.data);
    const clashes = findClashes(config).map((clash) => placed(clash, source));
    return { config, problems: [...problems, ...clashes] };
  }
  // The source has told of it already.
  const shape = shapeProblems(parsed.error.issues).filter(({ path }) => path.at(-1) !== '__proto__');
  const wrong = shape.map(({ path, at, message }) => ({ path, message, offset: source.offsetOf(path, at) }));
  const clashes = clashesOfTheRest(
    value,
    shape.map(({ path }) => path),
  ).map((clash) => placed(clash, source));
  return { problems: [...problems, ...wrong, ...clashes] };
}

/** Of two values that clash, the one that is written is reported, and the later one where both are. */
function placed(clash: Clash, source: YamlSource): SourceProblem {
  const { path, with: other, message } = turnedWhereNeeded(clash, source);
  const written = typeof other[1] === 'number' || source.has(other);
  const where = written ? `line ${source.position(source.offsetOf(other)).line}` : 'its default';
  return { path, offset: source.offsetOf(path), message: message(where) };
}

function turnedWhereNeeded(clash: Clash, source: YamlSource): Clash {
  const { path, with: other, turned } = clash;
  if (turned === undefined || !source.has(other)) return clash;
  const later = source.has(path) && source.offsetOf(path) > source.offsetOf(other);
  return later ? clash : { path: other, with: path, message: turned };
}

/** Clashes among what is right in a file that is wrong elsewhere, so that one run reports everything. */
function clashesOfTheRest(value: unknown, wrong: readonly Path[]): Clash[] {
  if (!isRecord(value)) return [];
  const targets = goodEntries(value, 'targets', wrong);
  const scrapeConfigs = goodEntries(value, 'scrape_configs', wrong);
  const exporters = goodEntries(value, 'exporters', wrong);
  const rest = writtenConfig.safeParse({
    ...goodKeys(value, [], new Set(wrong.map(pathText))),
    version: 1,
    targets: targets.map(({ entry }) => entry),
    scrape_configs: scrapeConfigs.map(({ entry }) => entry),
    exporters: exporters.map(({ entry }) => entry),
  });
  if (!rest.success) return [];
  const positions: Record<string, number[]> = {
    targets: targets.map(({ position }) => position),
    scrape_configs: scrapeConfigs.map(({ position }) => position),
    exporters: exporters.map(({ position }) => position),
  };
  const inTheFile = (path: Path): Path =>
    path.map((step) => (typeof step === 'number' ? (positions[String(path[0])]?.[step] ?? step) : step));
  const isWrong = (path: Path) => wrong.some((bad) => bad.every((step, i) => step === path[i]));
  return findClashes(fillDefaults(rest.data))
    .map((clash) => ({ ...clash, path: inTheFile(clash.path), with: inTheFile(clash.with) }))
    .filter((clash) => !isWrong(clash.path) && !isWrong(clash.with));
}

function goodEntries(value: Record<string, unknown>, key: string, wrong: readonly Path[]) {
  const list: unknown = value[key];
  const bad = new Set(wrong.filter((path) => path[0] === key).map((path) => path[1]));
  if (!Array.isArray(list) || bad.has(undefined)) return [];
  return list.map((entry: unknown, position) => ({ entry, position })).filter(({ position }) => !bad.has(position));
}

function goodKeys(value: Record<string, unknown>, above: Path, wrong: ReadonlySet<string>): Record<string, unknown> {
  const good = Object.entries(value).filter(([key]) => !wrong.has(pathText([...above, key])));
  return Object.fromEntries(
    good.map(([key, inner]) => [key, isRecord(inner) ? goodKeys(inner, [...above, key], wrong) : inner]),
  );
}
