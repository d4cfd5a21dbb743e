import { describe, expect, it } from 'vitest';
import type { Moved } from '../../../src/explain/evidence.ts';
import { endpointOfUrl, movedFrom } from '../../../src/explain/subjects.ts';
import { container } from '../../support/containers.ts';
import { attached, network, observed } from '../../support/observed.ts';

const on = (ipAddress: string, ipv6Address = '') => [attached('bridge', { ipAddress, ipv6Address })];
const web = container('web', { networks: on('172.17.0.5') });
const db = container('db', { networks: on('172.17.0.4') });

const moved = (address: string, containers: ReturnType<typeof container>[], instance = 'web:9100'): Moved | undefined =>
  movedFrom({ address, instance }, observed({ containers }), 'monitoring');

describe('a target at a static address', () => {
  it('is right where the container has that address, or shares the network of the one that has it', () => {
    expect(moved('172.17.0.5:9100', [web])).toBeUndefined();
    const behind = container('web', { networkMode: 'container:id-of-db', networks: [] });
    expect(moved('172.17.0.4:9100', [behind, db])).toBeUndefined();
  });

  it('has moved where the container has another one, with or without a container at the old one', () => {
    expect(moved('172.17.0.4:9100', [web])).toEqual({ name: 'web', scraped: '172.17.0.4', now: '172.17.0.5' });
    expect(moved('172.17.0.4:9100', [web, db])).toMatchObject({ now: '172.17.0.5', holder: 'db' });
    const six = container('six', { networks: on('', 'fd00::4') });
    expect(moved('[fd00::4]:9100', [web, six])).toMatchObject({ holder: 'six' });
  });

  it('has moved where the container does not run, or is gone', () => {
    const stopped = container('web', { state: 'exited', networks: on('') });
    expect(moved('172.17.0.4:9100', [stopped, db])).toEqual({ name: 'web', scraped: '172.17.0.4', holder: 'db' });
    expect(moved('172.17.0.4:9100', [db])).toEqual({ name: 'web', scraped: '172.17.0.4', holder: 'db' });
  });

  it('has moved where the container is on a network with names now', () => {
    const engine = {
      networks: [network('bridge'), network('app')],
      containers: [container('web', { networks: [attached('app')] })],
    };
    const target = { address: '172.17.0.4:9100', instance: 'web:9100' };
    expect(movedFrom(target, observed(engine), 'monitoring')).toMatchObject({ now: 'web' });
  });

  it('is what the user wrote where monitor.yml itself names the address, and a name where one is dialled', () => {
    expect(moved('172.17.0.4:9100', [web, db], '172.17.0.4:9100')).toBeUndefined();
    expect(moved('web:9100', [web, db])).toBeUndefined();
  });
});

it.each([
  ['http://events:9100/metrics', { address: 'events:9100', scheme: 'http', metrics_path: '/metrics' }],
  ['https://events/metrics', { address: 'events:443', scheme: 'https', metrics_path: '/metrics' }],
  ['http://Events.Example:9100/metrics', { address: 'Events.Example:9100', scheme: 'http', metrics_path: '/metrics' }],
  ['http://Events/metrics', { address: 'Events:80', scheme: 'http', metrics_path: '/metrics' }],
  ['http://[::1]:80/m?format=x', { address: '[::1]:80', scheme: 'http', metrics_path: '/m?format=x' }],
])('%s is dialled', (url, endpoint) => {
  expect(endpointOfUrl(url, 'i:1')).toEqual(endpoint);
});
