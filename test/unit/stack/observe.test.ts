import { expect, it } from 'vitest';
import { look } from '../../../src/stack/observe.ts';
import type { Session } from '../../../src/stack/session.ts';
import { container } from '../../support/containers.ts';
import { fakeEngine } from '../../support/fake-engine.ts';
import { config } from '../../support/observed.ts';

it('a Prometheus that tells its configuration and not its targets does not count as one that has no targets', async () => {
  const engine = fakeEngine({
    listContainers: async () => [
      container('prometheus', { labels: { 'monitor.stack': 'monitoring', 'monitor.role': 'prometheus' } }),
    ],
    listNetworks: async () => [],
    inspectContainer: async () => undefined,
    inspectImage: async () => undefined,
    inspectVolume: async () => undefined,
    statFile: async () => undefined,
  });
  const prometheus = { loadedConfig: async () => 'global: {}', targets: () => Promise.reject(new Error('it ended')) };
  const session = { engine, prometheus, loaded: { config: config(), path: '' } } satisfies {
    [Key in keyof Session]?: Partial<Session[Key]>;
  } as unknown as Session;
  expect((await look(session)).prometheus).toMatchObject({ loaded: undefined, targets: [] });
});
