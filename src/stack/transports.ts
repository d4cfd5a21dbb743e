import type { MonitorConfig } from '../config/model.ts';
import { forServers, type Server } from '../config/servers.ts';
import { type Engine, EngineError } from '../docker/engine.ts';
import { isMissingProgram } from '../docker/exec.ts';
import { directTransport, HttpError, type Transport, tunnelTransport } from '../http.ts';
import { COMPONENTS, ownGrafanaAlias } from './components.ts';
import { publishedHost } from './urls.ts';

/** How this process talks to the stack's two servers. */
export type Transports = Record<Server, Transport>;

/**
 * Over the published ports where those are on this machine, or are published on an address that can be reached;
 * otherwise through `nc` in the Prometheus container, which is on the same network as Grafana.
 */
export const transportsTo = (engine: Engine, config: MonitorConfig): Transports => {
  const host = publishedHost(engine.endpoint, config.bind);
  if (host !== undefined) {
    return forServers((server) => directTransport(host, config[server].port));
  }
  const through = (server: Server): Transport => {
    const to = server === 'prometheus' ? '127.0.0.1' : ownGrafanaAlias(config.name);
    const { port } = COMPONENTS[server];
    const tunnel = tunnelTransport(() => engine.execStream(config.prometheus.container, ['nc', to, `${port}`]));
    return (request, signal) =>
      tunnel(request, signal).catch((error: unknown) => {
        throw refusedConnection(error) ?? error;
      });
  };
  return forServers(through);
};

/**
 * What a server that is not there yet looks like at the end of a tunnel: the container that the tunnel starts in does
 * not run, or `nc` says that nothing listens or nothing has the name. Over TCP all of that is a refused connection.
 */
const refusedConnection = (error: unknown): HttpError | undefined => {
  const words = error instanceof HttpError ? error.cause : error;
  if (!(words instanceof EngineError) || isMissingProgram(words.message)) return undefined;
  return [0, 404, 409].includes(words.status)
    ? new HttpError('ECONNREFUSED', words.message, { cause: error })
    : undefined;
};
