import { EngineError, shortId } from './engine.ts';

/** Waits for a call; a refusal that means "it is so already" is no failure. */
export async function unless(work: Promise<unknown>, isFine: (refusal: EngineError) => boolean): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof EngineError && isFine(error))) throw error;
  }
}

/** What a call finds; `undefined` where the engine says 404. */
export async function found<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof EngineError && error.status === 404) return undefined;
    throw error;
  }
}

export const isGone = ({ status }: EngineError): boolean => status === 404;

/** The engine finds containers and networks by the beginning of an id, too: `cafe` is not the container cafe12…. */
export function isCalled(asked: string, { id, name }: { id: string; name: string }): boolean {
  return asked === name || (asked.length >= 12 && id.startsWith(asked));
}

/** How an id is shown; a name as it is. */
export const shown = (idOrName: string): string => (/^[0-9a-f]{64}$/.test(idOrName) ? shortId(idOrName) : idOrName);
