import { type Engine, EngineError } from '../docker/engine.ts';
import { isOfStack, stackFilter } from './labels.ts';
import { STOP_GRACE_SECONDS } from './reconcile-container.ts';

/** Milliseconds that a stop may take that another process has asked for. */
const STOP_MS = (STOP_GRACE_SECONDS + 15) * 1000;

/**
 * Waits for the stops that a process which is gone has asked for: the engine goes on with them, and shows such a container
 * as running until it has ended. A container is being stopped where the last that happened to it is a signal that ends it.
 */
export const settle = async (engine: Engine, stack: string, signal: AbortSignal): Promise<void> => {
  const ours = (await engine.listContainers(stackFilter(stack))).filter((c) => isOfStack(c, stack));
  await Promise.all(
    ours.map(async ({ id, state, status }) => {
      // Podman says it in so many words.
      if (state !== 'running' || !(status === 'Stopping' || (await isStopping(engine, id)))) return;
      const patience = AbortSignal.timeout(STOP_MS);
      await engine.waitContainer(id, AbortSignal.any([signal, patience])).catch((error: unknown) => {
        // Gone by now, or it has no mind to stop: the look that follows finds it as it is.
        if (!(error instanceof EngineError) && !patience.aborted) throw error;
      });
    }),
  );
};

const isStopping = async (engine: Engine, id: string): Promise<boolean> => {
  const last = (await engine.pastEvents(id)).at(-1);
  return last?.action === 'kill' && ENDS.has(last.attributes['signal'] ?? '');
};

/** SIGINT, SIGQUIT, SIGKILL and SIGTERM; SIGHUP, which reloads Prometheus, is not one of them. */
const ENDS: ReadonlySet<string> = new Set(['2', '3', '9', '15']);
