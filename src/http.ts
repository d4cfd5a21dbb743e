import { Agent, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { Duplex } from 'node:stream';
import { errorText } from './errors.ts';

/** A request as an API client words it; where it goes is the transport's business. */
export interface TransportRequest {
  method: string;
  /** With its query, escaped: `/api/v1/query?query=up`. */
  path: string;
  headers?: Record<string, string>;
  body?: string;
  /** From the call to the last byte of the answer; 10,000 where absent. */
  timeoutMs?: number;
}

export interface HttpResponse {
  status: number;
  headers: IncomingHttpHeaders;
  /** UTF-8. */
  body: string;
}

/**
 * Carries one request to one server. Any status is an answer. Fails with an HttpError where there is none, and with
 * the signal's reason once that aborts.
 */
export type Transport = (request: TransportRequest, signal?: AbortSignal) => Promise<HttpResponse>;

export interface HttpRequest extends TransportRequest {
  host: string;
  port: number;
  signal?: AbortSignal;
  /** A longer answer is an HttpError `TOO_LARGE`; 32 MiB where absent. */
  maxBytes?: number;
  /** Absent: a connection of its own, closed after the answer. */
  agent?: Agent;
  /** An open stream to talk over in place of a TCP connection; destroyed at the end. */
  socket?: Duplex;
}

/**
 * No answer, or not a whole one. `code` is the system's (`ECONNREFUSED`, `ECONNRESET`, `ENOTFOUND`, ...), the HTTP
 * parser's (`HPE_...`), `TIMEOUT` or `TOO_LARGE`.
 */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  constructor(
    readonly code: string,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_MAX_BYTES = 32 * 1024 * 1024;

/** One HTTP/1.1 request over node:http, which ignores proxies. Fails as Transport says. */
export function httpRequest(options: HttpRequest): Promise<HttpResponse> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  return bounded(timeoutMs, options.signal, async (onStop) => {
    const send = (how: HttpRequest): Promise<HttpResponse> => {
      const sent = open(how);
      onStop((reason) => sent.destroy(reason));
      sent.end(how.body);
      return answer(sent, how.maxBytes ?? DEFAULT_MAX_BYTES).catch((error: unknown) => {
        // The server has closed a kept connection before it got this.
        if (!sent.reusedSocket || !(error instanceof HttpError && error.code === 'ECONNRESET')) throw error;
        return send({ ...how, agent: undefined });
      });
    };
    return send(options).finally(() => options.socket?.destroy());
  });
}

/** Milliseconds for which a connection is kept for the next request: those of one look, and no longer than a restart takes. */
const KEPT_MS = 500;

/** For an agent that keeps connections; an empty `servername` spares Node a search for an address in the Host header. */
export const KEEP_BRIEFLY = { keepAlive: true, timeout: KEPT_MS, servername: '' };

/** Over TCP. `host` may be an address that ports are published on: a wildcard is reached over loopback. */
export function directTransport(host: string, port: number): Transport {
  const target = reachableHost(host);
  const agent = new Agent(KEEP_BRIEFLY);
  return (request, signal) => httpRequest({ ...request, host: target, port, agent, signal });
}

/** Each request over a stream of its own that `open` makes; the server's end of it is taken to be local. */
export function tunnelTransport(open: () => Promise<Duplex>): Transport {
  return (request, signal) =>
    bounded(request.timeoutMs ?? DEFAULT_TIMEOUT_MS, signal, async (onStop) => {
      let stopped: Error | undefined;
      let stream: Duplex | undefined;
      onStop((reason) => {
        stopped = reason;
        stream?.destroy(reason);
      });
      stream = await open();
      if (stopped !== undefined) {
        // This stream is not needed any more; left open it would keep a process in the container.
        stream.destroy();
        throw stopped;
      }
      return httpRequest({ ...request, host: '127.0.0.1', port: 80, socket: stream });
    });
}

/** Where something bound to `bind` is reached from this machine: `0.0.0.0` and `::` are no destinations on every system. */
export function reachableHost(bind: string): string {
  const bare = bind.replace(/^\[(.*)\]$/, '$1');
  if (bare === '' || bare === '0.0.0.0') return '127.0.0.1';
  return bare === '::' ? '::1' : bare;
}

type OnStop = (stop: (reason: Error) => void) => void;

/** Runs `work` until it ends, the time is up, or the signal aborts; then it is told to stop, and not waited for. */
function bounded<T>(
  timeoutMs: number,
  signal: AbortSignal | undefined,
  work: (onStop: OnStop) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    let stop: (reason: Error) => void = () => {};
    const end = (reason: unknown) => {
      reject(reason);
      stop(reason instanceof Error ? reason : new Error(String(reason)));
    };
    const onAbort = () => end(signal?.reason);
    const timer = setTimeout(() => end(new HttpError('TIMEOUT', `no answer within ${timeoutMs / 1000} s`)), timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    work((given) => {
      stop = given;
    })
      .then(resolve, reject)
      .finally(() => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      });
  });
}

function open(options: HttpRequest): ClientRequest {
  const { socket } = options;
  return request({
    host: options.host,
    port: options.port,
    method: options.method,
    path: options.path,
    headers: options.headers ?? {},
    // Without an agent, or with `false`, node asks the server to close: nothing is kept that a restart could break.
    ...(socket === undefined ? { agent: options.agent ?? false } : { createConnection: () => socket }),
  });
}

function answer(sent: ClientRequest, maxBytes: number): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(toHttpError(error));
    sent.on('error', fail);
    sent.on('response', (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('error', fail);
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= maxBytes) return void chunks.push(chunk);
        fail(new HttpError('TOO_LARGE', `the answer is longer than ${maxBytes} bytes`));
        sent.destroy();
      });
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        });
      });
    });
  });
}

function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  const code = property(error, 'code');
  return new HttpError(typeof code === 'string' ? code : 'UNKNOWN', describe(error), { cause: error });
}

function describe(error: unknown): string {
  // What came in place of HTTP says more than the parser does: an engine that cannot start `nc` writes so here.
  const raw = property(error, 'rawPacket');
  if (Buffer.isBuffer(raw)) return `the answer is not HTTP: ${firstLine(raw.toString())}`;
  // A name with several addresses: the error of each, under one without a message.
  if (error instanceof AggregateError) return error.errors.map(errorText).join(', ');
  return errorText(error);
}

const firstLine = (text: string): string => text.trim().split(/\r?\n/, 1)[0]?.slice(0, 200) ?? '';

const property = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
