import { type Container, ON_A_NETWORK } from '../docker/engine.ts';
import { isOfAnyStack, isOfStack } from './labels.ts';

/** A network on which no container runs but those of monitor's stacks, and which of this stack's are on it. */
export interface DesertedNetwork {
  name: string;
  containers: { id: string; name: string }[];
}

/**
 * Networks that Prometheus or an exporter has joined and that all others have left: the engine removes none as long as they are
 * on it. The stack's own network and the engine's default one are none of them. Pure.
 */
export const desertedNetworks = (
  containers: readonly Container[],
  { name: stack, network: own }: { name: string; network: string },
): DesertedNetwork[] => {
  const attached = containers.filter((c) => ON_A_NETWORK.has(c.state));
  const inUse = new Set(attached.filter((c) => !isOfAnyStack(c)).flatMap((c) => c.networks.map((n) => n.name)));
  const ours = attached.filter((c) => isOfStack(c, stack));
  const names = new Set(ours.flatMap((c) => c.networks.map((n) => n.name)));
  return [...names]
    .filter((name) => name !== own && name !== 'bridge' && name !== 'host' && name !== 'none' && !inUse.has(name))
    .map((name) => ({ name, containers: ours.filter((c) => c.networks.some((n) => n.name === name)) }));
};
