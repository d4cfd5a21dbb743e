import { byState } from './causes-container.ts';
import type { ContainerEvidence } from './evidence.ts';
import type { Finding } from './finding.ts';
import type { Listener } from './listeners.ts';

/** A server that its exporter cannot read. */
export interface UnreadServer {
  /** Its container, as monitor.yml names it. */
  name: string;
  port: number;
  /** What adds the exporter, without its options. */
  command: string;
  /** It is read with a password. */
  hasCredentials: boolean;
  /** What such a server has to have for it, for a person. */
  needs?: string;
  /** Absent where there is no such container. */
  container?: ContainerEvidence;
  /** Absent where that could not be seen. */
  listeners?: readonly Listener[];
}

/** Why an exporter that answers has nothing to tell. Pure. */
export const byServer = (server: UnreadServer): Finding => {
  const { name, port, container, command } = server;
  const cannot = `it runs, and cannot read ${name}:${port}`;
  if (container === undefined) {
    return {
      code: 'server-gone',
      cause: `${cannot}: there is no container ${name}`,
      remedy: `start it, or \`${command.replace('add-', 'remove-')}\``,
    };
  }
  const state = byState(container);
  if (state !== undefined) return { ...state, code: 'server-not-running', cause: `${cannot}: ${state.cause}` };
  return byListeners(server, cannot) ?? refused(server, cannot);
};

const byListeners = ({ name, port, listeners, command }: UnreadServer, cannot: string): Finding | undefined => {
  if (listeners === undefined) return undefined;
  const here = listeners.filter((l) => l.port === port);
  if (here.length > 0 && here.every(({ on }) => on === 'loopback')) {
    return {
      code: 'server-on-loopback',
      cause: `${cannot}: container ${name} listens on 127.0.0.1:${port} only, which cannot be reached from outside it`,
      remedy: `let the server listen on 0.0.0.0:${port} inside its container (often a setting called bind or listen address)`,
    };
  }
  if (here.length > 0) return undefined;
  const others = listeners.map((l) => l.port).join(', ');
  return {
    code: 'server-not-listening',
    cause: `${cannot}: nothing in container ${name} listens on port ${port}${others === '' ? '' : `, it listens on ${others}`}`,
    remedy: others === '' ? `see \`docker logs ${name}\`` : `name its port: \`${command} --port PORT\``,
  };
};

const refused = ({ command, needs, hasCredentials }: UnreadServer, cannot: string): Finding => ({
  code: 'server-unread',
  cause: `${cannot}${hasCredentials ? ': the credentials are wrong, or it cannot be reached' : ''}`,
  remedy: [`give it other options with \`${command} …\``, ...(needs === undefined ? [] : [needs])].join('; '),
});
