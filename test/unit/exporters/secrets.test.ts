import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { stateFolderOf } from '../../../src/config/state-folder.ts';
import { readSecrets, removeSecrets, revised, secretsPathOf, writeSecrets } from '../../../src/exporters/secrets.ts';

let folder: string;
const state = () => stateFolderOf(join(folder, 'monitor.yml'));
const redis = (server: string) => ({ name: 'redis', for: server }) as const;
const pathFor = (server: string): string => secretsPathOf(state(), redis(server));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('secrets can be read back, by their owner only', async () => {
  const path = pathFor('cache');
  await writeSecrets(state(), redis('cache'), { values: { password: 'p"ö\n', user: 'u' }, revision: 'r' });
  expect(readFileSync(join(folder, '.monitor/.gitignore'), 'utf8')).toBe('*\n');
  expect(await readSecrets(state(), redis('cache'))).toEqual({
    values: { password: 'p"ö\n', user: 'u' },
    revision: 'r',
  });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
});

it('a missing or broken file counts as no secrets', async () => {
  expect(await readSecrets(state(), redis('cache'))).toBeUndefined();
  await writeSecrets(state(), redis('cache'), { values: {}, revision: 'r' });
  writeFileSync(pathFor('cache'), '{');
  expect(await readSecrets(state(), redis('cache'))).toBeUndefined();
});

it('the revision changes with the values, and says nothing of them', () => {
  const first = revised(undefined, { password: 'a' });
  expect(first.revision).toMatch(/^[0-9a-f]{12}$/);
  expect(revised(first, { password: 'a' })).toBe(first);
  expect(revised(first, { password: 'b' }).revision).not.toBe(first.revision);
  expect(revised(undefined, { password: 'a' }).revision).not.toBe(first.revision);
});

it('removing the last one removes the folder', async () => {
  for (const server of ['one', 'two']) await writeSecrets(state(), redis(server), { values: {}, revision: 'r' });
  await removeSecrets(state(), redis('one'));
  expect(existsSync(pathFor('two'))).toBe(true);
  await removeSecrets(state(), redis('two'));
  expect(existsSync(join(pathFor('two'), '..'))).toBe(false);
  await removeSecrets(state(), redis('two'));
});
