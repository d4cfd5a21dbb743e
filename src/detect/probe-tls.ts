import { connect as connectHttp2, constants, type IncomingHttpHeaders } from 'node:http2';
import { connect, type TLSSocket } from 'node:tls';
import { type Engine, EngineError } from '../docker/engine.ts';
import { isMissingProgram } from '../docker/exec.ts';
import { errorText } from '../errors.ts';
import { type Heard, hostAndPort, MAX_PROBE_BYTES, noShell, type Question, TIMED_OUT } from './probe-exchange.ts';

const STARTING_MS = 3000;

/** `nc` that ends with the question, whether or not the server hangs up; each process waited for, as in the plain probe. */
const SCRIPT = `
exec 3<&0 4>&2
nc "$2" "$3" <&3 & nc=$!
( trap 'kill $! 2>/dev/null; wait; exit' TERM; sleep "$1" & wait $!; echo timed out >&4; kill $nc ) >/dev/null 2>&1 3<&- & watch=$!
wait $nc
kill $watch 2>/dev/null; wait $watch
`;

/**
 * The same question over TLS: `nc` in the Prometheus container carries the bytes, Node's TLS speaks over them.
 * The certificate is not judged here; Prometheus judges it at the scrape and says so in the target's error.
 */
export const askTls = async (
  engine: Engine,
  container: string,
  { endpoint, request }: Question,
  seconds: number,
): Promise<Heard> => {
  const [host, port] = hostAndPort(endpoint.address);
  const timeoutMs = seconds * 1000;
  // Before the command starts, whose own clock then never runs ahead of this one.
  const start = Date.now();
  const socket = await engine.execStream(container, ['sh', '-c', SCRIPT, 'probe', `${Math.ceil(seconds)}`, host, port]);
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    let asked: number | undefined;
    const servername = /^[\d.:]+$/.test(host) ? '' : host;
    // As Prometheus offers them, unless `enable_http2` is off.
    const ALPNProtocols = ['h2', 'http/1.1'];
    const tls = connect({ socket, servername, ALPNProtocols, rejectUnauthorized: false });
    const finish = (code: number, words = '', failure?: string): void => {
      clearTimeout(timer);
      tls.destroy();
      socket.destroy();
      const seconds = asked === undefined ? undefined : (Date.now() - asked) / 1000;
      resolve({ bytes: Buffer.concat(parts), code, words, tls: failure, seconds });
    };
    const take = (chunk: Buffer): void => {
      parts.push(chunk);
      size += chunk.length;
      if (size >= MAX_PROBE_BYTES) finish(0);
    };
    // The time runs in the container; that the command starts takes some more.
    const timer = setTimeout(() => finish(TIMED_OUT), timeoutMs + STARTING_MS);
    tls.on('secureConnect', () => {
      asked = Date.now();
      if (tls.alpnProtocol === 'h2') askHttp2(tls, request, take, finish);
      else tls.on('data', take).write(request);
    });
    tls.on('end', () => finish(Date.now() - start < timeoutMs ? 0 : TIMED_OUT));
    tls.on('error', (error) => {
      // What `nc` says of the connection, past TLS.
      if (error instanceof EngineError && !isMissingProgram(error.message)) return finish(1, error.message);
      if (!(error instanceof EngineError)) return finish(1, '', reasonOf(error));
      clearTimeout(timer);
      socket.destroy();
      reject(noShell(container, error.message));
    });
  });
};

/** The question in HTTP/2, and its answer as HTTP/1.1 writes it. */
const askHttp2 = (
  tls: TLSSocket,
  request: string,
  take: (bytes: Buffer) => void,
  finish: (code: number, words?: string, failure?: string) => void,
): void => {
  const [, path] = request.split(' ', 2);
  const lines = [...request.matchAll(/^([\w-]+): (.*)\r$/gm)];
  const headers = Object.fromEntries(lines.map(([, name = '', value = '']) => [name.toLowerCase(), value]));
  const { host, connection: _, ...others } = headers;
  const session = connectHttp2(`https://${host}`, { createConnection: () => tls });
  const fail = (error: Error) => finish(1, '', reasonOf(error));
  session.on('error', fail);
  const stream = session.request({ ...others, ':path': path, ':authority': host });
  stream.on('response', (answer) => {
    take(Buffer.from(headOf(answer), 'latin1'));
    stream.on('data', take);
  });
  stream.on('end', () => finish(0));
  stream.on('error', fail);
};

const headOf = ({
  [constants.HTTP2_HEADER_STATUS]: status,
  ...headers
}: IncomingHttpHeaders & { ':status'?: number }) => {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one) => `${name}: ${one}`),
  );
  return [`HTTP/1.1 ${status} `, ...lines, '', ''].join('\r\n');
};

/** OpenSSL's `wrong version number` instead of that with all its numbers. */
const reasonOf = (error: Error): string =>
  'reason' in error && typeof error.reason === 'string' ? error.reason : errorText(error);
