import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runDown } from '../../../src/commands/down.ts';
import { type Container, type Engine, EngineError } from '../../../src/docker/engine.ts';
import { container } from '../../support/containers.ts';
import { depsIn } from '../../support/deps.ts';
import { fakeEngine } from '../../support/fake-engine.ts';
import { attached, network, volume } from '../../support/observed.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'monitor-down-'));
  await writeFile(join(folder, 'monitor.yml'), 'name: shop\n');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const labels = { 'monitor.stack': 'shop' };

const down = (calls: Partial<Engine>, options = { volumes: false, yes: true }) => {
  const engine = fakeEngine({
    listNetworks: async () => [],
    listVolumes: async () => [],
    inspectVolume: async () => undefined,
    ...calls,
  });
  return runDown(depsIn(folder, { env: { XDG_RUNTIME_DIR: folder }, connect: async () => engine }), options);
};

it('a network that a container of yours joins meanwhile is kept, and the rest is removed', async () => {
  const late = container('late', { networks: [attached('shop-monitoring')] });
  let containers: Container[] = [container('shop-grafana', { labels })];
  const report = await down({
    listContainers: async () => containers,
    listNetworks: async () => [network('shop-monitoring', { labels })],
    stopContainer: async () => {},
    removeContainer: async () => {
      containers = [late];
    },
    removeNetwork: async () => {
      throw new EngineError(403, 'error while removing network: network shop-monitoring id 1 has active endpoints');
    },
  });
  expect(report).toMatchObject({ removed: ['container shop-grafana'], kept: ['network shop-monitoring'] });
  expect(report.notices).toEqual([expect.stringContaining('late is connected to it')]);
});

it('a volume that another container has is named with that container before anything is removed', async () => {
  const calls = {
    listContainers: async () => [
      container('shop-grafana', { labels }),
      container('copy', { state: 'exited', mounts: [{ type: 'volume', name: 'shop-data', destination: '/data' }] }),
    ],
    listVolumes: async () => [volume('shop-data', { labels })],
  };
  await expect(down(calls, { volumes: true, yes: true })).rejects.toMatchObject({
    code: 'volume-in-use',
    message: expect.stringContaining('shop-data'),
    suggestion: expect.stringContaining('docker rm -f copy'),
  });
});
