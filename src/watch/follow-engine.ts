import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineEvent } from '../docker/engine.ts';
import { errorText, MonitorError } from '../errors.ts';
import type { Session } from '../stack/session.ts';
import { warnOf } from './news.ts';

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 10_000;

/** Listens until interrupted; a lost engine is tried again, more and more seldom, and a full comparison follows its return. */
export const followEngine = async (
  { engine, deps }: Session,
  onEvent: (event: EngineEvent) => void,
  compare: () => void,
  firstRetryMs = FIRST_RETRY_MS,
): Promise<void> => {
  let wait = firstRetryMs;
  /** Why it is lost, as it was told: an engine may be away all night. */
  let told: string | undefined;
  const onOpen = (): void => {
    wait = firstRetryMs;
    if (told !== undefined)
      deps.reporter.event('the engine answers again; comparing everything', { change: 'engine-back' });
    told = undefined;
    compare();
  };
  while (!deps.signal.aborted) {
    try {
      await engine.events(onEvent, deps.signal, onOpen);
    } catch (error) {
      if (deps.signal.aborted) return;
      const reason = error instanceof MonitorError ? (error.detail[0] ?? error.message) : errorText(error);
      if (reason !== told)
        warnOf(deps.reporter, `the connection to the engine was lost (${reason}); trying again until it answers`);
      told = reason;
    }
    await sleep(wait, undefined, { signal: deps.signal }).catch(() => undefined);
    wait = Math.min(wait * 2, LONGEST_RETRY_MS);
  }
};
