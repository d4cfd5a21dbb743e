import { type JsonObject, textOf } from '../grafana/json.ts';
import { type GrafanaVersion, isAtLeast } from '../grafana/version.ts';
import { panelsOf } from './json-tree.ts';

/**
 * Grafana's own panels, by the version that brought them or, for some, took them out. Source: grafana/grafana
 * public/app/plugins/panel of 7.5.5, 9.4 and 12.4.3, and docs/sources/whatsnew. A panel that is missing here is a plugin.
 */
const SINCE: Readonly<Record<string, readonly [major: number, minor: number]>> = {
  ...Object.fromEntries(
    [
      ...[
        'alertlist',
        'annolist',
        'bargauge',
        'dashlist',
        'gauge',
        'gettingstarted',
        'graph',
        'heatmap',
        'logs',
        'news',
      ],
      ...['row', 'singlestat', 'stat', 'table', 'table-old', 'text', 'timeseries', 'welcome', 'library-panel-ref'],
    ].map((type) => [type, [7, 0] as const]),
  ),
  nodeGraph: [7, 4],
  live: [7, 5],
  piechart: [8, 0],
  barchart: [8, 0],
  histogram: [8, 0],
  'state-timeline': [8, 0],
  'status-history': [8, 0],
  geomap: [8, 1],
  candlestick: [8, 3],
  canvas: [9, 2],
  traces: [9, 4],
  flamegraph: [9, 4],
  xychart: [10, 0],
  datagrid: [10, 0],
  trend: [10, 0],
  logstable: [12, 4],
};

/** Whether 11 and later show it as another panel or not at all. */
const OLD: Readonly<Record<string, string>> = { graph: 'timeseries', singlestat: 'stat', 'table-old': 'table' };

/** What this server cannot show, with the version that can, or the plugin that is missing. */
export function panelNotices(
  dashboard: JsonObject,
  { version, panelPlugins }: { version: GrafanaVersion; panelPlugins: readonly string[] },
): string[] {
  const notices = new Map<string, string>();
  for (const panel of panelsOf(dashboard)) {
    const type = textOf(panel, 'type');
    if (type === '' || type in OLD || panelPlugins.includes(type)) continue;
    const since = SINCE[type];
    const title = textOf(panel, 'title');
    if (since === undefined) {
      notices.set(type, `the panel "${title}" needs the plugin ${type}, which is not installed in this Grafana`);
    } else if (!isAtLeast(version, ...since)) {
      notices.set(
        type,
        `the panel "${title}" (${type}) needs Grafana ${since.join('.')} or later, and this is ${version.text}`,
      );
    }
  }
  return [...notices.values()];
}
