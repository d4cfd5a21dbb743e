import { expect, it } from 'vitest';
import type { EngineEvent } from '../../../src/docker/engine.ts';
import { ends } from '../../../src/watch/ended.ts';

const event = (
  action: string,
  attributes: EngineEvent['attributes'] = {},
  type: EngineEvent['type'] = 'container',
) => ({
  type,
  action,
  id: 'a',
  attributes,
  time: 0,
});

it('a container ends when it is sent SIGKILL, and with no other signal until it dies', () => {
  expect(ends(event('kill', { signal: '9' }))).toBe(true);
  expect(ends(event('die', { exitCode: '0' }))).toBe(true);
  for (const signal of ['1', '3', '15']) expect(ends(event('kill', { signal }))).toBe(false);
  expect(ends(event('disconnect', {}, 'network'))).toBe(false);
});
