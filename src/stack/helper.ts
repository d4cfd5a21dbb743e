import { randomBytes } from 'node:crypto';
import { type Engine, EngineError } from '../docker/engine.ts';
import { MonitorError } from '../errors.ts';
import { HARDENED } from './desired.ts';

export interface HelperOptions {
  image: string;
  /** A network's name, or `container:ID` to stand in another container's network. */
  network: string;
  labels: Record<string, string>;
}

/**
 * Runs `work` with a container of an image in which commands can be run, and removes it after that.
 * It ends by itself after ten minutes, in case nobody is left to remove it. Fails with `no-shell` where the image has
 * no shell to keep it running.
 */
export const withHelper = async <T>(
  engine: Engine,
  { image, network, labels }: HelperOptions,
  work: (container: string) => Promise<T>,
): Promise<T> => {
  const id = await engine.createContainer({
    name: `monitor-helper-${randomBytes(6).toString('hex')}`,
    image,
    entrypoint: ['sh', '-c', 'sleep 600'],
    env: {},
    labels,
    mounts: [],
    ports: [],
    network: { name: network, aliases: [] },
    // Another container's network comes with its own names: the engine refuses further ones.
    extraHosts: network.startsWith('container:') ? [] : ['host.docker.internal:host-gateway'],
    ...HARDENED,
    restart: 'no',
  });
  try {
    await engine.startContainer(id).catch((error: unknown) => {
      throw error instanceof EngineError && /executable file not found|no such file/i.test(error.message)
        ? noShell(image, error)
        : error;
    });
    return await work(id);
  } finally {
    await engine.removeContainer(id);
  }
};

const noShell = (image: string, cause: EngineError): MonitorError =>
  new MonitorError({
    code: 'no-shell',
    message: `Endpoints cannot be asked: image ${image} has no shell`,
    suggestion: 'use an image with a shell in monitor.yml (the default, or a tag that ends in -busybox)',
    cause,
  });
