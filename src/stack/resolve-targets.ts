import type { MonitorConfig } from '../config/model.ts';
import { containerOf, place, staticHosts } from '../detect/place.ts';
import { reach } from '../detect/reach.ts';
import type { ScrapeTarget } from '../detect/types.ts';
import { GRAFANA_ALIAS, GRAFANA_PORT, PROMETHEUS_PORT } from './desired.ts';
import { exporterTarget, placeExporter } from './exporters.ts';
import type { ObservedEngine } from './types.ts';

export interface ResolvedTargets {
  targets: ScrapeTarget[];
  /** Networks that passed-through scrape configs need Prometheus to be on. */
  networks: string[];
  notices: string[];
}

/** Everything that Prometheus is to scrape: the stack itself, then what monitor.yml names, then its exporters. Pure. */
export const resolveTargets = (config: MonitorConfig, observed: ObservedEngine): ResolvedTargets => {
  const placed = config.targets.map((target) => place(target, observed, config.network));
  return {
    targets: [
      ...stackTargets(),
      ...placed.map((p) => p.target),
      ...config.exporters.map((e) => exporterTarget(e, config.name, observed)),
    ],
    networks: passthroughNetworks(config, observed),
    notices: [
      ...placed.flatMap((p) => p.notice ?? []),
      ...config.exporters.flatMap((e) => placeExporter(e, observed, config.network).notice ?? []),
    ],
  };
};

const stackTargets = (): ScrapeTarget[] => [
  stackTarget('prometheus', `localhost:${PROMETHEUS_PORT}`),
  stackTarget('grafana', `${GRAFANA_ALIAS}:${GRAFANA_PORT}`),
];

const stackTarget = (job: string, address: string): ScrapeTarget => ({
  job,
  address,
  instance: address,
  metrics_path: '/metrics',
  scheme: 'http',
  labels: {},
  origin: 'stack',
});

const passthroughNetworks = (config: MonitorConfig, observed: ObservedEngine): string[] =>
  staticHosts(config.scrape_configs).flatMap((host) => {
    const container = containerOf(host, observed);
    const reached = container === undefined ? undefined : reach(container, observed, config.network);
    return reached?.ok === true && reached.network !== undefined ? [reached.network] : [];
  });
