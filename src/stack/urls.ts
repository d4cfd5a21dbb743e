import type { MonitorConfig } from '../config/model.ts';
import { forServers, SERVERS, type Server } from '../config/servers.ts';
import type { Endpoint } from '../docker/engine.ts';

/** The stack's addresses, as a person opens them on this machine. */
export interface StackUrls extends Record<Server, string> {
  /** The command that makes them work, where the ports are published on the loopback address of the engine's machine. */
  forward?: string;
}

type Published = Pick<MonitorConfig, 'bind'> & Record<Server, { port: number }>;

const LOOPBACK = /^(127\.|::1$|localhost$)/;
const isAny = (address: string): boolean => address === '0.0.0.0' || address === '::';
const inUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/**
 * Where the ports that an engine publishes on `bind` can be reached from this machine; `undefined` where they cannot.
 * IPv6 addresses are without brackets.
 */
export const publishedHost = (endpoint: Endpoint, bind: string): string | undefined => {
  if (endpoint.local) return bind;
  const remote = remoteOf(endpoint)?.host ?? '';
  if (LOOPBACK.test(bind) || remote === '') return undefined;
  return isAny(bind) ? remote : bind;
};

export const stackUrls = (config: Published, endpoint: Endpoint): StackUrls => {
  const reached = publishedHost(endpoint, config.bind);
  const host = reached === undefined || isAny(reached) || reached === '127.0.0.1' ? 'localhost' : inUrl(reached);
  return {
    ...forServers((server) => `http://${host}:${config[server].port}`),
    ...(reached === undefined && forwarding(config, endpoint)),
  };
};

/** Nothing where the engine is reached through a port of this machine: which machine it is on is not known. */
const forwarding = (config: Published, endpoint: Endpoint): { forward?: string } => {
  const remote = remoteOf(endpoint);
  if (remote === undefined || LOOPBACK.test(remote.host)) return {};
  const forwards = SERVERS.map((server) => {
    const { port } = config[server];
    return `-L ${port}:${inUrl(config.bind)}:${port}`;
  });
  return { forward: ['ssh -N', ...forwards, remote.login].join(' ') };
};

/** The machine of a remote engine, and how ssh is told to go there. */
const remoteOf = ({ host }: Endpoint): { host: string; login: string } | undefined => {
  if (!URL.canParse(host)) return undefined;
  const { protocol, hostname, username, port } = new URL(host);
  const machine = hostname.replace(/^\[|\]$/g, '');
  if (machine === '') return undefined;
  if (protocol !== 'ssh:') return { host: machine, login: machine };
  const user = username ? `${decodeURIComponent(username)}@` : '';
  return { host: machine, login: `${port ? `-p ${port} ` : ''}${user}${machine}` };
};
