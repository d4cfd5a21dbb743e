import { expect, it, vi } from 'vitest';
import type { ExecuteContext } from '../../../src/stack/context.ts';
import { perform } from '../../../src/stack/perform.ts';
import { fakeEngine } from '../../support/fake-engine.ts';

const reload = { kind: 'reloadConfig', part: 'prometheus', container: 'prometheus', cause: '' } as const;

it.each([
  ['by a command in the container, so that its restart policy goes on to hold', 0, 0],
  ['by the engine where the image has no shell', 127, 1],
])('Prometheus is reloaded %s', async (_, exitCode, signals) => {
  const exec = vi.fn(async () => ({ exitCode, stdout: '', stderr: '' }));
  const killContainer = vi.fn(async () => {});
  const context = { engine: fakeEngine({ exec, killContainer }) } satisfies Partial<ExecuteContext> as ExecuteContext;
  await perform(reload, context, () => {});
  expect([exec.mock.calls.length, killContainer.mock.calls.length]).toEqual([1, signals]);
});
