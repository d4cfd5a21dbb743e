import { MonitorError } from '../../../src/errors.ts';

/** The MonitorError that `action` throws; anything else fails the test. */
export function failureOf(action: () => unknown): MonitorError {
  try {
    action();
  } catch (error) {
    if (error instanceof MonitorError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

export async function rejectionOf(promise: Promise<unknown>): Promise<MonitorError> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  return failureOf(() => {
    if (outcome !== undefined) throw outcome.error;
  });
}

/** Runs `action` as a user who may not read or write everything: where the tests run as root, as nobody. */
export async function asNobody<T>(action: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return action();
  process.seteuid?.(65_534);
  try {
    return await action();
  } finally {
    process.seteuid?.(0);
  }
}
