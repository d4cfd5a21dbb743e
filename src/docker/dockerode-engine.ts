import { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import Docker from 'dockerode';
import { createCall } from './call.ts';
import { containerCalls } from './containers.ts';
import { type Endpoint, type Engine, EngineError, type Greeting } from './engine.ts';
import { execCalls } from './exec.ts';
import { imageCalls } from './images.ts';
import { networkCalls, volumeCalls } from './networks.ts';
import { streamCalls } from './streams.ts';
import type { Transport } from './transport.ts';

export interface EngineSettings extends Greeting {
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
  const call = createCall(endpoint, settings.deadlineMs ?? 30_000, (signal) =>
    createClient(transport, apiVersion, signal),
  );
  return {
    endpoint,
    ...containerCalls(call),
    ...networkCalls(call),
    ...volumeCalls(call),
    ...imageCalls(call, settings.dockerConfig, settings.pullStallMs ?? 60_000),
    ...execCalls(call),
    ...streamCalls(call, endpoint, settings),
    close: () => transport.agent.destroy(),
  };
}

/**
 * A dockerode whose every request goes over `transport` and ends when `signal` aborts. Two faults of docker-modem are
 * worked around here: a connection that breaks in the middle of an answer leaves its promise open for ever, and an answer
 * that happens to parse as JSON, such as a log, is parsed.
 */
function createClient(transport: Transport, apiVersion: string, signal: AbortSignal): Docker {
  const options = {
    // Only makes docker-modem ask the agent without parsing an address; the agent knows where the engine is.
    socketPath: 'agent',
    agent: transport.agent,
    headers: { Host: transport.authority },
    version: `v${apiVersion}`,
  };
  const docker = withoutDockerHost(() => new Docker(options));
  const dial = docker.modem.dial.bind(docker.modem);
  docker.modem.dial = (options, callback = () => {}) => {
    dial({ ...options, isStream: true, abortSignal: signal }, (error, answer) => {
      if (error || options.isStream || !(answer instanceof IncomingMessage)) callback(error, answer);
      else
        readAnswer(answer).then(
          (body) => callback(null, body),
          (failure) => callback(failure, null),
        );
    });
  };
  return docker;
}

async function readAnswer(answer: IncomingMessage): Promise<Buffer | object> {
  const body = await buffer(answer);
  if (body.length === 0 || !answer.headers['content-type']?.startsWith('application/json')) return body;
  try {
    return JSON.parse(body.toString());
  } catch (cause) {
    throw new EngineError(0, 'it did not answer with JSON (is a proxy in between?)', { cause });
  }
}

/** docker-modem reads DOCKER_HOST itself, and would rather go there than to the socket it is given. */
function withoutDockerHost<T>(work: () => T): T {
  const { DOCKER_HOST } = process.env;
  delete process.env.DOCKER_HOST;
  try {
    return work();
  } finally {
    if (DOCKER_HOST !== undefined) process.env.DOCKER_HOST = DOCKER_HOST;
  }
}
