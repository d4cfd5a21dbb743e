import { EXPORTER_NAMES, type ExporterName, isExporterName } from '../config/exporter-table.ts';
import { closest } from '../config/suggest.ts';
import { quoted } from '../config/words.ts';
import { mistake } from '../errors.ts';

/** @throws MonitorError `unknown-exporter`, with the nearest name and the list */
export const exporterNamed = (name: string): ExporterName => {
  if (isExporterName(name)) return name;
  const near = closest(name, EXPORTER_NAMES) ?? EXPORTER_NAMES.find((known) => name.startsWith(known));
  throw mistake({
    code: 'unknown-exporter',
    message: `${quoted(name)} is not a known exporter`,
    detail: [`known exporters: ${EXPORTER_NAMES.join(', ')}`],
    suggestion:
      near === undefined
        ? 'run it as a container of your own, and add it with `monitor add-target HOST:PORT`'
        : `did you mean ${near}?`,
  });
};
