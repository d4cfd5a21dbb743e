import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '../docker/engine.ts';
import { MonitorError } from '../errors.ts';
import { OutdatedPlan } from './outdated.ts';
import type { Session } from './session.ts';

/** Looks that may turn out to be outdated before that is taken for a failure. */
export const LOOKS = 6;
const BEFORE_NEXT_LOOK_MS = 500;

/** Words of a name that stands for two, and of a network that a container has joined (403; Podman 5.8: 500). */
const OTHERWISE = /is ambiguous|has active endpoints|network is being used/;

/** Of a dashboard that was changed since the look, and of a container that was removed while it was waited for. */
const SINCE: ReadonlySet<string> = new Set(['grafana-conflict', 'container-gone']);

/** A name is already in use or does not exist any more, or a thing is in use, though the look found it otherwise. */
export const isOutdated = (error: unknown): boolean => {
  if (error instanceof MonitorError) return SINCE.has(error.code);
  if (error instanceof EngineError) return [404, 409].includes(error.status) || OTHERWISE.test(error.message);
  return error instanceof OutdatedPlan;
};

export const lookAgainSoon = async ({ deps }: Session): Promise<void> => {
  deps.reporter.note('the stack has changed since it was looked at; looking again');
  await sleep(BEFORE_NEXT_LOOK_MS, undefined, { signal: deps.signal });
};
