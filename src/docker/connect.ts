import { type Candidate, chosenEngine, configDir, type Surroundings, storedContexts } from './contexts.ts';
import { createDockerodeEngine } from './dockerode-engine.ts';
import type { Engine } from './engine.ts';
import { type Attempt, noEngine } from './no-engine.ts';
import { negotiate, ping } from './ping.ts';
import { usualSockets } from './sockets.ts';
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
    const found = await tryCandidate(candidate, search);
    if ('transport' in found) return open(candidate, found, search.dockerConfig);
    attempts.push(found);
  }
  throw noEngine(attempts, search.others, search.chosen, search.platform);
}

interface Found {
  transport: Transport;
  engineApi: string;
}

/** An engine that was chosen, and may be waking up, gets at least this long for its first answer; milliseconds. */
const CHOSEN_PATIENCE_MS = 10_000;

async function tryCandidate(candidate: Candidate, { patienceMs, chosen }: Search): Promise<Found | Attempt> {
  try {
    const transport = transportTo(candidate);
    const usual = chosen ? Math.max(CHOSEN_PATIENCE_MS, transport.patienceMs) : transport.patienceMs;
    return { transport, engineApi: await ping(transport, patienceMs ?? usual) };
  } catch (error) {
    return { candidate, error };
  }
}

function open({ host, source }: Candidate, { transport, engineApi }: Found, dockerConfig: string): Engine {
  try {
    const endpoint = { host, source, local: transport.local };
    return createDockerodeEngine({ transport, endpoint, apiVersion: negotiate(engineApi, source), dockerConfig });
  } catch (error) {
    // A connection over ssh is a process, and would keep this one from ending.
    transport.agent.destroy();
    throw error;
  }
}
