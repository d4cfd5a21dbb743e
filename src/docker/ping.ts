import { MonitorError } from '../errors.ts';
import { httpRequest } from '../http.ts';
import type { Transport } from './transport.ts';

/** The newest API whose answers this program is tested against, and the oldest that it can use (Docker 20.10). */
const NEWEST_API = '1.51';
const OLDEST_API = '1.41';

/**
 * The newest API version of the engine, from the header of `GET /_ping`, which needs no version in its path.
 * Throws an Error with the reason when there is no such answer within `patienceMs`.
 */
export async function ping({ agent, authority }: Transport, patienceMs: number): Promise<string> {
  // The agent knows where the engine is, whatever host and port are named.
  const where = { host: 'engine', port: 80, agent, headers: { Host: authority } };
  const { status, headers, body } = await httpRequest({
    ...where,
    method: 'GET',
    path: '/_ping',
    timeoutMs: patienceMs,
  });
  const version = headers['api-version'];
  if (status === 200 && typeof version === 'string') return version;
  throw new Error(`it is not a Docker engine: it answered HTTP ${status} ${body.slice(0, 200).trim()}`);
}

/**
 * The version to put into every path: a path without one means the engine's newest, whatever that answers.
 * @throws MonitorError `engine-too-old`
 */
export function negotiate(engineApi: string, source: string): string {
  if (compareVersions(engineApi, OLDEST_API) < 0) {
    throw new MonitorError({
      code: 'engine-too-old',
      message: `The Docker engine of ${source} is too old: it supports API ${engineApi}, ${OLDEST_API} or newer is required`,
      suggestion: 'update to Docker 20.10 or newer, or Podman 4.9 or newer',
    });
  }
  return compareVersions(engineApi, NEWEST_API) < 0 ? engineApi : NEWEST_API;
}

/** Negative where `a` is older. `1.9` is older than `1.41`. */
export function compareVersions(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number);
  const [majorB = 0, minorB = 0] = b.split('.').map(Number);
  return majorA - majorB || minorA - minorB;
}
