import type Docker from 'dockerode';
import { codeOf, errorText, MonitorError } from '../errors.ts';
import { type Endpoint, EngineError, shortId } from './engine.ts';

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

export interface CallSettings {
  endpoint: Endpoint;
  deadlineMs: number;
  clientFor(signal: AbortSignal): Docker;
}

export function createCall({ endpoint, deadlineMs, clientFor }: CallSettings): Call {
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
  if (refused) return refused.status === 400 && isTooNew(refused.message) ? tooNew(refused, endpoint) : refused;
  return LOST.test(codeOf(error)) ? engineLost(error, doing, endpoint) : error;
}

/** docker-modem throws every other status, as `(HTTP code 404) no such container - <the engine's words> `. */
function refusal(error: unknown, doing: string): EngineError | undefined {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') return undefined;
  const reason = 'reason' in error && typeof error.reason === 'string' ? error.reason : 'unexpected';
  const prefix = `(HTTP code ${error.statusCode}) ${reason} - `;
  const words = error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message;
  return new EngineError(
    statusOf(words, error.statusCode),
    withShortIds(words.trim()) || `HTTP ${error.statusCode} ${reason}`,
    { cause: error },
    doing,
  );
}

/** Where Podman (5.8) answers 500, and Docker with a status that says what it is. */
const STATUS_BY_WORDS: readonly [RegExp, number][] = [
  [/name .* is already in use/, 409],
  [/container state improper/, 409],
  [/network not found/, 404],
];

const statusOf = (words: string, status: number): number =>
  status === 500 ? (STATUS_BY_WORDS.find(([pattern]) => pattern.test(words))?.[1] ?? status) : status;

const withShortIds = (words: string): string => words.replace(/\b[0-9a-f]{64}\b/g, shortId);

const isTooNew = (words: string): boolean => words.includes('is too old. Minimum supported API version');

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
    suggestion: 'check that Docker runs (`docker ps`), then run `monitor up` again: it continues where it stopped',
    cause: error,
  });
}
