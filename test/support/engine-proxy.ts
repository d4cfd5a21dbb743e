import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { ENGINE_SOCKET } from './engine-socket.ts';

/** A TCP port of this machine in front of the engine's socket, for what a network and a dying engine do to a client. */
export interface EngineProxy {
  /** As DOCKER_HOST writes it. */
  host: string;
  /** Connections that are open now. */
  open(): number;
  /** Breaks what is open now; new connections work. */
  drop(): void;
  /** From now on connections are accepted, and nothing goes through any of them. */
  stall(): void;
  /** Each connection made from now on breaks after so many bytes of answers. */
  breakAfter(bytes: number): void;
  /** Breaks everything and listens no more, as an engine that has ended. */
  close(): Promise<void>;
}

export async function startEngineProxy(): Promise<EngineProxy> {
  const pairs = new Set<[client: Socket, engine: Socket]>();
  let stalled = false;
  let limit = Number.POSITIVE_INFINITY;

  const server = createServer({ allowHalfOpen: true }, (client) => {
    const engine = connect({ path: ENGINE_SOCKET, allowHalfOpen: true });
    const pair: [Socket, Socket] = [client, engine];
    pairs.add(pair);
    const end = () => {
      client.destroy();
      engine.destroy();
      pairs.delete(pair);
    };
    client.on('error', end).on('close', end);
    engine.on('error', end);
    let left = limit;
    client.on('data', (chunk) => stalled || engine.write(chunk));
    client.on('end', () => engine.end());
    engine.on('data', (chunk) => {
      if (stalled) return;
      client.write(chunk.subarray(0, Math.min(chunk.length, left)));
      left -= chunk.length;
      if (left <= 0) client.resetAndDestroy();
    });
    engine.on('end', () => client.end());
  });
  const drop = () => {
    for (const [client] of pairs) client.resetAndDestroy();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `tcp://127.0.0.1:${portOf(server.address())}`,
    open: () => pairs.size,
    drop,
    stall: () => {
      stalled = true;
    },
    breakAfter: (bytes) => {
      limit = bytes;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        drop();
      }),
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (typeof address !== 'object' || address === null) throw new Error('the proxy has no port');
  return address.port;
}
