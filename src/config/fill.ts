import { createHash } from 'node:crypto';
import { formatAddress, parseAddress } from './address.ts';
import { DEFAULT_METRICS_PATH, DEFAULT_NAME, DEFAULT_SCHEME, defaultsFor, prefixOf } from './defaults.ts';
import { EXPORTERS, type ExporterName } from './exporter-table.ts';
import type { ExporterConfig, MonitorConfig, TargetConfig } from './model.ts';
import type { WrittenConfig, WrittenExporter, WrittenTarget } from './schema.ts';

/** The configuration that `written` stands for, every default filled in. */
export function fillDefaults(written: WrittenConfig): MonitorConfig {
  const defaults = defaultsFor(written.name ?? DEFAULT_NAME);
  return {
    name: defaults.name,
    scrape_interval: written.scrape_interval ?? defaults.scrape_interval,
    bind: written.bind ?? defaults.bind,
    network: written.network ?? defaults.network,
    prometheus: {
      ...over(defaults.prometheus, written.prometheus),
      retention: over(defaults.prometheus.retention, written.prometheus?.retention),
    },
    grafana: over(defaults.grafana, written.grafana),
    detect: over(defaults.detect, written.detect),
    targets: (written.targets ?? []).map(fillTarget),
    exporters: (written.exporters ?? []).map((entry) => fillExporter(entry, defaults.name)),
    scrape_configs: written.scrape_configs ?? [],
    dashboards: written.dashboards ?? [],
  };
}

/** The defaults with what is written in their place. */
const over = <T extends object>(defaults: T, written: object | null | undefined): T => ({
  ...defaults,
  ...Object.fromEntries(Object.entries(written ?? {}).filter(([, value]) => value !== undefined)),
});

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

/** One entry of `exporters`, every default filled in. */
export function fillExporter(written: WrittenExporter, stack: string): ExporterConfig {
  const { name, for: server, port, image, container, job_name, user, database, path, from_env } = written;
  const { image: pinned, serverPort } = EXPORTERS[name];
  return {
    name,
    for: server,
    port: port ?? serverPort,
    image: image ?? pinned,
    container: container ?? defaultContainer(name, server, stack),
    job_name: job_name ?? name,
    user,
    database,
    path,
    from_env: from_env || undefined,
  };
}

/** A label of a DNS name: Prometheus finds the exporter by its container's name. Source: RFC 1035, section 2.3.4. */
const LONGEST_NAME = 63;

/** `shop-db-postgres-exporter`: the stack's prefix, the server, the exporter. */
function defaultContainer(name: ExporterName, server: string | undefined, stack: string): string {
  const own = name === 'cadvisor' ? name : `${name}-exporter`;
  const full = `${prefixOf(stack)}${server === undefined ? '' : `${server}-`}${own}`;
  if (full.length <= LONGEST_NAME) return full;
  const hash = createHash('sha256').update(full).digest('hex').slice(0, 6);
  return `${full.slice(0, LONGEST_NAME - own.length - hash.length - 2)}-${hash}-${own}`;
}
