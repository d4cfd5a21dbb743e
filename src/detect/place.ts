import { isOwnMachine } from '../config/address.ts';
import type { TargetConfig } from '../config/model.ts';
import type { Container } from '../docker/engine.ts';
import { plural } from '../words.ts';
import { COMPOSE_SERVICE, HOST_ALIAS, type Reachable, reach } from './reach.ts';
import type { ScrapeTarget } from './types.ts';

/** What decides where a configured address leads. */
export interface PlacingEngine extends Reachable {
  /** By container id, as far as they were looked up. */
  aliases: ReadonlyMap<string, readonly NetworkAlias[]>;
}

/** A name that a container has on one of its networks, and nowhere else. */
export interface NetworkAlias {
  network: string;
  alias: string;
}

export interface Placed {
  target: ScrapeTarget;
  /** What the user should know about where it leads. */
  notice?: string;
}

/** `events:9100` -> `events`, `9100`; IPv6 keeps its brackets. */
export const splitAddress = (address: string): { host: string; port: string } => {
  const at = address.lastIndexOf(':');
  return { host: address.slice(0, at), port: address.slice(at + 1) };
};

/** A configured target, as Prometheus will dial it. Pure: the engine was looked at before. */
export const place = (config: TargetConfig, engine: PlacingEngine, stackNetwork: string): Placed => {
  const { address: instance } = config;
  const { host, port } = splitAddress(instance);
  const target = baseTarget(config);
  if (isOwnMachine(host)) {
    const address = `${HOST_ALIAS}:${port}`;
    const notice = `${instance} means this machine: Prometheus scrapes it as ${address} and keeps instance="${instance}"`;
    return { target: { ...target, address }, notice };
  }
  if (host === HOST_ALIAS) return { target };
  const container = containerOf(host, engine, stackNetwork);
  if (container === undefined) {
    const notice = `no container has the name or alias "${host}"; ${instance} is kept, and Prometheus will look the name up`;
    return { target, notice: isAddress(host) ? undefined : notice };
  }
  const reached = reach(whereKnownAs(host, container, engine), engine, stackNetwork);
  const placed = { ...target, containerId: container.id };
  if (!reached.ok) {
    const notice = `${instance} cannot be reached: container ${container.name}: ${reached.reason}`;
    return { target: placed, notice };
  }
  const several = severalAnswer(host, engine);
  const isAsWritten = reached.host === container.name || isAddress(host);
  const address = isAsWritten ? instance : `${reached.host}:${port}`;
  const notice = several && `${instance}: ${several}: name a container instead`;
  return { target: { ...placed, address, network: reached.network }, notice };
};

/** What follows of a name that no container has for itself, and that several answer to. */
export const severalAnswer = (host: string, engine: PlacingEngine): string | undefined => {
  const answering = engine.containers.filter((c) => c.state === 'running' && answersTo(c, host, engine));
  const names = answering.map((c) => c.name).sort();
  if (names.length < 2 || names.some((name) => isSameName(name, host))) return undefined;
  return `${plural(names.length, 'container')} answer to "${host}" (${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}), so a scrape reaches one or another of them`;
};

/** The container as the networks see it on which an alias leads to it: on its other ones that would not resolve. */
export const whereKnownAs = (host: string, container: Container, { aliases }: PlacingEngine): Container => {
  const known = (aliases.get(container.id) ?? []).filter((a) => isSameName(a.alias, host)).map((a) => a.network);
  return known.length === 0
    ? container
    : { ...container, networks: container.networks.filter((n) => known.includes(n.name)) };
};

const baseTarget = (config: TargetConfig): ScrapeTarget => ({
  job: config.job_name,
  address: config.address,
  instance: config.address,
  metrics_path: config.metrics_path,
  scheme: config.scheme,
  scrape_interval: config.scrape_interval,
  labels: config.labels,
  origin: 'config',
});

export const isAddress = (host: string): boolean => host.startsWith('[') || /^\d{1,3}(\.\d{1,3}){3}$/.test(host);

/**
 * The container that answers to a host name: by its own name, else its Compose service, an alias, its short id or
 * address; of several one that runs, on the network `preferred` before all others, since it needs no further one.
 */
export const containerOf = (host: string, engine: PlacingEngine, preferred?: string): Container | undefined => {
  const answering = engine.containers.filter((c) => answersTo(c, host, engine));
  const running = answering.filter((c) => c.state === 'running');
  const near = running.find((c) => c.networks.some((n) => n.name === preferred));
  return answering.find((c) => isSameName(c.name, host)) ?? near ?? running[0] ?? answering[0];
};

/** As the engine's name server has it: whatever the case, and with or without the dot at a name's end. */
const isSameName = (a: string | undefined, b: string): boolean =>
  a === b || (a !== undefined && a.toLowerCase() === b.toLowerCase().replace(/\.$/, ''));

const answersTo = (container: Container, host: string, engine: PlacingEngine): boolean =>
  isSameName(container.name, host) ||
  isSameName(container.labels[COMPOSE_SERVICE], host) ||
  engine.aliases.get(container.id)?.some((a) => isSameName(a.alias, host)) === true ||
  (host.length === 12 && container.id.startsWith(host)) ||
  container.networks.some((n) => n.ipAddress === host || (n.ipv6Address !== '' && `[${n.ipv6Address}]` === host));

/** Hosts that no container's name, Compose service or address explains: the aliases of the containers have to be asked. */
export const unexplainedHosts = (hosts: readonly string[], engine: Reachable): string[] =>
  hosts.filter(
    (host) =>
      !isOwnMachine(host) &&
      host !== HOST_ALIAS &&
      !isAddress(host) &&
      containerOf(host, { ...engine, aliases: new Map() }) === undefined,
  );
