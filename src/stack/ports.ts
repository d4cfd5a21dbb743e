import { createServer } from 'node:net';

/** Whether a TCP port can be listened on here; errors other than "in use" (an address of another machine) count as free. */
export const isPortFree = (bind: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE'));
    server.listen({ host: bind, port, exclusive: true }, () => server.close(() => resolve(true)));
  });

/** The first port from `port` on that is not in `taken`, and is free or in `held`; at most 200 are tried. */
export const nextFreePort = async (
  bind: string,
  port: number,
  taken: ReadonlySet<number>,
  held: ReadonlySet<number> = new Set(),
): Promise<number> => {
  for (let candidate = port; candidate < Math.min(port + 200, 65_536); candidate += 1) {
    if (!taken.has(candidate) && (held.has(candidate) || (await isPortFree(bind, candidate)))) return candidate;
  }
  return port;
};
