import { describe, expect, test } from 'vitest';
import { readListeners } from '../../../src/explain/containers.ts';

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
