import { MonitorError } from '../errors.ts';
import { isOfStack, stackFilter } from './labels.ts';
import type { Session } from './session.ts';
import { isThrowaway } from './throwaway.ts';

/** Fails with `not-up` where the stack has no container. */
export const requireStack = async ({ engine, loaded }: Session): Promise<void> => {
  const { name } = loaded.config;
  const containers = await engine.listContainers(stackFilter(name));
  if (containers.some((c) => isOfStack(c, name) && !isThrowaway(c))) return;
  throw new MonitorError({
    code: 'not-up',
    message: `The stack "${name}" has no containers on this engine (${engine.endpoint.host})`,
    suggestion: 'run `monitor up` first',
  });
};
