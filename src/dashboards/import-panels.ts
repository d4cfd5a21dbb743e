import { type GrafanaVersion, isAtLeast, parseVersion } from '../grafana/version.ts';
import { type JsonRecord, textOf } from '../json.ts';
import { panelsOf } from './json-tree.ts';

/**
 * Grafana's own panels, by the version that brought them or, for some, took them out. Source: grafana/grafana
 * public/app/plugins/panel of 7.5.5, 9.4 and 12.4.3, and docs/sources/whatsnew. A panel that is missing here is a plugin.
 */
const SINCE: Readonly<Record<string, string>> = {
  '7.0':
    'alertlist annolist bargauge dashlist gauge gettingstarted heatmap library-panel-ref logs news row stat table text timeseries welcome',
  '7.4': 'nodeGraph',
  '7.5': 'live',
  '8.0': 'piechart barchart histogram state-timeline status-history',
  '8.1': 'geomap',
  '8.3': 'candlestick',
  '9.2': 'canvas',
  '9.4': 'traces flamegraph',
  '10.0': 'xychart datagrid trend',
  '12.4': 'logstable',
};

const BROUGHT = new Map(
  Object.entries(SINCE).flatMap(([version, types]) => types.split(' ').map((type) => [type, version] as const)),
);

/** Those that 11 and later show as another panel or not at all. */
const OLD = ['graph', 'singlestat', 'table-old'];

/** What this server cannot show, with the version that can, or the plugin that is missing. */
export function panelNotices(
  dashboard: JsonRecord,
  { version, panelPlugins }: { version: GrafanaVersion; panelPlugins: readonly string[] },
): string[] {
  const notices = new Map<string, string>();
  for (const panel of panelsOf(dashboard)) {
    const type = textOf(panel, 'type');
    const since = BROUGHT.get(type);
    if (type === '' || OLD.includes(type) || panelPlugins.includes(type)) continue;
    const title = textOf(panel, 'title');
    const { major, minor } = parseVersion(since ?? '');
    if (since === undefined) {
      notices.set(type, `the panel "${title}" needs the plugin ${type}, which is not installed in this Grafana`);
    } else if (!isAtLeast(version, major, minor)) {
      notices.set(type, `the panel "${title}" (${type}) needs Grafana ${since} or later, and this is ${version.text}`);
    }
  }
  return [...notices.values()];
}
