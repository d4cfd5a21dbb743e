import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Duplex } from 'node:stream';
import type { Vantage } from '../detect/survey.ts';
import { type Container, type Engine, EngineError } from '../docker/engine.ts';
import { isGone } from '../docker/refusals.ts';
import { MonitorError } from '../errors.ts';
import { HARDENED } from './desired.ts';
import { isOfStack, isThrowaway, LABEL, stackLabels, THROWAWAY_ROLE } from './labels.ts';
import type { Snapshot } from './model.ts';
import { isRunning, ownProcess } from './process.ts';
import type { Session } from './session.ts';

interface ThrowawayOptions {
  stack: string;
  image: string;
  /** A network's name, or `container:ID` to share another container's network. */
  network: string;
}

/** A container that commands can be run in for a while. */
interface Throwaway {
  id: string;
  /** `false` once the connection that keeps it running has ended. */
  isOpen: () => boolean;
  remove: () => Promise<void>;
}

/**
 * Starts a container of the stack in which commands can be run: hardened as the stack's own, on one network. It ends and is
 * removed with this process too: its only program reads a stdin that this process holds open. Fails with `no-shell` where
 * the image has no shell.
 */
const startThrowaway = async (engine: Engine, { stack, image, network }: ThrowawayOptions): Promise<Throwaway> => {
  const id = await engine.createContainer({
    name: `monitor-probe-${randomBytes(6).toString('hex')}`,
    image,
    entrypoint: ['sh', '-c', 'exec cat >/dev/null'],
    env: {},
    labels: { ...stackLabels(stack), [LABEL.role]: THROWAWAY_ROLE, [LABEL.owner]: `${ownProcess()} ${hostname()}` },
    mounts: [],
    ports: [],
    network: { name: network, aliases: [] },
    // Another container's network comes with its own names: the engine refuses further ones.
    extraHosts: network.startsWith('container:') ? [] : ['host.docker.internal:host-gateway'],
    ...HARDENED,
    restart: 'no',
    attached: true,
  });
  let stdin: Duplex | undefined;
  // The engine keeps the connection of a container that never started, and it would keep this process from ending.
  const remove = (): Promise<void> => engine.removeContainer(id).finally(() => stdin?.destroy());
  try {
    const attached = await engine.attach(id);
    stdin = attached;
    // A lost connection shows in the next call to the engine.
    attached.on('error', () => {});
    attached.resume();
    await engine.startContainer(id);
    return { id, isOpen: () => !attached.destroyed && !attached.readableEnded, remove };
  } catch (error) {
    await remove();
    const isNoShell = error instanceof EngineError && /executable file .*not found|no such file/i.test(error.message);
    if (!isNoShell) throw error;
    throw new MonitorError({
      code: 'no-shell',
      message: `Image ${image} has no shell, so endpoints cannot be asked for metrics`,
      suggestion: 'use an image with a shell in monitor.yml (the default, or a tag that ends in -busybox)',
      cause: error,
    });
  }
};

/** Runs `work` with such a container, and removes it after that. */
export const withThrowaway = async <T>(
  engine: Engine,
  options: ThrowawayOptions,
  work: (container: string) => Promise<T>,
): Promise<T> => {
  const throwaway = await startThrowaway(engine, options);
  try {
    return await work(throwaway.id);
  } finally {
    await throwaway.remove();
  }
};

/** Removes the throwaway containers of this stack whose process on this machine has ended without doing so. */
export const sweep = async (engine: Engine, stack: string, containers: readonly Container[]): Promise<void> => {
  const left = containers.filter((c) => isOfStack(c, stack) && isThrowaway(c) && !hasOwner(c));
  await Promise.all(left.map(({ id }) => engine.removeContainer(id)));
};

/** That of a process on another machine cannot be looked at. */
const hasOwner = ({ labels }: Container): boolean => {
  const [, process = '', host] = /^(\S+ \S+) (\S+)$/.exec(labels[LABEL.owner] ?? '') ?? [];
  return host !== hostname() || isRunning(process);
};

/** A throwaway container from which endpoints are asked, so that asking changes nothing of the stack. */
export interface Asker extends Throwaway {
  /** Connects it to these networks as well; what the engine refuses is in the vantage's `refused`. */
  join: (networks: Iterable<string>) => Promise<Vantage>;
  /** Disconnects it from those of its networks, all but the first; whether there was one. */
  leave: (isLeft: (network: string) => boolean) => Promise<boolean>;
  /** Networks that the engine does not connect it to, other than those that do not exist any more. */
  refused: ReadonlyMap<string, EngineError>;
}

/** Starts one on the first of these networks that takes it. Fails with `no-shell`, or as the engine does. */
export const openAsker = async (
  { engine, loaded: { config } }: Pick<Session, 'engine' | 'loaded'>,
  { networks: present }: Pick<Snapshot, 'networks'>,
  wanted: readonly string[],
): Promise<Asker> => {
  const { name: stack, network: own, prometheus } = config;
  const refused = new Map<string, EngineError>();
  const first = present.some((n) => n.name === own) ? [own] : [];
  for (const network of new Set([...first, ...wanted, 'bridge'])) {
    try {
      const throwaway = await startThrowaway(engine, { stack, image: prometheus.image, network });
      return askerIn(engine, throwaway, network, refused);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      refused.set(network, error);
      if (network === 'bridge') throw error;
    }
  }
  throw new Error('there is always the default bridge to try');
};

const askerIn = (engine: Engine, throwaway: Throwaway, home: string, refused: Map<string, EngineError>): Asker => {
  const container = throwaway.id;
  const networks = new Set([home]);
  const joinOne = async (network: string): Promise<void> => {
    try {
      await engine.connectNetwork(network, container, []);
      networks.add(network);
      refused.delete(network);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      if (!isGone(error)) refused.set(network, error);
    }
  };
  return {
    ...throwaway,
    refused,
    join: async (wanted) => {
      await Promise.all([...new Set(wanted)].filter((n) => !networks.has(n)).map(joinOne));
      return { container, networks, refused: new Map([...refused].map(([n, error]) => [n, error.message])) };
    },
    leave: async (isLeft) => {
      const left = [...networks].filter((n) => n !== home && isLeft(n));
      for (const network of left) {
        networks.delete(network);
        // One that was removed meanwhile is as good as left.
        await engine.disconnectNetwork(network, container).catch(() => undefined);
      }
      return left.length > 0;
    },
  };
};
