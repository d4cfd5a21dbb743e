import { checked, type EditedList, type Put, putEntry } from '../config/edit-list.ts';
import { fillExporter } from '../config/fill.ts';
import type { ExporterConfig, ExporterId } from '../config/model.ts';
import { resolve } from '../config/resolve.ts';
import { exporterEntry, type WrittenExporter } from '../config/schema.ts';
import { mistake } from '../errors.ts';

/** As the label of its container names it: `postgres/db`. */
export const exporterKey = ({ name, for: server }: ExporterId): string =>
  server === undefined ? name : `${name}/${server}`;

/**
 * monitor.yml's text with the exporter in it, everything else untouched. Pure. An entry for the same server is given
 * the keys that differ, and keeps the others.
 * @throws MonitorError `invalid-config` (the text), `invalid-exporter` or `config-not-editable`
 */
export function addExporter(text: string, wanted: WrittenExporter, fileName = 'monitor.yml'): Put<ExporterConfig> {
  const config = resolve(text, fileName);
  const written = checked(exporterEntry, wanted, (lines) => invalidExporter(wanted, lines));
  const position = config.exporters.findIndex((exporter) => exporterKey(exporter) === exporterKey(written));
  const exporter = fillExporter({ ...config.exporters[position], ...written }, config.name);
  return putEntry(EXPORTER_LIST, { path: fileName, text, config }, position, exporter, written);
}

const invalidExporter = ({ name }: Pick<ExporterConfig, 'name'>, detail: readonly string[]) =>
  mistake({
    code: 'invalid-exporter',
    message: `Invalid exporter ${name}`,
    detail,
    suggestion: 'see `monitor add-exporter --help`',
  });

export const EXPORTER_LIST: EditedList<ExporterConfig> = {
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
