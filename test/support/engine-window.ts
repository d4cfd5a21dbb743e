import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { buffer, json } from 'node:stream/consumers';
import { ENGINE_SOCKET } from './engine-socket.ts';

/**
 * A socket in front of the engine that shows only a test's own containers: lists and events leave out the others, all else
 * passes as it is. What detection does is the same with it, and what other users of the engine do at the time is not
 * seen, nor are their networks joined. It also counts what is asked, and can break like a real one.
 */
export interface EngineWindow {
  /** As DOCKER_HOST writes it. */
  host: string;
  /** Requests so far, `GET /containers/json`, with `*` for ids and names. */
  requests: string[];
  /** How many requests so far were these. */
  count(pattern: RegExp): number;
  /** Runs before a request passes, which waits for it: what happens between a look and an act. */
  before: (request: string) => Promise<void> | void;
  /** Breaks every connection that is open. */
  drop(): void;
  /** From now on nobody is let in; `open` ends that. */
  shut(): Promise<void>;
  open(): Promise<void>;
  close(): Promise<void>;
}

/** Whether a container with these labels is shown. */
export type Shown = (labels: Record<string, string>) => boolean;

export const openEngineWindow = async (name: string, isShown: Shown): Promise<EngineWindow> => {
  const path = join(tmpdir(), `${name}.sock`);
  const sockets = new Set<Duplex>();
  const ours = new Set<string>();
  const requests: string[] = [];
  const window: Pick<EngineWindow, 'before'> = { before: () => {} };
  const note = async (message: IncomingMessage): Promise<void> => {
    const asked = `${message.method} ${shortPath(message.url ?? '')}`;
    requests.push(asked);
    await window.before(asked);
  };
  const server = createServer((message, response) => {
    void note(message).then(() => forward(message, response, { isShown, ours }));
  });
  // The engine keeps an idle connection for good.
  Object.assign(server, { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0, timeout: 0 });
  server.on('upgrade', (message, socket, head) => void note(message).then(() => tunnel(message, socket, head)));
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
  });
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const open = (): Promise<void> =>
    new Promise((resolve) => {
      rmSync(path, { force: true });
      server.listen(path, resolve);
    });
  const shut = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      drop();
    });
  await open();
  return Object.assign(window, {
    host: `unix://${path}`,
    requests,
    count: (pattern: RegExp) => requests.filter((asked) => pattern.test(asked)).length,
    drop,
    open,
    shut,
    close: async () => {
      await shut();
      rmSync(path, { force: true });
    },
  });
};

/** Without the version and the query, and with `*` where a thing is named. */
const shortPath = (url: string): string =>
  url
    .replace(/^\/v\d+\.\d+/, '')
    .replace(/\?.*$/, '')
    .replace(/^\/(containers|networks|volumes|images|exec)\/(?!json$|create$|prune$)[^?]+?(\/[a-z]+)?$/, '/$1/*$2');

interface Filter {
  isShown: Shown;
  /** Ids of containers that are shown, for events that carry no labels. */
  ours: Set<string>;
}

const forward = async (message: IncomingMessage, response: ServerResponse, filter: Filter): Promise<void> => {
  const { method, url = '' } = message;
  // In one piece: the engine may answer and hang up before it has read the end of a chunked body.
  const body = await buffer(message);
  const { 'transfer-encoding': _, ...kept } = message.headers;
  const headers = body.length > 0 ? { ...kept, 'content-length': body.length } : kept;
  const onward = request({ socketPath: ENGINE_SOCKET, method, path: url, headers, agent: false }, (answer) => {
    const path = shortPath(url);
    const head = { ...answer.headers };
    if (method === 'GET' && path === '/containers/json' && answer.statusCode === 200) {
      delete head['content-length'];
      void json(answer).then((rows) => {
        response.writeHead(200, head);
        response.end(JSON.stringify(shownRows(rows, filter)));
      });
      return;
    }
    response.writeHead(answer.statusCode ?? 500, head);
    response.flushHeaders();
    if (path === '/events') passEvents(answer, response, filter);
    else answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  response.on('close', () => onward.destroy());
  onward.end(body);
};

const shownRows = (rows: unknown, { isShown, ours }: Filter): unknown[] =>
  (Array.isArray(rows) ? rows : []).filter((row: { Id: string; Labels: Record<string, string> | null }) => {
    const shown = isShown(row.Labels ?? {});
    if (shown) ours.add(row.Id);
    return shown;
  });

/** Container events carry the labels among their attributes, network events the container's id. */
const passEvents = (answer: IncomingMessage, response: ServerResponse, { isShown, ours }: Filter): void => {
  let rest = '';
  answer.on('data', (chunk) => {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines.filter((l) => l.trim() !== '')) {
      const { Type, Actor } = JSON.parse(line);
      const shown = Type === 'network' ? ours.has(Actor.Attributes.container) : isShown(Actor.Attributes);
      if (shown && Type === 'container') ours.add(Actor.ID);
      if (shown) response.write(`${line}\n`);
    }
  });
  answer.on('end', () => response.end()).on('close', () => response.destroy());
};

/** What takes over its connection (exec, attach) passes byte for byte. */
const tunnel = (message: IncomingMessage, socket: Duplex, head: Buffer): void => {
  const engine = connect({ path: ENGINE_SOCKET, allowHalfOpen: true });
  const lines = [`${message.method} ${message.url} HTTP/1.1`];
  for (let i = 0; i < message.rawHeaders.length; i += 2) {
    lines.push(`${message.rawHeaders[i]}: ${message.rawHeaders[i + 1]}`);
  }
  engine.write(`${lines.join('\r\n')}\r\n\r\n`);
  engine.write(head);
  socket.pipe(engine);
  engine.pipe(socket);
  socket.on('error', () => engine.destroy()).on('close', () => engine.destroy());
  engine.on('error', () => socket.destroy());
};
