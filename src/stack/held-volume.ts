import type { ContainerDetail, Engine } from '../docker/engine.ts';
import { MonitorError } from '../errors.ts';

/** Prometheus's words, without its log's time, where another one has its storage open: tsdb's DirLocker, then `flock`. */
const LOCKED = /[^"=]*(lock DB directory|resource temporarily unavailable)[^"]*/;

/** Where a log says that the storage is locked: the error that names the container which has the same volume. */
export const heldVolume = async (
  engine: Engine,
  { id, name }: ContainerDetail,
  log: readonly string[],
): Promise<MonitorError | undefined> => {
  const words = log.flatMap((line) => LOCKED.exec(line)?.[0] ?? []).at(-1);
  if (words === undefined) return undefined;
  const containers = await engine.listContainers();
  const volumes = new Set(containers.find((c) => c.id === id)?.mounts.flatMap((m) => m.name ?? []));
  const holders = containers.filter(
    (c) => c.id !== id && c.state === 'running' && c.mounts.some((m) => m.name !== undefined && volumes.has(m.name)),
  );
  if (holders.length === 0) return undefined;
  const others = holders.map((c) => c.name).join(' and ');
  return new MonitorError({
    code: 'volume-in-use',
    message: `Volume ${[...volumes].join(', ')} of container ${name} is already in use by container ${others}`,
    detail: [words],
    suggestion: `stop it (\`docker stop ${holders.map((c) => c.name).join(' ')}\`), or set \`prometheus.volume\` in monitor.yml to another volume, then run \`monitor up\` again`,
  });
};
