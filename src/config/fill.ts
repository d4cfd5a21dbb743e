import { formatAddress, parseAddress } from './address.ts';
import { DEFAULT_METRICS_PATH, DEFAULT_NAME, DEFAULT_SCHEME, defaultsFor } from './defaults.ts';
import { fillExporter } from './fill-exporter.ts';
import type { MonitorConfig, TargetConfig } from './model.ts';
import type { WrittenConfig, WrittenTarget } from './schema.ts';

/** The configuration that `written` stands for, every default filled in. */
export function fillDefaults(written: WrittenConfig): MonitorConfig {
  const defaults = defaultsFor(written.name ?? DEFAULT_NAME);
  const { prometheus, grafana } = written;
  return {
    name: defaults.name,
    scrape_interval: written.scrape_interval ?? defaults.scrape_interval,
    bind: written.bind ?? defaults.bind,
    network: written.network ?? defaults.network,
    prometheus: {
      image: prometheus?.image ?? defaults.prometheus.image,
      container: prometheus?.container ?? defaults.prometheus.container,
      volume: prometheus?.volume ?? defaults.prometheus.volume,
      port: prometheus?.port ?? defaults.prometheus.port,
      retention: {
        time: prometheus?.retention?.time ?? defaults.prometheus.retention.time,
        ...(prometheus?.retention?.size === undefined ? {} : { size: prometheus.retention.size }),
      },
    },
    grafana: {
      image: grafana?.image ?? defaults.grafana.image,
      container: grafana?.container ?? defaults.grafana.container,
      volume: grafana?.volume ?? defaults.grafana.volume,
      port: grafana?.port ?? defaults.grafana.port,
      admin_user: grafana?.admin_user ?? defaults.grafana.admin_user,
    },
    detect: { enabled: written.detect?.enabled ?? defaults.detect.enabled },
    targets: (written.targets ?? []).map(fillTarget),
    exporters: (written.exporters ?? []).map((entry) => fillExporter(entry, defaults.name)),
    scrape_configs: written.scrape_configs ?? [],
  };
}

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
    ...(written.scrape_interval === undefined ? {} : { scrape_interval: written.scrape_interval }),
    labels: Object.fromEntries(labels),
  };
}
