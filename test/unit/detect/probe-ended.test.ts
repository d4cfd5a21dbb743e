import { expect, it } from 'vitest';
import { askPlain } from '../../../src/detect/probe-plain.ts';
import { fakeEngine } from '../../support/fake-engine.ts';

it.each([
  ['was removed while it asked', 137, { status: 404 }],
  ['has no shell', 127, { code: 'no-shell' }],
])('a container that %s is called so', async (_, exitCode, error) => {
  const engine = fakeEngine({ exec: async () => ({ exitCode, stdout: '', stderr: '' }) });
  const endpoint = { address: 'app:8080', scheme: 'http', metrics_path: '/metrics' } as const;
  await expect(askPlain(engine, 'probe', [{ endpoint, request: '' }], 2)).rejects.toMatchObject(error);
});
