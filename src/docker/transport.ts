import { existsSync, readFileSync } from 'node:fs';
import { Agent, type AgentOptions } from 'node:http';
import { connect as connectSocket, isIP } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { KEEP_BRIEFLY } from '../http.ts';
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
      const agent = agentOf(() => connectSocket({ path }), KEEP_BRIEFLY);
      return { agent, authority: 'docker', local: true, patienceMs: LOCAL_PATIENCE_MS };
    }
    case 'ssh': {
      const url = parse(host);
      const agent = agentOf(() => dialSsh(url), KEEP);
      return { agent, authority: 'docker', local: false, patienceMs: SSH_PATIENCE_MS };
    }
    case 'tcp':
    case 'http':
    case 'https':
      if (rest.startsWith('/')) throw new Error(`it has no host; the socket at a path is unix://${rest}`);
      return tcpTransport(parse(`http://${rest}`), tls ?? (scheme === 'https' ? { verify: true } : undefined));
    default:
      throw new Error(`"${scheme}://" is not supported: use unix://, tcp://, ssh:// or npipe://`);
  }
}

function tcpTransport(url: URL, tls: TlsSource | undefined): Transport {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port) || (tls ? 2376 : 2375);
  const shared = { authority: `${url.hostname}:${port}`, local: false, patienceMs: TCP_PATIENCE_MS };
  if (!tls) return { ...shared, agent: agentOf(() => connectSocket({ host, port }), {}) };
  const options = { host, port, ...tlsMaterial(tls), ...(isIP(host) ? {} : { servername: host }) };
  return { ...shared, agent: agentOf(() => connectTls(options), KEEP) };
}

function tlsMaterial({ dir, verify }: TlsSource): Record<string, Buffer | boolean> {
  const files = dir === undefined ? [] : ['ca', 'cert', 'key'].map((name) => [name, join(dir, `${name}.pem`)] as const);
  const present = files.filter(([, file]) => existsSync(file)).map(([name, file]) => [name, readFileSync(file)]);
  return { ...Object.fromEntries(present), rejectUnauthorized: verify };
}

/** Where a new connection costs a handshake, and perhaps a login. */
const KEEP = { ...KEEP_BRIEFLY, timeout: undefined };

/** One name for all connections: whatever a request says, they go to the same place, and a kept one suits the next. */
const agentOf = (dial: () => Duplex, options: AgentOptions): Agent =>
  Object.assign(new Agent(options), {
    createConnection: dial,
    getName: () => 'engine',
  });

function parse(url: string): URL {
  if (!URL.canParse(url)) throw new Error(`"${url}" is not an address`);
  return new URL(url);
}
