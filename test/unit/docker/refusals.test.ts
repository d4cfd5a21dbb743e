import { expect, it } from 'vitest';
import { networkRefusal, remedyForStart } from '../../../src/docker/refusals.ts';

/** What Docker 20.10.24, Docker 28.5.2 and Podman 5.8.6 answered. */
it.each([
  ['no-free-address', "no available IPv4 addresses on this network's address pools: tiny (4799b2f765d2)"],
  ['no-free-address', 'IPAM error: failed to find free IP in range: 10.99.9.1 - 10.99.9.2'],
  ['no-address-range', 'could not find an available, non-overlapping IPv4 address pool among the defaults to assign'],
  ['no-address-range', 'all predefined address pools have been fully subnetted'],
  [
    'not-attachable',
    'Could not attach to network fo: rpc error: code = PermissionDenied desc = network fo not manually attachable',
  ],
  [undefined, 'network nowhere not found'],
])('%s: %s', (refusal, words) => {
  expect(networkRefusal(words)).toBe(refusal);
});

it('a container that its full network keeps from starting is started once that has room', () => {
  const words = "no available IPv4 addresses on this network's address pools: tiny (4799b2f765d2)";
  expect(remedyForStart(words)).toContain('`docker network inspect tiny`');
  expect(remedyForStart('driver failed programming external connectivity')).toBeUndefined();
});
