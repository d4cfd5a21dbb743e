import { existsSync, readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { connect as connectSocket, isIP } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { inspect } from 'node:util';
import type { Candidate, TlsSource } from './candidates.ts';
import { dialSsh } from './ssh.ts';

/** How HTTP requests get to an engine, whatever lies between. */
export interface Transport {
  /** Every connection of it goes to the engine, whatever host and port a request names. */
  agent: Agent;
  /** For the Host header. */
  authority: string;
  /** A socket or a pipe of this machine. */
  local: boolean;
  /** How long a first answer may take, in milliseconds. */
  patienceMs: number;
}

const LOCAL_PATIENCE_MS = 2_000;
const TCP_PATIENCE_MS = 10_000;
const SSH_PATIENCE_MS = 30_000;

/** Opens nothing yet. Throws where the host cannot be understood or a certificate cannot be read. */
export function transportTo({ host, tls }: Candidate): Transport {
  const [, scheme = 'tcp', rest = ''] = /^(?:([a-z]+):\/\/)?(.*)$/.exec(host) ?? [];
  switch (scheme) {
    case 'unix':
    case 'npipe': {
      const path = rest || (scheme === 'unix' ? '/var/run/docker.sock' : '//./pipe/docker_engine');
      const agent = agentOf(() => connectSocket({ path }), false);
      return { agent, authority: 'docker', local: true, patienceMs: LOCAL_PATIENCE_MS };
    }
    case 'ssh': {
      const url = parse(host);
      // A connection costs a handshake and a login, so it is kept for the next request.
      const agent = agentOf(() => dialSsh(url), true);
      return { agent, authority: 'docker', local: false, patienceMs: SSH_PATIENCE_MS };
    }
    case 'tcp':
    case 'http':
    case 'https':
      return tcpTransport(parse(`http://${rest}`), tls ?? (scheme === 'https' ? { verify: true } : undefined));
    default:
      throw new Error(`"${scheme}://" is not supported: use unix://, tcp://, ssh:// or npipe://`);
  }
}

function tcpTransport(url: URL, tls: TlsSource | undefined): Transport {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port) || (tls ? 2376 : 2375);
  const shared = { authority: `${url.hostname}:${port}`, local: false, patienceMs: TCP_PATIENCE_MS };
  if (!tls) return { ...shared, agent: agentOf(() => connectSocket({ host, port }), false) };
  const options = { host, port, ...tlsMaterial(tls), ...(isIP(host) ? {} : { servername: host }) };
  return { ...shared, agent: agentOf(() => connectTls(options), true) };
}

function tlsMaterial({ dir, verify }: TlsSource): Record<string, Buffer | boolean> {
  const files = dir === undefined ? [] : ['ca', 'cert', 'key'].map((name) => [name, join(dir, `${name}.pem`)] as const);
  const present = files.filter(([, file]) => existsSync(file)).map(([name, file]) => [name, readFileSync(file)]);
  return { ...Object.fromEntries(present), rejectUnauthorized: verify };
}

/** Spares node:http the look for an IPv6 address in the Host header, whose pattern takes 8 ms to compile. */
const NO_TLS_NAME = { servername: '' };

/**
 * One name for all connections: whatever a request says, they go to the same place, and a kept one suits the next.
 * And one word to be shown as: docker-modem prints each request, with all that its agent holds, for a debugger that is
 * not there, which took a tenth of the time of an `up` with nothing to do.
 */
const agentOf = (dial: () => Duplex, keepAlive: boolean): Agent =>
  Object.assign(new Agent({ keepAlive, ...NO_TLS_NAME }), {
    createConnection: dial,
    getName: () => 'engine',
    [inspect.custom]: () => 'Agent',
  });

function parse(url: string): URL {
  if (!URL.canParse(url)) throw new Error(`"${url}" is not an address`);
  return new URL(url);
}
