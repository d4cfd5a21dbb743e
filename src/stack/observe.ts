import { setTimeout as sleep } from 'node:timers/promises';
import type { MonitorConfig } from '../config/model.ts';
import { type NetworkAlias, splitAddress, staticTargets, unexplainedHosts } from '../detect/place.ts';
import type { Container, ContainerDetail, Engine, Network } from '../docker/engine.ts';
import type { GrafanaHealth } from '../grafana/client.ts';
import type { PrometheusClient } from '../prometheus/client.ts';
import { PROMETHEUS_CONFIG_PATH } from './desired.ts';
import { isOfStack, LABEL, type Role } from './labels.ts';
import { isPortFree } from './ports.ts';
import type { ObservedEngine, ObservedPrometheus } from './types.ts';

/** The stack's servers, which tell what the engine cannot. */
export interface StackServers {
  prometheus: PrometheusClient;
  /** `undefined` while Grafana is not up. */
  grafanaHealth: () => Promise<GrafanaHealth | undefined>;
}

/** A container starts within this many looks, so many milliseconds apart, or its port is somebody else's. */
const LOOKS = 10;
const BETWEEN_LOOKS_MS = 300;

/**
 * One look at the engine: two list calls, and an inspect of each thing that monitor.yml names or the stack has.
 * Other containers are inspected only for a target's name that nothing else explains, since the list has no aliases.
 * A look that falls into the start of one of the stack's own containers is not used: another one follows it.
 */
export const observe = async (
  engine: Engine,
  config: MonitorConfig,
  servers: StackServers,
): Promise<ObservedEngine> => {
  for (let looks = 1; ; looks += 1) {
    const observed = await look(engine, config, servers);
    if (looks === LOOKS || !mayBeStarting(observed, config.name)) return observed;
    await sleep(BETWEEN_LOOKS_MS);
  }
};

/**
 * A port is held, and a container of ours does not run: the engine may be starting it, by itself after a crash, or for
 * an `up` that was killed meanwhile.
 */
const mayBeStarting = ({ busyPorts, containers }: ObservedEngine, stack: string): boolean =>
  busyPorts.length > 0 && containers.some((c) => isOfStack(c, stack) && c.state !== 'running');

const look = async (engine: Engine, config: MonitorConfig, servers: StackServers): Promise<ObservedEngine> => {
  const [containers, networks] = await Promise.all([engine.listContainers(), engine.listNetworks()]);
  const ours = containers.filter((c) => isOfStack(c, config.name));
  // What takes longest is asked for first: a look at a file in a container.
  const [prometheus, own, grafana, images, volumes, aliases, busyPorts] = await Promise.all([
    observePrometheus(engine, servers.prometheus, running('prometheus', ours)),
    byKey(
      ours.map((c) => c.id),
      (id) => engine.inspectContainer(id),
    ),
    running('grafana', ours) === undefined ? undefined : servers.grafanaHealth(),
    byKey(imagesOf(config), (image) => engine.inspectImage(image)),
    byKey([config.prometheus.volume, config.grafana.volume], (name) => engine.inspectVolume(name)),
    lookUpAliases(engine, config, containers, networks),
    lookForBusyPorts(engine, config, ours),
  ]);
  return {
    containers,
    networks,
    volumes,
    images,
    own,
    aliases,
    busyPorts,
    ...(prometheus === undefined ? {} : { prometheus }),
    ...(grafana === undefined ? {} : { grafana }),
  };
};

const imagesOf = (config: MonitorConfig): string[] => [
  config.prometheus.image,
  config.grafana.image,
  ...config.exporters.map((e) => e.image),
];

const byKey = async <T>(
  keys: readonly string[],
  look: (key: string) => Promise<T | undefined>,
): Promise<Map<string, T>> => {
  const found = await Promise.all([...new Set(keys)].map(async (key) => ({ key, value: await look(key) })));
  return new Map(found.flatMap(({ key, value }) => (value === undefined ? [] : [[key, value]])));
};

const lookUpAliases = async (
  engine: Engine,
  config: MonitorConfig,
  containers: Container[],
  networks: Network[],
): Promise<Map<string, NetworkAlias[]>> => {
  const named = [...config.targets, ...staticTargets(config.scrape_configs)];
  const hosts = named.map((t) => splitAddress(t.address).host);
  if (unexplainedHosts(hosts, { containers, networks }).length === 0) return new Map();
  const details = await byKey(
    containers.filter((c) => c.networks.some((n) => n.name !== 'bridge' && n.name !== 'host')).map((c) => c.id),
    (id) => engine.inspectContainer(id),
  );
  return new Map([...details].map(([id, detail]) => [id, aliasesOf(detail)]));
};

const aliasesOf = ({ networks }: ContainerDetail): NetworkAlias[] =>
  networks.flatMap((n) => n.aliases.map((alias) => ({ network: n.name, alias })));

/** The stack's running container of a role. */
const running = (role: Role, ours: readonly Container[]): Container | undefined =>
  ours.find((c) => c.labels[LABEL.role] === role && c.state === 'running');

const observePrometheus = async (
  engine: Engine,
  client: PrometheusClient,
  container: Container | undefined,
): Promise<ObservedPrometheus | undefined> => {
  if (container === undefined) return undefined;
  const [file, loaded] = await Promise.all([
    engine.statFile(container.id, PROMETHEUS_CONFIG_PATH),
    client.loadedConfig().catch(() => undefined),
  ]);
  return { file, loaded };
};

/** Only where the engine publishes on this machine, and only ports that the stack does not hold itself. */
const lookForBusyPorts = async (
  engine: Engine,
  config: MonitorConfig,
  ours: readonly Container[],
): Promise<number[]> => {
  if (!engine.endpoint.local) return [];
  const held = new Set(ours.flatMap((c) => c.ports.map((p) => p.publicPort)));
  const wanted = [config.prometheus.port, config.grafana.port].filter((port) => !held.has(port));
  const free = await Promise.all(wanted.map((port) => isPortFree(config.bind, port)));
  return wanted.filter((_, i) => free[i] === false);
};
