import type { MonitorConfig } from '../config/model.ts';
import type { NamedEndpoint } from '../detect/assemble.ts';
import { containerOf, place, splitAddress } from '../detect/place.ts';
import { reach } from '../detect/reach.ts';
import type { ScrapeTarget } from '../detect/types.ts';
import { ON_A_NETWORK } from '../docker/engine.ts';
import { exporterTarget, placeExporter } from '../exporters/components.ts';
import { dialledHosts, staticTargets } from '../prometheus/dialled.ts';
import { COMPONENTS, ownGrafanaAlias } from './components.ts';
import { containerIn } from './labels.ts';
import type { Snapshot } from './model.ts';

export interface ResolvedTargets {
  targets: ScrapeTarget[];
  /** The static targets of passed-through scrape configs, which Prometheus gets as they stand. */
  passed: (NamedEndpoint & { instance: string; network?: string })[];
  /** Networks that those need Prometheus to be on. */
  networks: string[];
  notices: string[];
}

/** Everything that Prometheus is to scrape: the stack itself, then what monitor.yml names, then its exporters. Pure. */
export const resolveTargets = (config: MonitorConfig, observed: Snapshot): ResolvedTargets => {
  const placed = config.targets.map((target) => place(target, observed, config.network));
  const joinable = joinableIn(config, observed);
  const found = (host: string): Pick<ScrapeTarget, 'containerId' | 'network'> => {
    const container = containerOf(host, observed, config.network);
    const reached = container && reach(container, observed, config.network);
    const network = reached?.ok ? reached.network : undefined;
    return { containerId: container?.id, network: joinable({ containerId: container?.id, network }) };
  };
  const passed = staticTargets(config.scrape_configs).map((target) => {
    const { address } = target;
    return { ...target, instance: address, ...found(splitAddress(address).host) };
  });
  return {
    targets: [
      ...stackTargets(config.name),
      ...placed.map(({ target }) => ({ ...target, network: joinable(target) })),
      ...config.exporters.map((e) => exporterTarget(e, config.name, observed)),
    ],
    passed: passed.filter(({ isRelabelled }) => !isRelabelled),
    networks: [
      ...passed.flatMap(({ network }) => network ?? []),
      ...[...otherHosts(config, observed)].flatMap((host) => found(host).network ?? []),
    ],
    notices: [
      ...placed.flatMap((p) => p.notice ?? []),
      ...config.exporters.flatMap((e) => placeExporter(e, observed, config.network).notice ?? []),
    ],
  };
};

/** What passed-through jobs dial beside their static targets: as they are written, and as Prometheus has found them. */
const otherHosts = ({ scrape_configs }: MonitorConfig, { prometheus }: Snapshot): Set<string> => {
  const jobs = new Set(scrape_configs.map((config) => config.job_name));
  const found = prometheus?.targets.filter(({ job }) => jobs.has(job)) ?? [];
  return new Set([...dialledHosts(scrape_configs), ...found.map(({ scrapeUrl }) => new URL(scrapeUrl).hostname)]);
};

/**
 * A network is joined for a container that runs: on one whose last container has stopped, Prometheus alone would keep
 * `docker compose down` from removing it. Where it is already, it stays, so that a restart finds it there.
 */
const joinableIn = ({ name }: MonitorConfig, { containers }: Snapshot) => {
  const joined = containerIn(containers, name, 'prometheus')?.networks ?? [];
  return ({ network, containerId }: Pick<ScrapeTarget, 'network' | 'containerId'>): string | undefined =>
    joined.some((n) => n.name === network) || containers.some((c) => c.id === containerId && ON_A_NETWORK.has(c.state))
      ? network
      : undefined;
};

/** Grafana by the name that no other container on Prometheus's networks has. */
const stackTargets = (stack: string): ScrapeTarget[] => {
  const { port } = COMPONENTS.grafana;
  return [
    stackTarget('prometheus', `localhost:${COMPONENTS.prometheus.port}`),
    stackTarget('grafana', `grafana:${port}`, `${ownGrafanaAlias(stack)}:${port}`),
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
