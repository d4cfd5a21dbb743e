import { isDeepStrictEqual } from 'node:util';
import { addEntry, checked, type EditedList, type Removed, removeEntries, updateEntry } from '../config/edit-list.ts';
import { fillExporter } from '../config/fill.ts';
import type { ExporterConfig, ExporterId } from '../config/model.ts';
import { resolve } from '../config/resolve.ts';
import { exporterEntry, type WrittenExporter } from '../config/schema.ts';
import { type Edited, set } from '../config/yaml-edit.ts';
import { mistake } from '../errors.ts';

export interface AddedExporter {
  /** The file's new text; the old one, byte for byte, where nothing changed. */
  text: string;
  change: 'added' | 'updated' | 'unchanged';
  exporter: ExporterConfig;
}

/** As the label of its container names it: `postgres/db`. */
export const exporterKey = ({ name, for: server }: ExporterId): string =>
  server === undefined ? name : `${name}/${server}`;

/**
 * monitor.yml's text with the exporter in it, everything else untouched. Pure. An entry for the same server is given
 * the keys that differ, and keeps the others.
 * @throws MonitorError `invalid-config` (the text), `invalid-exporter` or `config-not-editable`
 */
export function addExporter(text: string, wanted: WrittenExporter, fileName = 'monitor.yml'): AddedExporter {
  const config = resolve(text, fileName);
  const file = { text, config, fileName };
  const written = checked(exporterEntry, wanted, (lines) => invalidExporter(wanted, lines));
  const added = fillExporter(written, config.name);
  const position = config.exporters.findIndex((exporter) => exporterKey(exporter) === exporterKey(added));
  const before = config.exporters[position];
  if (before === undefined)
    return { text: addEntry(EXPORTERS, file, added, written), change: 'added', exporter: added };
  const exporter = fillExporter({ ...before, ...written }, config.name);
  if (isDeepStrictEqual(exporter, before)) return { text, change: 'unchanged', exporter };
  const now: Record<string, unknown> = { ...before };
  const edited = Object.entries(written)
    .filter(([key, value]) => now[key] !== value)
    .reduce<Edited>((edited, [key, value]) => edited && set(edited, ['exporters', position, key], value), text);
  return { text: updateEntry(EXPORTERS, file, position, exporter, edited), change: 'updated', exporter };
}

/** monitor.yml's text without the exporters that `match`. Pure. */
export const removeExporters = (
  text: string,
  match: (exporter: ExporterConfig) => boolean,
  fileName = 'monitor.yml',
): Removed<ExporterConfig> => removeEntries(EXPORTERS, text, fileName, match);

const invalidExporter = ({ name }: Pick<ExporterConfig, 'name'>, detail: readonly string[]) =>
  mistake({
    code: 'invalid-exporter',
    message: `Invalid exporter ${name}`,
    detail,
    suggestion: 'see `monitor add-exporter --help`',
  });

const EXPORTERS: EditedList<ExporterConfig> = {
  key: 'exporters',
  entriesOf: ({ exporters }) => exporters,
  refused: invalidExporter,
  shortest: (exporter, config) => {
    const { name, for: server } = exporter;
    const defaults: Record<string, unknown> = { ...fillExporter({ name, for: server }, config.name) };
    const own = Object.entries(exporter).filter(([key, value]) => defaults[key] !== value);
    return { name, for: server, ...Object.fromEntries(own) };
  },
};
