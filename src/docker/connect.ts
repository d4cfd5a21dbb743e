import { MonitorError } from '../errors.ts';
import { httpRequest } from '../http.ts';
import {
  type Candidate,
  chosenEngine,
  configDir,
  type Surroundings,
  storedContexts,
  usualSockets,
} from './candidates.ts';
import { createDockerodeEngine } from './dockerode-engine.ts';
import type { Engine, Greeting } from './engine.ts';
import { type Attempt, noEngine } from './no-engine.ts';
import { type Transport, transportTo } from './transport.ts';

export interface ConnectOptions extends Surroundings {
  /** `--context` */
  context?: string | undefined;
}

/**
 * Finds the engine exactly as the docker command does. The usual sockets are tried only when none was chosen: a chosen
 * engine that does not answer is an error, because another one holds other containers.
 * @throws MonitorError `no-engine`, `no-such-context`, `engine-too-old`
 */
export async function connect(options: ConnectOptions): Promise<Engine> {
  const chosen = chosenEngine(options.context, options);
  const dockerConfig = configDir(options);
  return connectFirst(chosen ? [chosen] : usualSockets(options), {
    chosen: chosen !== undefined,
    others: chosen ? [] : storedContexts(dockerConfig),
    platform: options.platform,
    dockerConfig,
  });
}

export interface Search {
  /** The user chose the one candidate. */
  chosen: boolean;
  /** Contexts that are stored and were not chosen. */
  others: readonly string[];
  platform: NodeJS.Platform;
  dockerConfig: string;
  /** Milliseconds for an answer; what suits the kind of connection where absent. */
  patienceMs?: number;
}

/** The first candidate that answers. */
export async function connectFirst(candidates: readonly Candidate[], search: Search): Promise<Engine> {
  const attempts: Attempt[] = [];
  for (const candidate of candidates) {
    const found = await reach(candidate, search).catch((error: unknown) => {
      attempts.push({ candidate, error });
      return undefined;
    });
    if (found !== undefined) return open(candidate, found, search.dockerConfig);
  }
  throw noEngine(attempts, search.others, search.chosen, search.platform);
}

/** An engine that was chosen, and may be waking up, gets at least this long for its first answer; milliseconds. */
const CHOSEN_PATIENCE_MS = 10_000;

async function reach(candidate: Candidate, { patienceMs, chosen }: Search) {
  const transport = transportTo(candidate);
  const usual = chosen ? Math.max(CHOSEN_PATIENCE_MS, transport.patienceMs) : transport.patienceMs;
  return { transport, greeting: await ping(transport, patienceMs ?? usual) };
}

function open(
  { host, source }: Candidate,
  { transport, greeting }: Awaited<ReturnType<typeof reach>>,
  dockerConfig: string,
): Engine {
  try {
    const endpoint = { host, source, local: transport.local };
    const apiVersion = negotiate(greeting.apiVersion, source);
    return createDockerodeEngine({ ...greeting, transport, endpoint, apiVersion, dockerConfig });
  } catch (error) {
    // A connection over ssh is a process, and would keep this one from ending.
    transport.agent.destroy();
    throw error;
  }
}

/** The newest API whose answers this program is tested against, and the oldest that it can use (Docker 20.10). */
const NEWEST_API = '1.51';
const OLDEST_API = '1.41';

/**
 * `GET /_ping`, which needs no version in its path, for the newest API version of the engine.
 * Throws an Error with the reason when there is no such answer within `patienceMs`.
 */
async function ping({ agent, authority }: Transport, patienceMs: number): Promise<Greeting & { apiVersion: string }> {
  // The agent knows where the engine is, whatever host and port are named.
  const where = { host: 'engine', port: 80, path: '/_ping', agent, headers: { Host: authority } };
  const { status, headers, body } = await httpRequest({ ...where, method: 'GET', timeoutMs: patienceMs });
  const version = headers['api-version'];
  if (status !== 200 || typeof version !== 'string')
    throw new Error(`it is not a Docker engine: it answered HTTP ${status} ${body.slice(0, 200).trim()}`);
  return {
    apiVersion: version,
    // Source: pkg/api/handlers/compat/ping.go of Podman.
    isPodman: headers['libpod-api-version'] !== undefined,
    clockAhead: aheadOfThisMachine(headers.date, Date.now()),
  };
}

/** Milliseconds that a first answer may take on its way without its clock being taken for another one. */
const ON_THE_WAY_MS = 500;

/**
 * Milliseconds that a clock is ahead of this machine's, by its `Date` header; 0 where the two may be the same. The header
 * is rounded down to a second: where they differ, the end of that second is taken. Pure.
 */
export function aheadOfThisMachine(date: string | undefined, now: number): number {
  const least = Date.parse(date ?? '') - now;
  const mayBeSame = Number.isNaN(least) || (least <= 0 && least > -1000 - ON_THE_WAY_MS);
  return mayBeSame ? 0 : least + 1000;
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
