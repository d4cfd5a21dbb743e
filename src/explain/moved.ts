import { containerOf, isAddress, type PlacingEngine, splitAddress } from '../detect/place.ts';
import { networkOwner, reach } from '../detect/reach.ts';
import type { ScrapeTarget } from '../detect/types.ts';
import type { Container } from '../docker/engine.ts';
import type { WrittenTarget } from '../prometheus/read-config.ts';

/** Prometheus's configuration has an address that the container does not have any more. */
export interface Moved {
  /** The container that is meant. */
  name: string;
  /** The address that is scraped. */
  scraped: string;
  /** How the container is reached now; absent where it does not run, or is gone. */
  now?: string;
  /** The container that has the scraped address now. */
  holder?: string;
}

/**
 * Whether a target on the default bridge, which has addresses and no names, is another container's by now: compares the address
 * in the loaded configuration with the container's own. `undefined` where it is right, or no container's name is known. Pure.
 */
export const movedFrom = (
  { address, instance }: Pick<WrittenTarget, 'address' | 'instance'>,
  wanted: Pick<ScrapeTarget, 'containerId'> | undefined,
  { observed, stackNetwork }: { observed: PlacingEngine; stackNetwork: string },
): Moved | undefined => {
  const { host: scraped } = splitAddress(address);
  const { host: name } = splitAddress(instance);
  if (!isAddress(scraped) || isAddress(name)) return undefined;
  const meant = observed.containers.find((c) => c.id === wanted?.containerId) ?? containerOf(name, observed);
  const owner = meant && networkOwner(meant, observed);
  const holder = observed.containers.find((c) => c.state === 'running' && hasAddress(c, scraped));
  if (holder !== undefined && holder === owner) return undefined;
  const reached = meant?.state === 'running' ? reach(meant, observed, stackNetwork) : undefined;
  return {
    name: meant?.name ?? name,
    scraped,
    now: reached?.ok === true ? reached.host : undefined,
    holder: holder?.name,
  };
};

const hasAddress = ({ networks }: Container, address: string): boolean =>
  networks.some((n) => n.ipAddress === address || `[${n.ipv6Address}]` === address);
