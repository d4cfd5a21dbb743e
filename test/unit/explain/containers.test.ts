import { describe, expect, test } from 'vitest';
import type { ContainerDetail } from '../../../src/docker/engine.ts';
import { inspect, readListeners } from '../../../src/explain/containers.ts';
import { container } from '../../support/containers.ts';
import { fakeEngine } from '../../support/fake-engine.ts';

describe('a container that is started again and again', () => {
  const now = Date.UTC(2026, 0);
  const ago = (seconds: number): string => new Date(now - seconds * 1000).toISOString();
  const detail: ContainerDetail = {
    id: 'id-of-web',
    name: 'web',
    image: 'example/app:1',
    state: 'exited',
    exitCode: 7,
    error: '',
    oomKilled: false,
    restartCount: 3,
    startedAt: ago(2),
    finishedAt: ago(1),
    env: {},
    exposedPorts: [],
    user: '',
    networkMode: 'app',
    networks: [],
    halfConnected: [],
  };
  const stateOf = async (changes: Partial<ContainerDetail>) => {
    const engine = fakeEngine({ inspectContainer: async () => ({ ...detail, ...changes }), logs: async () => [] });
    return (await inspect(engine, container('web'), now))?.state;
  };

  test('restarts where an engine says between two starts that it has exited, and then that it runs', async () => {
    expect(await stateOf({})).toBe('restarting');
    expect(await stateOf({ state: 'running' })).toBe('restarting');
    // The engine waits longer before each start, up to a minute.
    expect(await stateOf({ state: 'running', finishedAt: ago(60) })).toBe('restarting');
  });

  test('is as its engine says once it stays so, or where it was started again only once', async () => {
    expect(await stateOf({ finishedAt: ago(60) })).toBe('exited');
    expect(await stateOf({ state: 'running', startedAt: ago(60) })).toBe('running');
    expect(await stateOf({ restartCount: 0 })).toBe('exited');
    expect(await stateOf({ state: 'running', restartCount: 1 })).toBe('running');
  });

  test('leaves one that shares its network behind, whose name is that of the one that was restarted', async () => {
    const leftBy = async (started: number) => {
      const details: ContainerDetail[] = [
        { ...detail, id: 'id-of-vpn', name: 'vpn', startedAt: ago(60) },
        { ...detail, state: 'running', networkMode: 'container:id-of-vpn', startedAt: ago(started) },
      ];
      const inspectContainer = async (id: string) => details.find((d) => d.id === id);
      return (await inspect(fakeEngine({ inspectContainer, logs: async () => [] }), container('web'), now))?.leftBy;
    };
    expect(await leftBy(90)).toBe('vpn');
    expect(await leftBy(30)).toBeUndefined();
  });
});

describe('who listens', () => {
  const line = (address: string, state = '0A'): string =>
    `   1: ${address} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 685471 1 0000 100 0`;
  const table = (...lines: string[]): string => ['  sl  local_address rem_address   st', ...lines, ''].join('\n');

  test.each([
    ['0100007F:2329', { port: 9001, on: 'loopback' }],
    ['00000000:2341', { port: 9025, on: 'any' }],
    ['021EA8C0:0050', { port: 80, on: { address: '192.168.30.2' } }],
    ['00000000000000000000000000000000:2328', { port: 9000, on: 'any-ipv6' }],
    ['00000000000000000000000001000000:2328', { port: 9000, on: 'loopback' }],
    ['0000000000000000FFFF00000100007F:2328', { port: 9000, on: 'loopback' }],
    [
      'B80D01200000000000000000010000FE:2328',
      { port: 9000, on: { address: '[2001:0db8:0000:0000:0000:0000:fe00:0001]' } },
    ],
  ])('%s', (address, listener) => {
    expect(readListeners(table(line(address)))).toEqual([listener]);
  });

  test('the engine’s name server, connections and invalid lines are ignored', () => {
    expect(readListeners(table(line('0B00007F:8ADF'), line('0100007F:2329', '01'), 'x', ''))).toEqual([]);
    expect(readListeners('')).toEqual([]);
  });

  test('on both families is one, sorted by port', () => {
    const text =
      table(line('00000000:2329')) + table(line('00000000000000000000000000000000:2329'), line('00000000:0050'));
    expect(readListeners(text)).toEqual([
      { port: 80, on: 'any' },
      { port: 9001, on: 'any' },
    ]);
  });
});
