import { expect, it } from 'vitest';
import type { Container } from '../../../src/docker/engine.ts';
import { look } from '../../../src/stack/observe.ts';
import type { Session } from '../../../src/stack/session.ts';
import { container } from '../../support/containers.ts';
import { fakeEngine } from '../../support/fake-engine.ts';
import { config } from '../../support/observed.ts';

const server = (role: string, publicPort: number) =>
  container(role, {
    labels: { 'monitor.stack': 'monitoring', 'monitor.role': role },
    ports: [{ privatePort: publicPort, publicPort, hostIp: '127.0.0.1', type: 'tcp' }],
  });

const sessionOf = (containers: Container[], prometheus: Partial<Session['prometheus']> = {}) => {
  const engine = fakeEngine({
    listContainers: async () => containers,
    listNetworks: async () => [],
    inspectContainer: async () => undefined,
    inspectImage: async () => undefined,
    inspectVolume: async () => undefined,
    statFile: async () => undefined,
  });
  return { engine, prometheus, loaded: { config: config(), path: '' } } satisfies {
    [Key in keyof Session]?: Partial<Session[Key]>;
  } as unknown as Session;
};

it('a Prometheus that tells its configuration and not its targets does not count as one that has no targets', async () => {
  const targets = () => Promise.reject(new Error('it ended'));
  const session = sessionOf([server('prometheus', 9090)], { loadedConfig: async () => 'global: {}', targets });
  expect((await look(session)).prometheus).toMatchObject({ loaded: undefined, targets: [] });
});

it('a server that monitor.yml gives another port since is not asked there: what answers is not it', async () => {
  const session = sessionOf([server('prometheus', 9091), server('grafana', 3001)]);
  const seen = await look(session, () => Promise.reject(new Error('asked')));
  expect(seen).toMatchObject({ prometheus: undefined, grafana: undefined });
});
