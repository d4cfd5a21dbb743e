import { expect, it } from 'vitest';
import { MonitorError } from '../../../src/errors.ts';
import { jsonReporter } from '../../../src/output/json.ts';
import { sessionOn } from '../../../src/stack/session.ts';
import { followEngine } from '../../../src/watch/follow-engine.ts';
import { depsIn } from '../../support/deps.ts';
import { fakeEngine } from '../../support/fake-engine.ts';
import { config } from '../../support/observed.ts';
import { recordedOutput } from '../../support/output.ts';

it('an engine that is away for long is told of once, and once more when it answers again', async () => {
  const end = new AbortController();
  const output = recordedOutput();
  const deps = depsIn('/', { signal: end.signal, reporter: jsonReporter(output) });
  let attempts = 0;
  const engine = fakeEngine({
    events: async (_, __, onOpen) => {
      attempts += 1;
      if (attempts === 5) {
        onOpen?.();
        end.abort();
      }
      const detail = [attempts === 1 ? 'the stream of events ended' : 'connect ENOENT'];
      throw new MonitorError({ code: 'engine-lost', message: 'The connection was lost', detail });
    },
  });
  let compared = 0;
  await followEngine(
    sessionOn(deps, { config: config(), path: '', text: '' }, engine),
    () => {},
    () => {
      compared += 1;
    },
    1,
  );
  const lines = output.written.stdout.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { change: 'warning', message: expect.stringContaining('the stream of events ended') },
    { change: 'warning', message: expect.stringContaining('connect ENOENT') },
    { change: 'engine-back' },
  ]);
  expect(compared).toBe(1);
});
