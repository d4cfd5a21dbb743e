import type { ServiceKind } from '../../scripts/sandbox/service-recipes.ts';
import { ensureServiceImage } from '../../scripts/sandbox/services.ts';
import { docker } from './engine-view.ts';

export interface ServerSpec {
  name: string;
  /** The default bridge where absent. */
  network?: string;
  env?: readonly string[];
  /** Absent: the image's. */
  command?: readonly string[];
}

/** Starts a real server from Debian's packages; it goes with the things of `owner` (users-things.ts). */
export const startServer = async (owner: string, kind: ServiceKind, spec: ServerSpec): Promise<void> => {
  const { name, network = 'bridge', env = [], command } = spec;
  const made = await docker.createContainer({
    name,
    Image: await ensureServiceImage(kind),
    Env: [...env],
    ...(command === undefined ? {} : { Cmd: [...command] }),
    Labels: { 'monitor.test.owner': owner },
    HostConfig: { NetworkMode: network },
  });
  await made.start();
};
