import { isRecord, type JsonRecord, objectsIn, textOf } from '../json.ts';
import { type ServerDatasources, valueOfDatasource } from './import-datasources.ts';
import { mapStrings } from './json-tree.ts';

/**
 * A dashboard that was exported for sharing names what it needs in `__inputs` and refers to it as `${NAME}` anywhere in
 * its texts. Datasources become those of this server, constants their value, as Grafana's own import does it.
 * Source: grafana/grafana pkg/services/dashboardimport.
 */
export function fillInputs(
  exported: JsonRecord,
  server: ServerDatasources,
): { dashboard: JsonRecord; notices: string[] } {
  const { __inputs, ...content } = exported;
  const notices: string[] = [];
  const values = new Map<string, string>();
  for (const input of objectsIn(__inputs)) {
    const value = inputValue(input, server, notices);
    if (value !== undefined) values.set(textOf(input, 'name'), value);
  }
  const fill = (text: string): string =>
    text.replace(/\$\{(\w[\w-]*)\}/g, (placeholder, name: string) => values.get(name) ?? placeholder);
  const filled = values.size === 0 ? content : mapStrings(content, fill);
  return { dashboard: isRecord(filled) ? filled : content, notices };
}

function inputValue(input: JsonRecord, server: ServerDatasources, notices: string[]): string | undefined {
  const name = textOf(input, 'name');
  if (textOf(input, 'type') === 'datasource') {
    const plugin = textOf(input, 'pluginId');
    const value = valueOfDatasource(plugin, server);
    if (value === undefined) {
      notices.push(`needs a datasource of type ${plugin}, which this Grafana does not have: its panels stay empty`);
    }
    return value;
  }
  if (typeof input.value === 'string') return input.value;
  notices.push(`its input ${name} has no value in the file, so \${${name}} stays as it is`);
  return undefined;
}
