import type { MonitorConfig } from '../config/model.ts';
import type { NamedEndpoint } from '../detect/assemble.ts';
import { containerOf, place, splitAddress, staticTargets } from '../detect/place.ts';
import { isCalled, reach } from '../detect/reach.ts';
import type { ScrapeTarget } from '../detect/types.ts';
import { exporterTarget, placeExporter } from '../exporters/components.ts';
import { COMPONENTS, ownGrafanaAlias } from './components.ts';
import { isOfStack } from './labels.ts';
import type { Snapshot } from './model.ts';

export interface ResolvedTargets {
  targets: ScrapeTarget[];
  /** The static targets of passed-through scrape configs, which Prometheus gets as they stand. */
  passed: NamedEndpoint[];
  /** Networks that those need Prometheus to be on. */
  networks: string[];
  notices: string[];
}

/** Everything that Prometheus is to scrape: the stack itself, then what monitor.yml names, then its exporters. Pure. */
export const resolveTargets = (config: MonitorConfig, observed: Snapshot): ResolvedTargets => {
  const placed = config.targets.map((target) => place(target, observed, config.network));
  const passed = staticTargets(config.scrape_configs).map((target) => ({
    target,
    container: containerOf(splitAddress(target.address).host, observed, config.network),
  }));
  return {
    targets: [
      ...stackTargets(config.name, observed),
      ...placed.map((p) => p.target),
      ...config.exporters.map((e) => exporterTarget(e, config.name, observed)),
    ],
    passed: passed
      .filter(({ target }) => !target.isRelabelled)
      .map(({ target, container }) => ({
        ...target,
        ...(container === undefined ? {} : { containerId: container.id }),
      })),
    networks: passed.flatMap(({ container }) => {
      const reached = container === undefined ? undefined : reach(container, observed, config.network);
      return reached?.ok === true && reached.network !== undefined ? [reached.network] : [];
    }),
    notices: [
      ...placed.flatMap((p) => p.notice ?? []),
      ...config.exporters.flatMap((e) => placeExporter(e, observed, config.network).notice ?? []),
    ],
  };
};

const stackTargets = (stack: string, { containers }: Snapshot): ScrapeTarget[] => {
  const hasNamesake = containers.some((c) => !isOfStack(c, stack) && isCalled(c, 'grafana'));
  const grafana = hasNamesake ? ownGrafanaAlias(stack) : 'grafana';
  const { port } = COMPONENTS.grafana;
  return [
    stackTarget('prometheus', `localhost:${COMPONENTS.prometheus.port}`),
    stackTarget('grafana', `grafana:${port}`, `${grafana}:${port}`),
  ];
};

const stackTarget = (job: string, instance: string, address = instance): ScrapeTarget => ({
  job,
  address,
  instance,
  metrics_path: '/metrics',
  scheme: 'http',
  labels: {},
  origin: 'stack',
});
