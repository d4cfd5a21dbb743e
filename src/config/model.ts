import type { ExporterName } from './exporter-table.ts';

/**
 * monitor.yml, resolved: every default filled in, every value checked.
 * Keys are spelled as in the file, which spells them as Prometheus does.
 */
export interface MonitorConfig {
  /** The stack's name: what belongs to it on the engine is labelled with it. */
  name: string;
  /** A Prometheus duration, such as `15s`; the default of every job. */
  scrape_interval: string;
  /** Host address on which the ports are published. */
  bind: string;
  network: string;
  prometheus: PrometheusConfig;
  grafana: ServerConfig & { admin_user: string };
  detect: { enabled: boolean };
  targets: TargetConfig[];
  exporters: ExporterConfig[];
  /** Passed to Prometheus as they stand. */
  scrape_configs: ScrapeConfig[];
  dashboards: DashboardSource[];
}

/** Where dashboards come from: a file or a folder, relative to monitor.yml; or grafana.com, its newest revision by default. */
export type DashboardSource = string | { grafana_com: number; revision?: number };

export interface ServerConfig {
  image: string;
  container: string;
  volume: string;
  port: number;
}

export interface PrometheusConfig extends ServerConfig {
  retention: { time: string; size?: string };
}

/** One entry of `targets`: an endpoint that Prometheus scrapes. */
export interface TargetConfig {
  /** `host:port`, IPv6 in brackets. */
  address: string;
  /** Default: the address's host. */
  job_name: string;
  metrics_path: string;
  scheme: 'http' | 'https';
  /** Absent: the stack's. */
  scrape_interval?: string;
  labels: Record<string, string>;
}

/** One entry of `exporters`: a container of the stack that tells about a server, or about the machine. No secret is in it. */
export interface ExporterConfig {
  name: ExporterName;
  /** The container of its server, by its name; absent for an exporter of the machine. */
  for?: string;
  /** What its server listens on; absent as above. */
  port?: number;
  image: string;
  container: string;
  job_name: string;
  user?: string;
  database?: string;
  path?: string;
  /** Credentials come from the environment: of the server's container, or the password from this environment variable. */
  from_env?: true | string;
}

/** Which exporter of which server: at most one entry of monitor.yml has it. */
export type ExporterId = Pick<ExporterConfig, 'name' | 'for'>;

/** An entry of Prometheus's own `scrape_configs`. */
export type ScrapeConfig = { job_name: string } & Record<string, unknown>;

/** monitor.yml as it was found, read and resolved. */
export interface LoadedConfig {
  path: string;
  /** The file's text, byte for byte. */
  text: string;
  config: MonitorConfig;
}

/**
 * A plain scalar whose text is more than its value, and is passed on as it stands in `scrape_configs`: `1.10` is the number
 * 1.1, but the text `1.10` where Prometheus expects text; so are `0x10`, `1e3` and `True`.
 */
export class Verbatim {
  constructor(
    readonly text: string,
    readonly value: number | boolean,
  ) {}
}
