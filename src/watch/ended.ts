import type { Container, Engine, EngineEvent } from '../docker/engine.ts';

/** Containers that have ended, by the engine's events. */
export interface Ended {
  note: (event: EngineEvent) => void;
  forgetAll: () => void;
  /** The engine, with these containers listed as exited. */
  over: (engine: Engine) => Engine;
  /** The same, with those too that were told to end less than `STOP_MS` ago. */
  withoutStopping: (engine: Engine) => Engine;
}

/** Milliseconds from SIGTERM to SIGKILL, as `docker stop` and Compose have them. */
export const STOP_MS = 10_000;

/** A container is told to end, and mostly does so at once. */
export const isToldToEnd = ({ type, action, attributes }: EngineEvent): boolean =>
  type === 'container' && action === 'kill' && attributes['signal'] === '15';

/** A container has ended, or has been sent SIGKILL, which comes some 50 ms earlier and which none survives. */
export const ends = ({ type, action, attributes }: EngineEvent): boolean =>
  type === 'container' && (action === 'die' || (action === 'kill' && attributes['signal'] === '9'));

/** The engine lists a container as running for up to half a second after the event of its end (seen with 20.10). */
export const newEnded = (): Ended => {
  const ids = new Set<string>();
  const told = new Map<string, number>();
  const without = (engine: Engine, isGone: (id: string) => boolean): Engine => ({
    ...engine,
    listContainers: async (labels) =>
      (await engine.listContainers(labels)).map(
        (c): Container => (c.state === 'running' && isGone(c.id) ? { ...c, state: 'exited' } : c),
      ),
  });
  return {
    note: (event) => {
      if (ends(event)) ids.add(event.id);
      else if (isToldToEnd(event)) told.set(event.id, Date.now());
      else if (event.action === 'start' || event.action === 'destroy') {
        ids.delete(event.id);
        told.delete(event.id);
      }
    },
    forgetAll: () => {
      ids.clear();
      told.clear();
    },
    over: (engine) => without(engine, (id) => ids.has(id)),
    withoutStopping: (engine) =>
      without(engine, (id) => ids.has(id) || Date.now() - (told.get(id) ?? Number.NEGATIVE_INFINITY) < STOP_MS),
  };
};
