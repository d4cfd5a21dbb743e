import { describe, expect, it } from 'vitest';
import { type NetworkAlias, type PlacingEngine, place, unexplainedHosts } from '../../../src/detect/place.ts';
import type { Container } from '../../../src/docker/engine.ts';
import { container } from '../../support/containers.ts';
import { attached, config, network } from '../../support/observed.ts';

const engineWith = (containers: Container[], aliases: Record<string, NetworkAlias[]> = {}): PlacingEngine => ({
  containers,
  networks: ['bridge', 'host', 'monitoring', 'app', 'zoo'].map((name) => network(name)),
  aliases: new Map(Object.entries(aliases).map(([name, list]) => [`id-of-${name}`, list])),
});

/** Where an address leads: what is dialled, the network to join, and what the user is told. */
const placed = (address: string, engine: PlacingEngine = engineWith([])) => {
  const [target] = config(`targets: ["${address}"]`).targets;
  if (target === undefined) throw new Error('no target');
  const { target: found, notice } = place(target, engine, 'monitoring');
  return { dialled: found.address, instance: found.instance, network: found.network, notice };
};

const web = container('web', { networks: [attached('app', { ipAddress: '172.18.0.7' })] });

describe('an address', () => {
  it('that is a container’s name is dialled as it stands, on its network', () => {
    expect(placed('web:9100', engineWith([web]))).toEqual({
      dialled: 'web:9100',
      instance: 'web:9100',
      network: 'app',
      notice: undefined,
    });
  });

  it.each(['WEB:9100', 'web.:9100', 'Web.:9100'])(
    '%s is that container too, as for the engine’s name server',
    (address) => {
      expect(placed(address, engineWith([web]))).toEqual({
        dialled: address,
        instance: address,
        network: 'app',
        notice: undefined,
      });
    },
  );

  it('that is a Compose service is dialled as that, and the container’s network joined', () => {
    const service = container('shop-web-1', {
      labels: { 'com.docker.compose.service': 'web' },
      networks: [attached('app')],
    });
    expect(placed('web:9100', engineWith([service]))).toMatchObject({
      dialled: 'web:9100',
      instance: 'web:9100',
      network: 'app',
    });
  });

  it('that several containers have is kept with a notice; the one on the stack’s network is used', () => {
    const service = (name: string, on: string) =>
      container(name, { labels: { 'com.docker.compose.service': 'web' }, networks: [attached(on)] });
    const engine = engineWith([service('shop-web-1', 'app'), service('shop-web-2', 'monitoring')]);
    expect(placed('web:9100', engine)).toEqual({
      dialled: 'web:9100',
      instance: 'web:9100',
      network: undefined,
      notice: expect.stringMatching(/^web:9100: 2 containers answer to "web" \(shop-web-1, shop-web-2\)/),
    });
  });

  it('that is a container’s name and another’s Compose service too is dialled by the container’s id', () => {
    const service = container('shop-web-1', { labels: { 'com.docker.compose.service': 'web' } });
    expect(placed('web:9100', engineWith([web, service]))).toEqual({
      dialled: 'id-of-web:9100',
      instance: 'web:9100',
      network: 'app',
      notice: undefined,
    });
  });

  it('that is an alias is dialled as that, and the container’s network joined', () => {
    expect(placed('events:9100', engineWith([web], { web: [{ network: 'app', alias: 'events' }] }))).toMatchObject({
      dialled: 'events:9100',
      instance: 'events:9100',
      network: 'app',
    });
  });

  it('that is a short container id is dialled as that', () => {
    const found = { ...web, id: 'abcdef123456'.padEnd(64, '0') };
    expect(placed('abcdef123456:9100', engineWith([found]))).toMatchObject({
      dialled: 'abcdef123456:9100',
      network: 'app',
    });
  });

  it('that is a container’s IP address is dialled as it stands, on its network', () => {
    expect(placed('172.18.0.7:9100', engineWith([web]))).toMatchObject({
      dialled: '172.18.0.7:9100',
      network: 'app',
      notice: undefined,
    });
  });

  it('that is a container’s IPv6 address is dialled as it stands, on its network', () => {
    const six = container('six', { networks: [attached('app', { ipv6Address: 'fd00::7' })] });
    expect(placed('[fd00::7]:9100', engineWith([six]))).toMatchObject({ dialled: '[fd00::7]:9100', network: 'app' });
  });

  it('of a container on the default bridge is dialled by its IP address, and known by its name', () => {
    const old = container('old', {
      networkMode: 'bridge',
      networks: [attached('bridge', { ipAddress: '172.17.0.3' })],
    });
    expect(placed('old:9100', engineWith([old]))).toMatchObject({
      dialled: '172.17.0.3:9100',
      instance: 'old:9100',
      network: 'bridge',
    });
  });

  it('of a container on the host’s network is dialled as the host', () => {
    const host = container('agent', { networkMode: 'host', networks: [attached('host')] });
    expect(placed('agent:9100', engineWith([host]))).toMatchObject({
      dialled: 'host.docker.internal:9100',
      instance: 'agent:9100',
      network: undefined,
    });
  });

  it.each(['localhost:3001', '127.0.0.1:3001', '127.1.2.3:3001', '[::1]:3001'])(
    '%s is the developer’s machine, which is said',
    (address) => {
      expect(placed(address)).toEqual({
        dialled: 'host.docker.internal:3001',
        instance: address,
        network: undefined,
        notice: `${address} means this machine: Prometheus scrapes it as host.docker.internal:3001 and keeps instance="${address}"`,
      });
    },
  );

  it('host.docker.internal is kept, and needs no words', () => {
    expect(placed('host.docker.internal:1')).toMatchObject({ dialled: 'host.docker.internal:1', notice: undefined });
  });

  it('that is not found is kept with a notice', () => {
    expect(placed('nosuch:9100')).toMatchObject({
      dialled: 'nosuch:9100',
      notice: 'no container has the name or alias "nosuch"; nosuch:9100 is kept, and Prometheus will look the name up',
    });
  });

  it('of a machine elsewhere is kept, and needs no words', () => {
    expect(placed('192.168.1.5:9100')).toMatchObject({ dialled: '192.168.1.5:9100', notice: undefined });
    expect(placed('[2001:db8::1]:9100')).toMatchObject({ dialled: '[2001:db8::1]:9100', notice: undefined });
  });

  it('of a container without a network is kept with a notice that has the reason', () => {
    const lone = container('lone', { networkMode: 'none', networks: [attached('none')] });
    expect(placed('lone:9100', engineWith([lone]))).toMatchObject({
      dialled: 'lone:9100',
      notice: 'lone:9100 cannot be reached: container lone: it is on no network',
    });
  });

  it('that is an alias joins the network on which that leads to the container, not another one of it', () => {
    const both = container('web', { networks: [attached('app'), attached('monitoring'), attached('zoo')] });
    const engine = engineWith([both], { web: [{ network: 'zoo', alias: 'events' }] });
    expect(placed('events:9100', engine)).toMatchObject({ dialled: 'events:9100', network: 'zoo' });
    expect(placed('web:9100', engine)).toMatchObject({ dialled: 'web:9100', network: undefined });
  });

  it('that two containers answer to leads to the network of the one that runs', () => {
    const labels = { 'com.docker.compose.service': 'web' };
    const stopped = container('shop-web-1', { labels, state: 'exited', networks: [attached('app')] });
    const runs = container('shop-web-2', { labels, networks: [attached('zoo')] });
    expect(placed('web:1', engineWith([stopped, runs])).network).toBe('zoo');
  });

  it('that is one container’s name and another one’s service is the container of that name', () => {
    const service = container('shop-web-1', {
      labels: { 'com.docker.compose.service': 'web' },
      networks: [attached('app')],
    });
    const elsewhere = { ...service, networks: [attached('zoo')] };
    expect(placed('web:1', engineWith([elsewhere, web])).network).toBe('app');
  });
});

it('keeps path, scheme, interval and labels of a target', () => {
  const [target] = config(
    'targets: [{address: "web:1", metrics_path: /m, scheme: https, scrape_interval: 3s, labels: {a: b}}]',
  ).targets;
  if (target === undefined) throw new Error('no target');
  expect(place(target, engineWith([web]), 'monitoring').target).toMatchObject({
    job: 'web',
    metrics_path: '/m',
    scheme: 'https',
    scrape_interval: '3s',
    labels: { a: 'b' },
    origin: 'config',
  });
});

describe('names that only aliases can explain', () => {
  it('are those that no container, service or address is', () => {
    const service = container('x-db-1', { labels: { 'com.docker.compose.service': 'db' } });
    const hosts = ['web', 'db', 'localhost', 'host.docker.internal', '10.0.0.1', '[fd00::1]', 'events'];
    expect(unexplainedHosts(hosts, engineWith([web, service]))).toEqual(['events']);
  });
});
