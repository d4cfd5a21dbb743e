import type { Container, Engine, EngineEvent } from '../docker/engine.ts';
import { desertedNetworks } from '../stack/deserted.ts';
import type { Asker } from '../stack/throwaway.ts';

/** Milliseconds from SIGTERM to SIGKILL, as `docker stop` and Compose have them. */
export const STOP_MS = 10_000;

/** A container is told to end, and mostly does so at once. */
export const isToldToEnd = ({ type, action, attributes }: EngineEvent): boolean =>
  type === 'container' && action === 'kill' && attributes['signal'] === '15';

/** A container has ended, or has been sent SIGKILL, which comes some 50 ms earlier and which none survives. */
export const ends = ({ type, action, attributes }: EngineEvent): boolean =>
  type === 'container' && (action === 'die' || (action === 'kill' && attributes['signal'] === '9'));

const ENDED = Number.POSITIVE_INFINITY;

/**
 * Containers that have ended, by the engine's events: it lists a container as running for up to half a second after the
 * event of its end (seen with 20.10).
 */
export const newEnded = () => {
  /** By the container's id: `ENDED`, or when it was told to end, in Unix milliseconds. */
  const known = new Map<string, number>();
  const without = (engine: Engine, isGone: (since: number) => boolean): Engine => ({
    ...engine,
    listContainers: async (labels) =>
      (await engine.listContainers(labels)).map((c): Container => {
        const since = c.state === 'running' ? known.get(c.id) : undefined;
        return since !== undefined && isGone(since) ? { ...c, state: 'exited' } : c;
      }),
  });
  return {
    note: (event: EngineEvent): void => {
      if (ends(event)) known.set(event.id, ENDED);
      else if (isToldToEnd(event) && known.get(event.id) !== ENDED) known.set(event.id, Date.now());
      else if (event.action === 'start' || event.action === 'destroy') known.delete(event.id);
    },
    forgetAll: (): void => known.clear(),
    /** The engine, with these containers listed as exited. */
    over: (engine: Engine): Engine => without(engine, (since) => since === ENDED),
    /** The same, with those too that were told to end less than `STOP_MS` ago. */
    withoutStopping: (engine: Engine): Engine => without(engine, (since) => Date.now() - since < STOP_MS),
  };
};

/**
 * Leaves the networks that all others have left: `docker compose down` removes a network right after its containers, and fails
 * where one is still on it. Fails as the engine does.
 */
export const leaveDeserted = async (
  engine: Engine,
  stack: { name: string; network: string },
  asker: Asker | undefined,
): Promise<void> => {
  const deserted = desertedNetworks(await engine.listContainers(), stack);
  await Promise.all([
    asker?.leave((network) => deserted.some(({ name }) => name === network)),
    ...deserted.flatMap(({ name, containers }) =>
      containers.filter((c) => c.id !== asker?.id).map((c) => engine.disconnectNetwork(name, c.id)),
    ),
  ]);
};
