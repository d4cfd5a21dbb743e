import { isServer } from '../config/servers.ts';
import { type Container, type Network, shortId } from '../docker/engine.ts';

/** The developer's own machine, as Prometheus's container sees it (the engine's `host-gateway` entry). */
export const HOST_ALIAS = 'host.docker.internal';

export const COMPOSE_SERVICE = 'com.docker.compose.service';

/** Whether a container has a name, or its Compose service has it. */
export const isCalled = ({ name, labels }: Pick<Container, 'name' | 'labels'>, word: string): boolean =>
  name === word || labels[COMPOSE_SERVICE] === word;

/** How Prometheus, inside its container, gets to another one. */
export type Reach =
  | {
      ok: true;
      /** What to dial: a name, or an address where the engine has no names to offer. */
      host: string;
      /** The network that Prometheus has to join for it; absent where the stack's own, or the host's, will do. */
      network?: string;
    }
  | { ok: false; code: 'no-network' | 'not-running' | 'network-gone' | 'network-refused'; reason: string };

/** What of an observed engine decides how a container is reached. */
export interface Reachable {
  containers: readonly Container[];
  networks: readonly Network[];
}

/**
 * How Prometheus reaches a container. Pure.
 * A user-defined network gives names; the default bridge only addresses, which change at every start; a container on
 * the host's network is the host; one that shares another's network is reached as that one.
 */
export const reach = (container: Container, engine: Reachable, stackNetwork: string): Reach => {
  const owner = networkOwner(container, engine);
  if (owner === undefined) {
    return { ok: false, code: 'no-network', reason: 'it shares the network of a container that is gone' };
  }
  if (owner.networkMode === 'host') return { ok: true, host: HOST_ALIAS };
  const attached = owner.networks.filter((a) => a.name !== 'none' && a.name !== 'host');
  if (attached.length === 0) return { ok: false, code: 'no-network', reason: 'it is on no network' };
  const present = attached.filter((a) => engine.networks.some((n) => n.id === a.networkId || n.name === a.name));
  const host = hostOf(owner, engine);
  if (present.some((a) => a.name === stackNetwork)) return { ok: true, host };
  const [named] = present.flatMap(({ name }) => (name === 'bridge' ? [] : [name])).sort();
  if (named !== undefined) return { ok: true, host, network: named };
  const bridge = present.find((a) => a.name === 'bridge');
  if (bridge === undefined) return { ok: false, code: 'network-gone', reason: 'its network is gone' };
  const address = bridge.ipAddress || (bridge.ipv6Address && `[${bridge.ipv6Address}]`);
  if (!address)
    return { ok: false, code: 'not-running', reason: 'it does not run, and the default bridge has no names' };
  return { ok: true, host: address, network: 'bridge' };
};

/**
 * What a network calls a container. Docker allows names that Go's resolver, which is Prometheus's, never asks for
 * (`isDomainName` in its net/dnsclient.go), and such as mean something else; then its short id, an alias on every network.
 * So for a name to which another container answers: Prometheus is on several networks, and the first one that knows
 * the name decides.
 */
const hostOf = ({ name, id }: Container, engine: Reachable): string => {
  const parts = name.split('.');
  const isHostName = name.length <= 253 && parts.every((part) => HOST_PART.test(part));
  const meansAnother = name.toLowerCase() === 'localhost' || parts.every((part) => /^(0x[\da-f]+|\d+)$/i.test(part));
  return isHostName && !meansAnother && !isShared(name, id, engine) ? name : shortId(id);
};

/** Whether a name leads to another container too, by what the list of containers tells. */
const isShared = (name: string, id: string, engine: Reachable): boolean =>
  // What the stack's own containers are called on its network.
  isServer(name) ||
  servicesOf(engine.containers)
    .get(name)
    ?.some((other) => other !== id) === true;

const services = new WeakMap<readonly Container[], Map<string, string[]>>();

/** The containers' ids by Compose service, which is an alias on their networks; counted once for each look. */
const servicesOf = (containers: readonly Container[]): Map<string, string[]> => {
  const known = services.get(containers);
  if (known !== undefined) return known;
  const found = new Map<string, string[]>();
  for (const { id, labels, state } of containers) {
    const service = labels[COMPOSE_SERVICE];
    if (service !== undefined && state === 'running') found.set(service, [...(found.get(service) ?? []), id]);
  }
  services.set(containers, found);
  return found;
};

const HOST_PART = /^(?=.{1,63}$)\w([\w-]*\w)?$/;

/** The container whose network a container uses: itself, or the one that `container:ID` names, maybe by its short id. */
export const networkOwner = (container: Container, engine: Reachable, depth = 0): Container | undefined => {
  const shared = /^container:(.+)$/.exec(container.networkMode)?.[1];
  if (shared === undefined) return container;
  const owner = engine.containers.find((c) => [c.id, shortId(c.id), c.name].includes(shared));
  return owner === undefined || depth > 8 ? undefined : networkOwner(owner, engine, depth + 1);
};
