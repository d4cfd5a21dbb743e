import { describe, expect, it } from 'vitest';
import { reach } from '../../../src/detect/reach.ts';
import type { Container } from '../../../src/docker/engine.ts';
import { container } from '../../support/containers.ts';
import { attached, network } from '../../support/observed.ts';

const networks = ['bridge', 'host', 'none', 'monitoring', 'app', 'zoo'].map((name) => network(name));

const reached = (changes: Partial<Container>, others: Container[] = []) => {
  const web = container('web', changes);
  return reach(web, { containers: [web, ...others], networks }, 'monitoring');
};

describe('Prometheus reaches a container', () => {
  it('on a network of its own by name, after joining it', () => {
    expect(reached({ networks: [attached('app')] })).toEqual({ ok: true, host: 'web', network: 'app' });
  });

  it('on the stack’s network by name, joining nothing', () => {
    expect(reached({ networks: [attached('app'), attached('monitoring')] })).toEqual({ ok: true, host: 'web' });
  });

  it('on several networks over the first by name, so that every run takes the same', () => {
    expect(reached({ networks: [attached('zoo'), attached('app')] })).toEqual({
      ok: true,
      host: 'web',
      network: 'app',
    });
  });

  it('on a network of its own and the default bridge over the one that has names', () => {
    expect(reached({ networks: [attached('bridge'), attached('app')] })).toMatchObject({ host: 'web', network: 'app' });
  });

  it('on the default bridge by its address, as that has no names', () => {
    const bridge = attached('bridge', { ipAddress: '172.17.0.5' });
    expect(reached({ networks: [bridge] })).toEqual({ ok: true, host: '172.17.0.5', network: 'bridge' });
  });

  it('on an IPv6 default bridge by its address in brackets', () => {
    const bridge = attached('bridge', { ipAddress: '', ipv6Address: 'fd00::5' });
    expect(reached({ networks: [bridge] })).toEqual({ ok: true, host: '[fd00::5]', network: 'bridge' });
  });

  it('by its short id where its name leads to another one as well', () => {
    const service = container('shop-web-1', { labels: { 'com.docker.compose.service': 'web' } });
    expect(reached({ networks: [attached('app')] }, [service])).toMatchObject({ host: 'id-of-web' });
    expect(reached({ name: 'grafana', networks: [attached('app')] })).toMatchObject({ host: 'id-of-web' });
    expect(reached({ name: 'prometheus', networks: [attached('app')] })).toMatchObject({ host: 'id-of-web' });
  });

  it('by its name where that is its own Compose service, or that of one which does not run', () => {
    const labels = { 'com.docker.compose.service': 'web' };
    expect(reached({ labels, networks: [attached('app')] })).toMatchObject({ host: 'web' });
    const stopped = container('shop-web-1', { labels, state: 'exited' });
    expect(reached({ networks: [attached('app')] }, [stopped])).toMatchObject({ host: 'web' });
  });

  it('on the host’s network as the host', () => {
    expect(reached({ networkMode: 'host', networks: [attached('host')] })).toEqual({
      ok: true,
      host: 'host.docker.internal',
    });
  });

  it('in another’s network as that one, by id or name', () => {
    const db = container('db', { networks: [attached('app')] });
    for (const shared of [db.id, 'db'])
      expect(reached({ networkMode: `container:${shared}`, networks: [] }, [db])).toEqual({
        ok: true,
        host: 'db',
        network: 'app',
      });
  });

  it('through a chain of shared networks', () => {
    const db = container('db', { networkMode: 'container:vpn', networks: [] });
    const vpn = container('vpn', { networkMode: 'host', networks: [attached('host')] });
    expect(reached({ networkMode: 'container:db', networks: [] }, [db, vpn])).toEqual({
      ok: true,
      host: 'host.docker.internal',
    });
  });
});

describe('a name that no resolver asks for, or that means another host, gives way to the short id', () => {
  const hostOf = (name: string) => {
    const named = container(name, { id: '0123456789abcdef', networks: [attached('app')] });
    const found = reach(named, { containers: [named], networks }, 'monitoring');
    return found.ok ? found.host : found.reason;
  };

  it.each(['a..b', 'a.', 'a-.b', 'a.-b', 'a-', 'x'.repeat(64), `${'x'.repeat(50)}.`.repeat(6)])('%s', (name) => {
    expect(hostOf(name)).toBe('0123456789ab');
  });

  it.each(['localhost', 'LocalHost', '10', '127.0.0.1', '0x7f.1'])('%s', (name) => {
    expect(hostOf(name)).toBe('0123456789ab');
  });

  it.each(['web', 'Web_1', 'a.b_c--d', '_a', '1a', 'x'.repeat(63)])('and %s is kept', (name) => {
    expect(hostOf(name)).toBe(name);
  });
});

describe('Prometheus cannot reach a container', () => {
  it.each<[string, Partial<Container>, string]>([
    ['without a network', { networkMode: 'none', networks: [attached('none')] }, 'no-network'],
    ['in the network of one that is gone', { networkMode: 'container:gone', networks: [] }, 'no-network'],
    ['that shares its network with itself', { networkMode: 'container:web', networks: [] }, 'no-network'],
    ['whose network was removed', { networks: [attached('removed')] }, 'network-gone'],
    ['on the default bridge that does not run', { networks: [attached('bridge', { ipAddress: '' })] }, 'not-running'],
  ])('%s, and says why', (_, changes, code) => {
    expect(reached(changes)).toEqual({ ok: false, code, reason: expect.stringMatching(/^it/) });
  });
});
