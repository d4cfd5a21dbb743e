import { expect, it } from 'vitest';
import { desertedNetworks } from '../../../src/stack/deserted.ts';
import { container } from '../../support/containers.ts';
import { attached } from '../../support/observed.ts';

const stack = { name: 'demo', network: 'monitoring' };
const on = (...names: string[]) => names.map((name) => attached(name));
const prometheus = container('prometheus', {
  labels: { 'monitor.stack': 'demo' },
  networks: on('monitoring', 'bridge', 'shop', 'tickets'),
});
const names = (...others: ReturnType<typeof container>[]) =>
  desertedNetworks([prometheus, ...others], stack).map(({ name }) => name);

it('are those that only containers of monitor’s stacks are left on', () => {
  const other = container('other', { labels: { 'monitor.stack': 'other' }, networks: on('shop') });
  expect(names(container('web', { networks: on('tickets') }), other)).toEqual(['shop']);
});

it.each([
  ['exited', ['shop', 'tickets']],
  ['created', ['shop', 'tickets']],
  ['paused', ['tickets']],
  ['restarting', ['tickets']],
] as const)('with a container on it that is %s', (state, left) => {
  expect(names(container('web', { state, networks: on('shop') }))).toEqual(left);
});
