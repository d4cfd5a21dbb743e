import type { Vantage } from '../detect/survey.ts';
import { type Engine, EngineError } from '../docker/engine.ts';
import { isGone } from '../docker/refusals.ts';
import type { Snapshot } from './model.ts';
import type { Session } from './session.ts';
import { startThrowaway, type Throwaway } from './throwaway.ts';

/** A throwaway container from which endpoints are asked, so that asking changes nothing of the stack. */
export interface Asker {
  id: string;
  isOpen: () => boolean;
  /** Connects it to these networks as well; what the engine refuses is in the vantage's `refused`. */
  join: (networks: Iterable<string>) => Promise<Vantage>;
  /** Disconnects it from those of its networks, all but the first; whether there was one. */
  leave: (isLeft: (network: string) => boolean) => Promise<boolean>;
  /** Networks that the engine does not connect it to, other than those that do not exist any more. */
  refused: ReadonlyMap<string, EngineError>;
  remove: () => Promise<void>;
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

const askerIn = (
  engine: Engine,
  { id: container, isOpen, remove }: Throwaway,
  home: string,
  refused: Map<string, EngineError>,
): Asker => {
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
    id: container,
    isOpen,
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
    remove,
  };
};
