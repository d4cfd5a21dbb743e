import { expect, it } from 'vitest';
import { EngineError } from '../../../src/docker/engine.ts';
import { isOutdated } from '../../../src/stack/look-again.ts';
import { failIfEnded } from '../../../src/stack/waits.ts';
import { fakeEngine } from '../../support/fake-engine.ts';

it('a container that is removed while it starts is created again', async () => {
  const engine = fakeEngine({ inspectContainer: async () => undefined });
  const wait = failIfEnded({ role: 'grafana', container: 'grafana', restarts: 0 }, { engine });
  const error = await wait.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'container-gone', message: expect.stringContaining('grafana') });
  expect(isOutdated(error)).toBe(true);
});

it.each([
  [403, 'error while removing network: network shop id 1 has active endpoints', true],
  [403, 'Forbidden', false],
])('an engine’s refusal (%i: %s) is worth another look: %s', (status, words, isWorth) => {
  expect(isOutdated(new EngineError(status, words))).toBe(isWorth);
});
