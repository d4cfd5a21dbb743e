import type Docker from 'dockerode';
import { codeOf, errorText, MonitorError } from '../errors.ts';
import { type Endpoint, EngineError, shortId } from './engine.ts';
import { shown } from './refusals.ts';

export interface CallOptions {
  /** Milliseconds; the engine's default where absent. */
  deadlineMs?: number;
  /** Ends the call early: it then fails with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** What a call works with. */
export interface Calling {
  /** Every request of it ends when the call ends. */
  docker: Docker;
  /** Aborts at the deadline, or with the caller's own signal. */
  signal: AbortSignal;
  /** Removes the deadline: what follows is a stream. */
  streams(): void;
}

/**
 * Does one thing with the engine, within a deadline. `doing` says what, as in `while starting container web`.
 * @throws MonitorError `engine-timeout`, `engine-lost`, `engine-too-new`; EngineError for everything else it refuses
 */
export type Call = <T>(doing: string, work: (calling: Calling) => Promise<T>, options?: CallOptions) => Promise<T>;

/** `deadlineMs`: where a call names none of its own. */
export function createCall(endpoint: Endpoint, deadlineMs: number, clientFor: (signal: AbortSignal) => Docker): Call {
  return async (doing, work, options = {}) => {
    const { signal, expire, streams, done } = deadline(doing, options.deadlineMs ?? deadlineMs, options.signal);
    try {
      return await Promise.race([work({ docker: clientFor(signal), signal, streams }), expire]);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw failure(error, doing, endpoint);
    } finally {
      done();
    }
  };
}

/** Does one thing with a container, which is named after `doing`: `starting`. */
export const onContainer =
  (call: Call) =>
  <T>(
    doing: string,
    idOrName: string,
    work: (container: Docker.Container, calling: Calling) => Promise<T>,
    options?: CallOptions,
  ): Promise<T> =>
    call(
      `${doing} container ${shown(idOrName)}`,
      (calling) => work(calling.docker.getContainer(idOrName), calling),
      options,
    );

function deadline(doing: string, afterMs: number, outer: AbortSignal | undefined) {
  const own = new AbortController();
  const timer = setTimeout(() => own.abort(timedOut(doing, afterMs)), afterMs);
  const signal = outer ? AbortSignal.any([own.signal, outer]) : own.signal;
  let abort = () => {};
  const expire = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
  });
  const streams = () => clearTimeout(timer);
  const done = () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  };
  return { signal, expire, streams, done };
}

function timedOut(doing: string, afterMs: number): MonitorError {
  return new MonitorError({
    code: 'engine-timeout',
    message: `The Docker engine did not answer within ${afterMs / 1000} s while ${doing}`,
    suggestion: 'check whether `docker ps` answers; if it does not, restart Docker',
  });
}

/** A connection that ends like this had an engine behind it a moment ago: `connect` has asked it. */
const LOST =
  /^(ECONNRESET|ECONNREFUSED|ECONNABORTED|EPIPE|ENOENT|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|HPE_.*|ERR_STREAM_PREMATURE_CLOSE)$/;

function failure(error: unknown, doing: string, endpoint: Endpoint): unknown {
  if (error instanceof MonitorError || error instanceof EngineError) return error;
  const refused = refusal(error, doing);
  const isTooNew = refused?.status === 400 && refused.message.includes('is too old. Minimum supported API version');
  if (refused) return isTooNew ? tooNew(refused, endpoint) : refused;
  return LOST.test(codeOf(error)) ? engineLost(error, doing, endpoint) : error;
}

/** docker-modem throws every other status, as `(HTTP code 404) no such container - <the engine's words> `. */
function refusal(error: unknown, doing: string): EngineError | undefined {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') return undefined;
  const [, reason = 'unexpected', words = error.message] =
    /^\(HTTP code \d+\) (.*?) - (.*)$/s.exec(error.message) ?? [];
  const said = words.trim().replace(/\b[0-9a-f]{64}\b/g, shortId) || `HTTP ${error.statusCode} ${reason}`;
  return new EngineError(statusOf(words, error.statusCode), said, { cause: error }, doing);
}

/** Where Podman (5.8) answers 500, and Docker with a status that says what it is. */
const STATUS_BY_WORDS: readonly [RegExp, number][] = [
  [/name .* is already in use/, 409],
  [/container state improper/, 409],
  [/network not found|no such container/, 404],
];

const statusOf = (words: string, status: number): number =>
  status === 500 ? (STATUS_BY_WORDS.find(([pattern]) => pattern.test(words))?.[1] ?? status) : status;

function tooNew(error: EngineError, endpoint: Endpoint): MonitorError {
  return new MonitorError({
    code: 'engine-too-new',
    message: `The Docker engine of ${endpoint.source} only supports API versions newer than this monitor knows`,
    detail: [error.message],
    suggestion: 'update monitor',
    cause: error,
  });
}

/** Exported for streams, whose end is not always an error of the connection. */
export function engineLost(error: unknown, doing: string, endpoint: Endpoint): MonitorError {
  return new MonitorError({
    code: 'engine-lost',
    message: `The connection to the Docker engine was lost while ${doing}`,
    detail: [`${endpoint.host} (${endpoint.source}): ${errorText(error)}`],
    suggestion: 'check that Docker runs (`docker ps`), then run the command again: it continues where it stopped',
    cause: error,
  });
}
