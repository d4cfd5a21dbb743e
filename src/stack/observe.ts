import type { MonitorConfig } from '../config/model.ts';
import { SERVERS, type Server } from '../config/servers.ts';
import { type NetworkAlias, splitAddress, unexplainedHosts } from '../detect/place.ts';
import type { Container, ContainerDetail, Engine, Network } from '../docker/engine.ts';
import type { ActiveTarget, PrometheusClient } from '../prometheus/client.ts';
import { dialledHosts, staticTargets } from '../prometheus/dialled.ts';
import { PROMETHEUS_CONFIG_PATH } from './components.ts';
import { isOfStack, isThrowaway, LABEL } from './labels.ts';
import type { SeenGrafana, SeenPrometheus, Snapshot } from './model.ts';
import { isPortFree } from './ports.ts';
import type { Session } from './session.ts';
import { sweep } from './throwaway.ts';

/** What Grafana has, `undefined` while it is not up. `active`: what Prometheus scrapes. */
type SeeGrafana = (active: Promise<readonly ActiveTarget[]>) => Promise<SeenGrafana | undefined>;

/**
 * One look: two list calls, and an inspect of each thing that monitor.yml names or the stack has. Other containers are
 * inspected only for a target's name that nothing else explains, since the list has no aliases. Grafana is asked where
 * `seeGrafana` is given. Changes nothing but that throwaway containers of a command that was killed are removed; they are
 * not part of what is returned.
 */
export const look = async (
  { engine, prometheus: client, loaded: { config } }: Session,
  seeGrafana?: SeeGrafana,
): Promise<Snapshot> => {
  const listing = engine.listNetworks();
  listing.catch(() => {});
  const all = await engine.listContainers();
  const listedContainers = all.filter((c) => !isThrowaway(c));
  const ours = listedContainers.filter((c) => isOfStack(c, config.name));
  const scraping = answering('prometheus', ours, config);
  const listed = scraping === undefined ? Promise.resolve([]) : client.targets();
  const active = listed.catch(() => []);
  // What takes longest is asked for first: Grafana hashes a password, and the engine looks at a file in a container.
  const [grafana, prometheus, networks, containers, own, images, volumes, aliases, busyPorts] = await Promise.all([
    answering('grafana', ours, config) === undefined ? undefined : seeGrafana?.(active),
    seePrometheus(engine, client, scraping, listed),
    listing,
    listing.then((networks) => withExposedPorts(engine, listedContainers, networks)),
    byKey(
      ours.map((c) => c.id),
      (id) => engine.inspectContainer(id),
    ),
    byKey(imagesOf(config), (image) => engine.inspectImage(image)),
    byKey(
      SERVERS.map((server) => config[server].volume),
      (name) => engine.inspectVolume(name),
    ),
    listing.then((networks) => lookUpAliases(engine, config, listedContainers, networks)),
    lookForBusyPorts(engine, config, ours),
    sweep(engine, config.name, all),
  ]);
  return { containers, networks, volumes, images, own, aliases, busyPorts, prometheus, grafana };
};

const imagesOf = (config: MonitorConfig): string[] => [
  ...SERVERS.map((server) => config[server].image),
  ...config.exporters.map((e) => e.image),
];

const byKey = async <T>(
  keys: readonly string[],
  look: (key: string) => Promise<T | undefined>,
): Promise<Map<string, T>> => {
  const found = await Promise.all([...new Set(keys)].map(async (key) => ({ key, value: await look(key) })));
  return new Map(found.flatMap(({ key, value }) => (value === undefined ? [] : [[key, value]])));
};

/** The engine lists no ports of a container that is only on internal networks. */
const withExposedPorts = async (
  engine: Engine,
  containers: readonly Container[],
  networks: readonly Network[],
): Promise<Container[]> => {
  const internal = new Set(networks.filter((n) => n.isInternal).map((n) => n.name));
  const isHidden = (c: Container): boolean =>
    c.state === 'running' &&
    c.ports.length === 0 &&
    c.networks.length > 0 &&
    c.networks.every((n) => internal.has(n.name));
  const details = await byKey(
    containers.filter(isHidden).map((c) => c.id),
    (id) => engine.inspectContainer(id),
  );
  return containers.map((c) => ({ ...c, ports: details.get(c.id)?.exposedPorts ?? c.ports }));
};

const lookUpAliases = async (
  engine: Engine,
  config: MonitorConfig,
  containers: Container[],
  networks: Network[],
): Promise<Map<string, NetworkAlias[]>> => {
  const named = [...config.targets, ...staticTargets(config.scrape_configs)];
  const hosts = [...named.map((t) => splitAddress(t.address).host), ...dialledHosts(config.scrape_configs)];
  if (unexplainedHosts(hosts, { containers, networks }).length === 0) return new Map();
  const details = await byKey(
    containers.filter((c) => c.networks.some((n) => n.name !== 'bridge' && n.name !== 'host')).map((c) => c.id),
    (id) => engine.inspectContainer(id),
  );
  return new Map([...details].map(([id, detail]) => [id, aliasesOf(detail)]));
};

const aliasesOf = ({ networks }: ContainerDetail): NetworkAlias[] =>
  networks.flatMap((n) => n.aliases.map((alias) => ({ network: n.name, alias })));

/** The running container of a server; not where monitor.yml has another port since: what answers there is another server. */
const answering = (server: Server, ours: readonly Container[], config: MonitorConfig): Container | undefined =>
  ours.find(
    (c) => c.labels[LABEL.role] === server && c.state === 'running' && otherPort(c, config[server].port) === undefined,
  );

/** A port on the host that a container has instead of the one that monitor.yml gives it. */
export const otherPort = ({ ports }: Container, wanted: number): number | undefined =>
  ports.map((p) => p.publicPort).find((port) => port !== undefined && port !== wanted);

const seePrometheus = async (
  engine: Engine,
  client: PrometheusClient,
  container: Container | undefined,
  listed: Promise<readonly ActiveTarget[]>,
): Promise<SeenPrometheus | undefined> => {
  if (container === undefined) return undefined;
  // One that ends meanwhile answers one question and not the other: without its targets, it has not answered.
  const [file, { loaded, targets }] = await Promise.all([
    engine.statFile(container.id, PROMETHEUS_CONFIG_PATH),
    Promise.all([client.loadedConfig(), listed]).then(
      ([loaded, targets]) => ({ loaded, targets }),
      () => ({ loaded: undefined, targets: [] }),
    ),
  ]);
  return { file, loaded, targets };
};

/** Only where the engine publishes on this machine, and only ports that the stack does not hold itself. */
const lookForBusyPorts = async (
  engine: Engine,
  config: MonitorConfig,
  ours: readonly Container[],
): Promise<number[]> => {
  if (!engine.endpoint.local) return [];
  const held = new Set(ours.flatMap((c) => c.ports.map((p) => p.publicPort)));
  const wanted = SERVERS.map((server) => config[server].port).filter((port) => !held.has(port));
  const free = await Promise.all(wanted.map((port) => isPortFree(config.bind, port)));
  return wanted.filter((_, i) => free[i] === false);
};
