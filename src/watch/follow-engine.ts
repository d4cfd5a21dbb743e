import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineEvent } from '../docker/engine.ts';
import { errorText } from '../errors.ts';
import type { Session } from '../stack/session.ts';
import { warnOf } from './news.ts';

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 10_000;

/** Listens until interrupted; a lost engine is tried again, and a full comparison follows its return. */
export const followEngine = async (
  { engine, deps }: Session,
  onEvent: (event: EngineEvent) => void,
  compare: () => void,
): Promise<void> => {
  let wait = FIRST_RETRY_MS;
  let isLost = false;
  const onOpen = (): void => {
    wait = FIRST_RETRY_MS;
    if (isLost) deps.reporter.event('the engine answers again; comparing everything', { change: 'engine-back' });
    isLost = false;
    compare();
  };
  while (!deps.signal.aborted) {
    try {
      await engine.events(onEvent, deps.signal, onOpen);
    } catch (error) {
      if (deps.signal.aborted) return;
      isLost = true;
      warnOf(
        deps.reporter,
        `the connection to the engine was lost (${errorText(error)}); trying again in ${wait / 1000} s`,
      );
    }
    await sleep(wait, undefined, { signal: deps.signal }).catch(() => undefined);
    wait = Math.min(wait * 2, LONGEST_RETRY_MS);
  }
};
