import { splitAddress, whereKnownAs } from '../detect/place.ts';
import { reach } from '../detect/reach.ts';
import type { Container } from '../docker/engine.ts';
import type { Access, Subject } from './evidence.ts';
import type { Scene } from './scene.ts';

/** How Prometheus, on the networks that it is on now, gets to a subject's container. Pure. */
export const accessTo = (
  container: Container,
  { endpoint, origin }: Pick<Subject, 'endpoint' | 'origin'>,
  { observed, stackNetwork, vantage }: Pick<Scene, 'observed' | 'stackNetwork' | 'vantage'>,
): Access => {
  if (origin === 'stack') return { by: 'shared' };
  const { host } = splitAddress(endpoint.address);
  const known = whereKnownAs(host, container, observed);
  const shared = known.networks.some((n) => vantage?.networks.has(n.name) === true && n.name !== 'none');
  if (shared && container.networkMode !== 'host') return { by: 'shared' };
  const reached = reach(known, observed, stackNetwork);
  if (!reached.ok) return { by: 'none', reason: reached.reason };
  if (reached.network === undefined || vantage === undefined || vantage.networks.has(reached.network)) {
    return { by: 'shared' };
  }
  return { by: 'joining', network: reached.network, refused: vantage.refused.get(reached.network) };
};
