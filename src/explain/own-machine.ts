import { connect } from 'node:net';
import { isOwnMachine } from '../config/address.ts';
import { splitAddress } from '../detect/place.ts';
import type { Endpoint } from '../detect/probe-exchange.ts';
import { HOST_ALIAS } from '../detect/reach.ts';
import type { Container } from '../docker/engine.ts';
import { isOfStack } from '../stack/labels.ts';
import { listenersOf } from './containers.ts';
import type { Listener, OwnMachine } from './evidence.ts';
import type { Scene } from './scene.ts';

/** Milliseconds for a connection to this machine itself. */
const CONNECT_MS = 1000;
/** Containers whose open ports are looked at, where none exposes the port; those on Prometheus's networks first. */
const MOST_CONTAINERS = 12;

interface Heard {
  name: string;
  listeners: readonly Listener[];
}

/** What is behind an address that means this machine; `undefined` for another. `heardIn`: the containers' open ports. */
export const lookAtOwnMachine = async (
  scene: Scene,
  endpoint: Endpoint,
  heardIn: (scene: Scene) => Promise<Heard[]>,
): Promise<OwnMachine | undefined> => {
  const { host, port: text } = splitAddress(endpoint.address);
  const port = Number(text);
  if (host !== HOST_ALIAS && !isOwnMachine(host)) return undefined;
  const listens = scene.session.engine.endpoint.local ? await takesConnections(port) : undefined;
  const published = running(scene).flatMap((c) => publishing(c, port, scene.session.loaded.config.name));
  if (published.length > 0) return { listens, containers: published };
  const exposing = running(scene).filter((c) => c.ports.some((p) => p.privatePort === port && p.type === 'tcp'));
  const heard = exposing.length > 0 || listens === true ? [] : await heardIn(scene);
  const listening = heard.filter(({ listeners }) => listeners.some((l) => l.port === port && l.on !== 'loopback'));
  return { listens, containers: [...exposing, ...listening].map(({ name }) => ({ name, port })) };
};

const publishing = (container: Container, port: number, stack: string): OwnMachine['containers'] => {
  const { name, ports } = container;
  const found = ports.find((p) => p.publicPort === port && p.type === 'tcp');
  if (found === undefined) return [];
  return [{ name, port: found.privatePort, published: found.hostIp ?? '0.0.0.0', isOwn: isOfStack(container, stack) }];
};

const running = ({ observed, vantage }: Scene): Container[] =>
  observed.containers.filter((c) => c.state === 'running' && c.networkMode !== 'host' && c.id !== vantage?.container);

/** None where nothing may be started for it: it takes a command in each container. */
export const listenersByName = async (scene: Scene): Promise<Heard[]> => {
  if (scene.beside === undefined) return [];
  const distance = (c: Container): number => (c.networks.some((n) => scene.vantage?.networks.has(n.name)) ? 0 : 1);
  const chosen = running(scene)
    .sort((a, b) => distance(a) - distance(b))
    .slice(0, MOST_CONTAINERS);
  return Promise.all(
    chosen.map(async (container) => ({
      name: container.name,
      listeners: (await listenersOf(scene.session.engine, container)) ?? [],
    })),
  );
};

const takesConnections = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: CONNECT_MS });
    const end = (listens: boolean): void => {
      socket.destroy();
      resolve(listens);
    };
    socket.on('connect', () => end(true));
    socket.on('timeout', () => end(false));
    socket.on('error', () => end(false));
  });
