import { isDeepStrictEqual } from 'node:util';
import { isMap, isSeq, type YAMLMap } from 'yaml';
import { MonitorError } from '../errors.ts';
import { changeText, notEditable, type TextChange, todoOf } from './change-text.ts';
import { fillExporter } from './fill-exporter.ts';
import { type EntryText, insertEntry, pairOf, removeEntry, setPairs } from './list-entry.ts';
import type { ExporterConfig, MonitorConfig } from './model.ts';
import { resolve } from './resolve.ts';
import { exporterEntry, type WrittenExporter } from './schema.ts';
import { inlineYaml, type Splice } from './splice.ts';
import { pathText, shapeProblems, wordIssue } from './wording.ts';

export interface AddedExporter {
  /** The file's new text; the old one, byte for byte, where nothing changed. */
  text: string;
  change: 'added' | 'updated' | 'unchanged';
  exporter: ExporterConfig;
}

export interface RemovedExporters {
  text: string;
  change: 'removed' | 'absent';
  removed: ExporterConfig[];
}

/** Which exporter of which server: at most one entry of monitor.yml has it. */
export const exporterKey = ({ name, for: server }: Pick<ExporterConfig, 'name' | 'for'>): string =>
  server === undefined ? name : `${name}/${server}`;

/**
 * monitor.yml's text with the exporter in it, everything else untouched. Pure. An entry for the same server is given
 * the keys that differ, and keeps the others.
 * @throws MonitorError `invalid-config` (the text), `invalid-exporter` or `config-not-editable`
 */
export function addExporter(text: string, wanted: WrittenExporter, fileName = 'monitor.yml'): AddedExporter {
  const config = resolve(text, fileName);
  const written = checked(wanted);
  const position = config.exporters.findIndex(
    (e) => exporterKey(e) === exporterKey(fillExporter(written, config.name)),
  );
  const before = config.exporters[position];
  if (before === undefined) {
    const exporter = fillExporter(written, config.name);
    const expected = { ...config, exporters: [...config.exporters, exporter] };
    const insert: TextChange = (source, root) => insertEntry(source, root, 'exporters', entryText(written));
    return { text: edit(text, config, expected, fileName, exporter, insert), change: 'added', exporter };
  }
  const exporter = fillExporter({ ...before, ...written }, config.name);
  if (isDeepStrictEqual(exporter, before)) return { text, change: 'unchanged', exporter };
  const expected = { ...config, exporters: config.exporters.with(position, exporter) };
  const update: TextChange = (source, root) => updateEntry(source, root, position, before, written);
  return { text: edit(text, config, expected, fileName, exporter, update), change: 'updated', exporter };
}

/** monitor.yml's text without the exporters that `match`. Pure. */
export function removeExporters(
  text: string,
  match: (exporter: ExporterConfig) => boolean,
  fileName = 'monitor.yml',
): RemovedExporters {
  let config = resolve(text, fileName);
  let rest = text;
  const removed: ExporterConfig[] = [];
  for (;;) {
    const position = config.exporters.findIndex(match);
    const exporter = config.exporters[position];
    if (exporter === undefined) break;
    const expected = { ...config, exporters: config.exporters.toSpliced(position, 1) };
    rest = edit(rest, config, expected, fileName, exporter, (source, root) =>
      removeEntry(source, root, 'exporters', position),
    );
    config = expected;
    removed.push(exporter);
  }
  return { text: rest, change: removed.length > 0 ? 'removed' : 'absent', removed };
}

function checked(wanted: WrittenExporter): WrittenExporter {
  const parsed = exporterEntry.safeParse(wanted, { error: wordIssue });
  if (parsed.success) return parsed.data;
  const lines = shapeProblems(parsed.error.issues).map(({ path, message }) => `${pathText(path)}: ${message}`);
  throw invalidExporter(wanted, lines);
}

const invalidExporter = (wanted: Pick<ExporterConfig, 'name'>, detail: readonly string[]) =>
  new MonitorError({
    code: 'invalid-exporter',
    message: `The exporter ${wanted.name} cannot be added like this`,
    detail,
    suggestion: 'see `monitor add-exporter --help`',
    exitCode: 2,
  });

function entryText(written: WrittenExporter): EntryText {
  const lines = Object.entries(written).map(([key, value]) => `${key}: ${inlineYaml(value)}`);
  return { block: lines, inline: `{${lines.join(', ')}}` };
}

function updateEntry(
  text: string,
  root: YAMLMap,
  position: number,
  before: ExporterConfig,
  written: WrittenExporter,
): Splice[] | undefined {
  const list = pairOf(root, 'exporters')?.value;
  const entry = isSeq(list) ? list.items[position] : undefined;
  const now: Record<string, unknown> = { ...before };
  const differing = Object.entries(written).filter(([key, value]) => now[key] !== value);
  return isMap(entry) ? setPairs(text, entry, Object.fromEntries(differing)) : undefined;
}

/** The entry as a person would write it. */
function withoutDefaults(exporter: ExporterConfig, stack: string): WrittenExporter {
  const { name, for: server } = exporter;
  const shortest = { name, ...(server === undefined ? {} : { for: server }) };
  const defaults: Record<string, unknown> = { ...fillExporter(shortest, stack) };
  const own = Object.entries(exporter).filter(([key, value]) => defaults[key] !== value);
  return { ...shortest, ...Object.fromEntries(own) };
}

function edit(
  text: string,
  config: MonitorConfig,
  expected: MonitorConfig,
  fileName: string,
  exporter: ExporterConfig,
  change: TextChange,
): string {
  const entry = entryText(withoutDefaults(exporter, config.name)).block;
  return changeText(text, expected, change, {
    own: ['exporters', expected.exporters.indexOf(exporter)],
    refused: (lines) => invalidExporter(exporter, lines),
    notEditable: () =>
      notEditable(fileName, 'exporters', entry, todoOf(config.exporters.length, expected.exporters.length)),
  });
}
