import type { Engine } from '../docker/engine.ts';
import type { Asker } from '../stack/asker.ts';
import { desertedNetworks } from '../stack/deserted.ts';

/**
 * Leaves the networks that all others have left: `docker compose down` removes a network right after its containers, and fails
 * where one is still on it. Fails as the engine does.
 */
export const leaveDeserted = async (
  engine: Engine,
  stack: { name: string; network: string },
  asker: Asker | undefined,
): Promise<void> => {
  const deserted = desertedNetworks(await engine.listContainers(), stack);
  await Promise.all([
    asker?.leave((network) => deserted.some(({ name }) => name === network)),
    ...deserted.flatMap(({ name, containers }) =>
      containers.filter((c) => c.id !== asker?.id).map((c) => engine.disconnectNetwork(name, c.id)),
    ),
  ]);
};
