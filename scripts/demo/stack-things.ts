import type { Engine } from '../../src/docker/engine.ts';
import { isOfStack, stackFilter } from '../../src/stack/labels.ts';
import { STACK } from './names.ts';

/** What there is of the demo's stack on the engine, by name. */
export async function stackThings(engine: Engine): Promise<string[]> {
  const [containers, networks, volumes] = await Promise.all([
    engine.listContainers(stackFilter(STACK)),
    engine.listNetworks(),
    engine.listVolumes(stackFilter(STACK)),
  ]);
  return [...containers, ...networks.filter((n) => isOfStack(n, STACK)), ...volumes].map((thing) => thing.name);
}
