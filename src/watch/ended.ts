import type { Container, Engine, EngineEvent } from '../docker/engine.ts';

/** Containers that have ended, by the engine's events. */
export interface Ended {
  note: (event: EngineEvent) => void;
  forgetAll: () => void;
  /** The engine, with these containers listed as exited. */
  over: (engine: Engine) => Engine;
}

/** A container has ended, or has been sent SIGKILL, which comes some 50 ms earlier and which none survives. */
export const ends = ({ type, action, attributes }: EngineEvent): boolean =>
  type === 'container' && (action === 'die' || (action === 'kill' && attributes['signal'] === '9'));

/** The engine lists a container as running for up to half a second after the event of its end (seen with 20.10). */
export const newEnded = (): Ended => {
  const ids = new Set<string>();
  const corrected = (container: Container): Container =>
    ids.has(container.id) && container.state === 'running' ? { ...container, state: 'exited' } : container;
  return {
    note: (event) => {
      if (ends(event)) ids.add(event.id);
      else if (event.action === 'start' || event.action === 'destroy') ids.delete(event.id);
    },
    forgetAll: () => ids.clear(),
    over: (engine) => ({
      ...engine,
      listContainers: async (labels) => (await engine.listContainers(labels)).map(corrected),
    }),
  };
};
