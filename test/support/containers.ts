import type { Container, ContainerPort } from '../../src/docker/engine.ts';

/** A running container on a network of its own, as the engine lists it. */
export function container(name: string, changes: Partial<Container> = {}): Container {
  return {
    id: `id-of-${name}`,
    name,
    image: 'example/app:1',
    imageId: 'sha256:0',
    state: 'running',
    status: 'Up 2 seconds',
    labels: {},
    created: 0,
    networkMode: 'app_default',
    networks: [{ name: 'app_default', networkId: 'n1', ipAddress: '172.18.0.2', ipv6Address: '' }],
    ports: [],
    mounts: [],
    ...changes,
  };
}

/** Exposed and not published. */
export const tcp = (...ports: number[]): ContainerPort[] => ports.map((privatePort) => port(privatePort));

export const port = (privatePort: number, changes: Partial<ContainerPort> = {}): ContainerPort => ({
  privatePort,
  publicPort: undefined,
  hostIp: undefined,
  type: 'tcp',
  ...changes,
});
