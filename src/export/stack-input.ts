import type { ExporterConfig, MonitorConfig } from '../config/model.ts';
import type { ScrapeTarget } from '../detect/types.ts';
import type { Datasource } from '../grafana/model.ts';
import { desiredStack } from '../stack/desired.ts';
import { exporterContainer, exporterTarget, type ReadyExporter } from '../stack/exporters.ts';
import { resolveTargets } from '../stack/resolve-targets.ts';
import type { DesiredContainer, ObservedEngine } from '../stack/types.ts';
import type { NamedFiles } from './passthrough.ts';

/** All that an export is made from. This file alone knows how the stack describes itself. */
export interface ExportInput {
  config: MonitorConfig;
  /** The stack itself and what monitor.yml names; not its exporters, and not what detection found. */
  targets: ScrapeTarget[];
  grafana: DesiredContainer;
  exporters: ExportedExporter[];
  /** Exporters that lack what they have to be told. */
  unready: ExporterConfig[];
  workloads: Workload[];
  datasource: Datasource;
  dashboards: readonly ExportedDashboard[];
  /** Files that passed-through scrape configs name. */
  files: NamedFiles;
}

export interface ExportedExporter {
  config: ExporterConfig;
  container: DesiredContainer;
  target: ScrapeTarget;
  /** Values in its environment that are secret. */
  secrets: string[];
}

export interface ExportedDashboard {
  uid: string;
  title: string;
  json: unknown;
}

/** A running container that serves metrics, as detection found it. */
export interface Workload {
  /** Its name on the engine. */
  container: string;
  image: string;
  /** TCP ports that it exposes. */
  ports: number[];
  endpoints: Pick<
    ScrapeTarget,
    'job' | 'instance' | 'metrics_path' | 'scheme' | 'scrape_interval' | 'scrape_timeout' | 'labels'
  >[];
}

/** An engine of which nothing is known: names stay names. */
export const UNKNOWN_ENGINE: ObservedEngine = {
  containers: [],
  networks: [],
  volumes: new Map(),
  images: new Map(),
  own: new Map(),
  aliases: new Map(),
  busyPorts: [],
};

export interface StackParts {
  config: MonitorConfig;
  ready: readonly ReadyExporter[];
  grafanaPassword: string;
}

type FromStack = Pick<ExportInput, 'config' | 'targets' | 'grafana' | 'exporters'>;

/** What monitor.yml alone says of the stack. Pure. */
export const stackInput = ({ config, ready, grafanaPassword }: StackParts): FromStack => {
  const exporters = ready.map((one): ExportedExporter => {
    const { password } = one.values;
    return {
      config: one.config,
      container: exporterContainer(config, one, UNKNOWN_ENGINE),
      target: exporterTarget(one.config, config.name, UNKNOWN_ENGINE),
      secrets: password === undefined ? [] : [password],
    };
  });
  const desired = desiredStack({
    config,
    targets: [],
    networks: [],
    prometheusConfig: '',
    grafanaPassword,
    exporters: [],
    spared: [],
    quickDiscovery: false,
  });
  const grafana = desired.containers.find((c) => c.role === 'grafana');
  if (grafana === undefined) throw new Error('a stack has a Grafana');
  return {
    config,
    targets: resolveTargets(config, UNKNOWN_ENGINE).targets.filter((t) => t.origin !== 'exporter'),
    grafana,
    exporters,
  };
};
