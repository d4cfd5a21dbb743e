import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isPortFree, nextFreePort } from '../../../src/stack/ports.ts';

const BIND = '127.0.0.1';
let server: Server;
let busy: number;

beforeEach(async () => {
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, BIND, resolve));
  const address = server.address();
  busy = typeof address === 'object' && address !== null ? address.port : 0;
});

afterEach(() => new Promise((resolve) => server.close(resolve)));

test('a port on which something listens is passed over', async () => {
  expect(await nextFreePort(BIND, busy, new Set())).toBeGreaterThan(busy);
});

test('a port that a container publishes is passed over though nothing listens here', async () => {
  const free = await nextFreePort(BIND, busy, new Set());
  expect(await nextFreePort(BIND, free, new Set([free]))).toBeGreaterThan(free);
});

test('a port that the stack holds itself is used again, also when it comes after a busy one', async () => {
  expect(await nextFreePort(BIND, busy, new Set([busy - 1]), new Set([busy]))).toBe(busy);
  expect(await nextFreePort(BIND, busy - 1, new Set([busy - 1]), new Set([busy]))).toBe(busy);
});

test('a port on which something listens is not free, and neither is it on all addresses', async () => {
  expect(await isPortFree(BIND, busy)).toBe(false);
  expect(await isPortFree('0.0.0.0', busy)).toBe(false);
});

test('an address of another machine is not checked', async () => {
  expect(await isPortFree('192.0.2.1', busy)).toBe(true);
});

test('at the end of all ports nothing higher is made up', async () => {
  expect(await nextFreePort(BIND, 65_535, new Set([65_535]))).toBe(65_535);
});
