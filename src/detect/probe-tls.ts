import { connect } from 'node:tls';
import { type Engine, EngineError } from '../docker/engine.ts';
import { isMissingProgram } from '../docker/exec.ts';
import { errorText } from '../errors.ts';
import {
  type Endpoint,
  interpret,
  MAX_PROBE_BYTES,
  noShell,
  type ProbeAnswer,
  TIMED_OUT,
  urlOf,
} from './probe-exchange.ts';

const STARTING_MS = 3000;

/** `nc` that ends with the question, whether or not the server hangs up; each process waited for, as in the plain probe. */
const SCRIPT = `
exec 3<&0 4>&2
nc "$2" "$3" <&3 & nc=$!
( trap 'kill $! 2>/dev/null; wait; exit' TERM; sleep "$1" & wait $!; kill $nc && echo timed out >&4 ) >/dev/null 2>&1 3<&- & watch=$!
wait $nc
kill $watch 2>/dev/null; wait $watch
`;

/**
 * The same question over TLS: `nc` in the Prometheus container carries the bytes, Node's TLS speaks over them.
 * The certificate is not judged here; Prometheus judges it at the scrape and says so in the target's error.
 */
export const probeTls = async (
  engine: Engine,
  container: string,
  endpoint: Endpoint,
  timeoutMs: number,
  request: string,
): Promise<ProbeAnswer> => {
  const at = endpoint.address.lastIndexOf(':');
  const host = endpoint.address.slice(0, at).replace(/^\[|\]$/g, '');
  const limit = `${Math.ceil(timeoutMs / 1000)}`;
  const port = endpoint.address.slice(at + 1);
  // Before the command starts, whose own clock then never runs ahead of this one.
  const start = Date.now();
  const socket = await engine.execStream(container, ['sh', '-c', SCRIPT, 'probe', limit, host, port]);
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    const tls = connect({ socket, servername: /^[\d.:]+$/.test(host) ? '' : host, rejectUnauthorized: false });
    const finish = (code: number, words = ''): void => {
      clearTimeout(timer);
      tls.destroy();
      socket.destroy();
      resolve(interpret(endpoint, Buffer.concat(parts).toString('latin1'), code, words));
    };
    // The time runs in the container; that the command starts takes some more.
    const timer = setTimeout(() => finish(TIMED_OUT), timeoutMs + STARTING_MS);
    tls.on('secureConnect', () => tls.write(request));
    tls.on('data', (chunk: Buffer) => {
      parts.push(chunk);
      size += chunk.length;
      if (size >= MAX_PROBE_BYTES) finish(0);
    });
    tls.on('end', () => finish(Date.now() - start < timeoutMs ? 0 : TIMED_OUT));
    tls.on('error', (error) => {
      // What `nc` says of the connection, past TLS.
      if (error instanceof EngineError && !isMissingProgram(error.message)) return finish(1, error.message);
      clearTimeout(timer);
      socket.destroy();
      if (error instanceof EngineError) return reject(noShell(container, error.message));
      const url = urlOf(endpoint);
      resolve({ url, body: '', truncated: false, error: 'tls', detail: reasonOf(error) });
    });
  });
};

/** OpenSSL's `wrong version number` instead of that with all its numbers. */
const reasonOf = (error: Error): string =>
  'reason' in error && typeof error.reason === 'string' ? error.reason : errorText(error);
