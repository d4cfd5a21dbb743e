import { connect } from 'node:net';
import { isOwnMachine } from '../config/address.ts';
import { splitAddress } from '../detect/place.ts';
import type { Endpoint } from '../detect/probe-exchange.ts';
import { HOST_ALIAS } from '../detect/reach.ts';
import type { Container } from '../docker/engine.ts';
import { listenersOf } from './container-evidence.ts';
import type { OwnMachine } from './evidence.ts';
import type { Listener } from './listeners.ts';
import type { Scene } from './scene.ts';

/** Milliseconds for a connection to this machine itself. */
const CONNECT_MS = 1000;
/** Containers whose open ports are looked at, where none exposes the port; those on Prometheus's networks first. */
const MOST_CONTAINERS = 12;

/** What is behind addresses that mean this machine; `undefined` for the others. The containers are looked into once. */
export const lookAtOwnMachine = async (
  scene: Scene,
  endpoints: readonly (Endpoint | undefined)[],
): Promise<(OwnMachine | undefined)[]> => {
  const heard = once(() => listenersByName(scene));
  return Promise.all(
    endpoints.map(async (endpoint) => {
      const { host, port } = splitAddress(endpoint?.address ?? '');
      if (host !== HOST_ALIAS && !isOwnMachine(host)) return undefined;
      const listens = scene.engine.endpoint.local ? await takesConnections(Number(port)) : undefined;
      const containers = await containersWith(scene, Number(port), listens === true ? async () => [] : heard);
      return { containers, listens };
    }),
  );
};

const once = <T>(work: () => Promise<T>): (() => Promise<T>) => {
  let running: Promise<T> | undefined;
  return () => {
    running ??= work();
    return running;
  };
};

interface Heard {
  name: string;
  listeners: readonly Listener[];
}

/** None where nothing may be started for it: it takes a command in each container. */
const listenersByName = async (scene: Scene): Promise<Heard[]> => {
  if (scene.beside === undefined) return [];
  const near = (c: Container): number => (c.networks.some((n) => scene.vantage?.networks.has(n.name)) ? 0 : 1);
  const chosen = running(scene)
    .sort((a, b) => near(a) - near(b))
    .slice(0, MOST_CONTAINERS);
  return Promise.all(
    chosen.map(async (container) => ({
      name: container.name,
      listeners: (await listenersOf({ engine: scene.engine }, container)) ?? [],
    })),
  );
};

const running = ({ observed, vantage }: Scene): Container[] =>
  observed.containers.filter((c) => c.state === 'running' && c.networkMode !== 'host' && c.id !== vantage?.container);

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

/** Containers that publish a port, else those that expose it, else those that listen on it. */
const containersWith = async (
  scene: Scene,
  port: number,
  heard: () => Promise<Heard[]>,
): Promise<OwnMachine['containers']> => {
  const published = running(scene).flatMap((c) => publishing(c, port));
  if (published.length > 0) return published;
  const exposing = running(scene).filter((c) => c.ports.some((p) => p.privatePort === port && p.type === 'tcp'));
  if (exposing.length > 0) return exposing.map(({ name }) => ({ name, port }));
  return (await heard()).flatMap(({ name, listeners }) =>
    listeners.some((l) => l.port === port && l.on !== 'loopback') ? [{ name, port }] : [],
  );
};

const publishing = ({ name, ports }: Container, port: number): OwnMachine['containers'] => {
  const found = ports.find((p) => p.publicPort === port && p.type === 'tcp');
  return found === undefined ? [] : [{ name, port: found.privatePort, published: found.hostIp ?? '0.0.0.0' }];
};
