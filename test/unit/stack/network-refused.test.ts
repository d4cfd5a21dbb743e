import { expect, it } from 'vitest';
import { EngineError } from '../../../src/docker/engine.ts';
import { MonitorError } from '../../../src/errors.ts';
import type { ExecuteContext } from '../../../src/stack/context.ts';
import { perform } from '../../../src/stack/perform.ts';
import { fakeEngine } from '../../support/fake-engine.ts';

/** As these engines answer where every default address range is in use. */
it.each([
  [404, 'could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network'],
  [400, 'all predefined address pools have been fully subnetted'],
])(
  'without an address range for the stack’s network (%s), that is the error, and nothing is looked at again',
  async (status, words) => {
    const refusal = new EngineError(status, words);
    const engine = fakeEngine({ createNetwork: () => Promise.reject(refusal) });
    const create = { kind: 'createNetwork', part: 'stack', name: 'monitoring', labels: {}, cause: '' } as const;
    const context = { engine } satisfies Partial<ExecuteContext> as ExecuteContext;
    const error = await perform(create, context, () => {}).catch((thrown: unknown) => thrown);
    // A MonitorError of this code ends `up`; an EngineError with 404 would mean that something is gone.
    expect(error).toBeInstanceOf(MonitorError);
    expect(error).toMatchObject({
      code: 'no-address-range',
      detail: [words],
      suggestion: expect.stringContaining('docker network prune'),
    });
  },
);
