import { expect, it } from 'vitest';
import type { EngineEvent } from '../../../src/docker/engine.ts';
import { ends, isToldToEnd, newEnded } from '../../../src/watch/ended.ts';
import { container } from '../../support/containers.ts';
import { fakeEngine } from '../../support/fake-engine.ts';

const event = (
  action: string,
  attributes: EngineEvent['attributes'] = {},
  type: EngineEvent['type'] = 'container',
) => ({
  type,
  action,
  id: 'id-of-web',
  attributes,
  time: 0,
});

it('a container ends when it is sent SIGKILL, and with no other signal until it dies', () => {
  expect(ends(event('kill', { signal: '9' }))).toBe(true);
  expect(ends(event('die', { exitCode: '0' }))).toBe(true);
  for (const signal of ['1', '3', '15']) expect(ends(event('kill', { signal }))).toBe(false);
  expect(ends(event('disconnect', {}, 'network'))).toBe(false);
});

it('one that is sent SIGTERM counts as gone only where networks are left, and no longer once it has started again', async () => {
  const engine = fakeEngine({ listContainers: async () => [container('web')] });
  const ended = newEnded();
  const states = async () =>
    (await Promise.all([ended.over(engine), ended.withoutStopping(engine)].map((one) => one.listContainers()))).map(
      ([web]) => web?.state,
    );
  const told = event('kill', { signal: '15' });
  expect(isToldToEnd(told)).toBe(true);
  ended.note(told);
  expect(await states()).toEqual(['running', 'exited']);
  ended.note(event('die'));
  expect(await states()).toEqual(['exited', 'exited']);
  ended.note(event('start'));
  expect(await states()).toEqual(['running', 'running']);
});
