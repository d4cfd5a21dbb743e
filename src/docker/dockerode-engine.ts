import { createCall } from './call.ts';
import { containerCalls } from './containers.ts';
import { createClient } from './dockerode-client.ts';
import type { Endpoint, Engine } from './engine.ts';
import { imageCalls } from './images.ts';
import { networkCalls, volumeCalls } from './networks.ts';
import { streamCalls } from './streams.ts';
import type { Transport } from './transport.ts';

export interface EngineSettings {
  transport: Transport;
  endpoint: Endpoint;
  /** Negotiated, `1.41`. */
  apiVersion: string;
  /** The docker command's folder, for registry logins. */
  dockerConfig: string;
  /** Milliseconds for a call that does not stream; 30,000 where absent. */
  deadlineMs?: number | undefined;
  /** Milliseconds without any news after which a pull fails; 60,000 where absent. */
  pullStallMs?: number | undefined;
}

/** An engine over dockerode. Opens nothing: the first call does. */
export function createDockerodeEngine(settings: EngineSettings): Engine {
  const { transport, endpoint, apiVersion } = settings;
  const call = createCall({
    endpoint,
    deadlineMs: settings.deadlineMs ?? 30_000,
    clientFor: (signal) => createClient(transport, apiVersion, signal),
  });
  return {
    endpoint,
    ...containerCalls(call),
    ...networkCalls(call),
    ...volumeCalls(call),
    ...imageCalls(call, settings.dockerConfig, settings.pullStallMs ?? 60_000),
    ...streamCalls(call, endpoint),
    close: () => transport.agent.destroy(),
  };
}
