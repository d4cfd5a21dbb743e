import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { registryAuth, registryOf } from '../../../src/docker/registry-auth.ts';

let dir: string;
const official = { address: 'https://index.example/v1/', names: ['official.example'] };

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'auth-'));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true });
});

const config = (value: unknown) => writeFileSync(join(dir, 'config.json'), JSON.stringify(value));
/** `docker-credential-test`, as a shell script. */
const helper = (script: string): void => {
  const file = join(dir, 'docker-credential-test');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  vi.stubEnv('PATH', `${dir}${delimiter}${process.env.PATH}`);
};
const base64 = (text: string) => Buffer.from(text).toString('base64');

it.each([
  ['prometheus', official.address],
  ['prom/prometheus:v3', official.address],
  ['official.example/prom/prometheus', official.address],
  ['index.example/prom/prometheus', official.address],
  ['registry.example/a/b:1', 'registry.example'],
  ['localhost/a', 'localhost'],
  ['10.0.0.1:5000/a', '10.0.0.1:5000'],
])('%s is of the registry %s', (reference, registry) => {
  expect(registryOf(reference, official)).toBe(registry);
});

it('a login that is stored in the file is used for its registry only', async () => {
  config({ auths: { 'registry.example': { auth: base64('me:pass:word') } } });
  expect(await registryAuth('registry.example/a/b', { dockerConfig: dir, official })).toEqual({
    username: 'me',
    password: 'pass:word',
    serveraddress: 'registry.example',
  });
  expect(await registryAuth('prom/prometheus', { dockerConfig: dir, official })).toBeUndefined();
});

it('without a file there is no login', async () => {
  expect(await registryAuth('a/b', { dockerConfig: join(dir, 'none'), official })).toBeUndefined();
});

it('a login that a helper keeps is asked of it, the one of the registry first', async () => {
  helper('read registry\necho "{\\"Username\\":\\"$1 $registry\\",\\"Secret\\":\\"s\\"}"');
  config({ credsStore: 'none', credHelpers: { 'registry.example': 'test' } });
  expect(await registryAuth('registry.example/a/b', { dockerConfig: dir, official })).toEqual({
    username: 'get registry.example',
    password: 's',
    serveraddress: 'registry.example',
  });
  expect(await registryAuth('prom/prometheus', { dockerConfig: dir, official })).toBeUndefined();
});

it('a helper that hangs is stopped after its timeout, with what it has started, and named', async () => {
  helper('trap "" TERM\nsleep 2');
  config({ credsStore: 'test' });
  const start = Date.now();
  const asked = registryAuth('registry.example/a/b', { dockerConfig: dir, official, helperMs: 100 });
  await expect(asked).rejects.toMatchObject({
    code: 'credential-helper',
    message: expect.stringContaining('docker-credential-test'),
    detail: [expect.stringContaining(join(dir, 'config.json'))],
  });
  expect(Date.now() - start).toBeLessThan(1500);
});

it('a helper is stopped when the command is interrupted', async () => {
  helper('sleep 2');
  config({ credsStore: 'test' });
  const stop = new AbortController();
  const asked = registryAuth('a/b', { dockerConfig: dir, official, signal: stop.signal });
  stop.abort(new Error('interrupted'));
  await expect(asked).rejects.toThrow('interrupted');
});
