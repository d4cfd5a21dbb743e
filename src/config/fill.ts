import { formatAddress, parseAddress } from './address.ts';
import { DEFAULT_METRICS_PATH, DEFAULT_NAME, DEFAULT_SCHEME, defaultsFor } from './defaults.ts';
import { fillExporter } from './fill-exporter.ts';
import type { DashboardSource, MonitorConfig, TargetConfig } from './model.ts';
import type { WrittenConfig, WrittenDashboard, WrittenTarget } from './schema.ts';

/** The configuration that `written` stands for, every default filled in. */
export function fillDefaults(written: WrittenConfig): MonitorConfig {
  const defaults = defaultsFor(written.name ?? DEFAULT_NAME);
  return {
    name: defaults.name,
    scrape_interval: written.scrape_interval ?? defaults.scrape_interval,
    bind: written.bind ?? defaults.bind,
    network: written.network ?? defaults.network,
    prometheus: {
      ...defaults.prometheus,
      ...written.prometheus,
      retention: { ...defaults.prometheus.retention, ...written.prometheus?.retention },
    },
    grafana: { ...defaults.grafana, ...written.grafana },
    detect: { ...defaults.detect, ...written.detect },
    targets: (written.targets ?? []).map(fillTarget),
    exporters: (written.exporters ?? []).map((entry) => fillExporter(entry, defaults.name)),
    scrape_configs: written.scrape_configs ?? [],
    dashboards: (written.dashboards ?? []).map(fillDashboard),
  };
}

const fillDashboard = (written: WrittenDashboard): DashboardSource =>
  typeof written === 'string' ? { path: written } : { grafanaCom: written.grafana_com, revision: written.revision };

/** One entry of `targets`, in its short or long form, every default filled in. */
export function fillTarget(entry: WrittenTarget): TargetConfig {
  const written = typeof entry === 'string' ? { address: entry } : entry;
  const address = parseAddress(written.address);
  const labels = Object.entries(written.labels ?? {}).map(([name, value]) => [name, String(value)]);
  return {
    address: formatAddress(address),
    job_name: written.job_name ?? address.host,
    metrics_path: written.metrics_path ?? DEFAULT_METRICS_PATH,
    scheme: written.scheme ?? DEFAULT_SCHEME,
    scrape_interval: written.scrape_interval,
    labels: Object.fromEntries(labels),
  };
}
