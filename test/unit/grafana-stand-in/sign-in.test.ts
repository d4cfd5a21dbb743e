import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { settingsFrom } from '../../support/grafana-stand-in/environment.ts';
import { parseArguments, resetPassword } from '../../support/grafana-stand-in/reset-password.ts';
import { stateFile } from '../../support/grafana-stand-in/store.ts';
import { ask, basicAuth, password, standInFor, temporaryFolder } from './harness.ts';

const wrong = { authorization: basicAuth('wrong horse') };

async function tryWrongPassword(standIn: Parameters<typeof ask>[0], times: number): Promise<void> {
  for (let attempt = 0; attempt < times; attempt++) await ask(standIn, '/api/user', wrong);
}

describe('the administrator password', () => {
  it('is read from the file its __FILE variable names', () => {
    const folder = temporaryFolder();
    const file = join(folder.path, 'secret');
    writeFileSync(file, 'from a file\n');
    expect(settingsFrom({ GF_SECURITY_ADMIN_PASSWORD__FILE: file }).adminPassword).toBe('from a file');
    expect(settingsFrom({ GF_SECURITY_ADMIN_PASSWORD: 'plain' }).adminPassword).toBe('plain');
    folder.remove();
  });

  it('is only taken at the first start', async () => {
    const first = await standInFor({ adminUser: 'boss' });
    const second = await standInFor({ dataDir: first.dataDir, adminPassword: 'another horse' });
    const status = async (authorization: string) => (await ask(second, '/api/user', { authorization })).status;
    expect(await status(basicAuth(password, 'boss'))).toBe(200);
    expect(await status(basicAuth('another horse', 'boss'))).toBe(401);
    expect(await status(basicAuth('another horse'))).toBe(401);
  });

  it('is not in the state file', async () => {
    const { dataDir } = await standInFor({});
    expect(readFileSync(stateFile(dataDir), 'utf8')).not.toContain(password);
  });
});

describe('five wrong passwords', () => {
  it('lock the user: the right password then gets the answer to a wrong one, for five minutes', async () => {
    let now = Date.now();
    const standIn = await standInFor({ now: () => now });
    await tryWrongPassword(standIn, 4);
    expect((await ask(standIn, '/api/user')).status).toBe(200);
    await tryWrongPassword(standIn, 1);
    const locked = await ask(standIn, '/api/user');
    expect(locked).toMatchObject({ status: 401, text: (await ask(standIn, '/api/user', wrong)).text });
    now += 5 * 60_000;
    expect((await ask(standIn, '/api/user')).status).toBe(200);
  });

  it('do not lock a user out if the protection is off', async () => {
    const env = { GF_SECURITY_DISABLE_BRUTE_FORCE_LOGIN_PROTECTION: 'true' };
    const standIn = await standInFor({ bruteForceProtection: settingsFrom(env).bruteForceProtection });
    await tryWrongPassword(standIn, 6);
    expect((await ask(standIn, '/api/user')).status).toBe(200);
  });

  it('keep the user locked over a restart and a password reset', async () => {
    const first = await standInFor({});
    await tryWrongPassword(first, 5);
    await first.close();
    const second = await standInFor({ dataDir: first.dataDir });
    resetPassword({ GF_PATHS_DATA: second.dataDir }, 1, 'new horse');
    expect((await ask(second, '/api/user', { authorization: basicAuth('new horse') })).status).toBe(401);
  });
});

describe('reset-admin-password', () => {
  it('is seen by the running server', async () => {
    const standIn = await standInFor({});
    expect((await ask(standIn, '/api/user')).status).toBe(200);
    resetPassword({ GF_PATHS_DATA: standIn.dataDir }, 1, 'new horse');
    expect((await ask(standIn, '/api/user')).status).toBe(401);
    expect((await ask(standIn, '/api/user', { authorization: basicAuth('new horse') })).status).toBe(200);
  });

  it.each([
    ['admin reset-admin-password secret', { userId: 1, password: 'secret' }],
    ['--homepath /usr/share/grafana admin reset-admin-password secret', { userId: 1, password: 'secret' }],
    ['--homepath=/x admin reset-admin-password --user-id 2 secret', { userId: 2, password: 'secret' }],
    ['admin reset-admin-password --password-from-stdin', { userId: 1, password: undefined }],
  ])('understands %s', (line, expected) => {
    expect(parseArguments(line.split(' '))).toEqual(expected);
  });

  it('refuses a short password, an unknown user, an unknown command and a missing state', async () => {
    const { dataDir } = await standInFor({});
    expect(() => resetPassword({ GF_PATHS_DATA: dataDir }, 1, 'four')).toThrow('new password is too short');
    expect(() => resetPassword({ GF_PATHS_DATA: dataDir }, 7, 'new horse')).toThrow('user with id 7');
    expect(() => parseArguments(['plugins', 'install', 'x'])).toThrow('only knows "admin reset-admin-password"');
    expect(() => resetPassword({ GF_PATHS_DATA: join(dataDir, 'none') }, 1, 'new horse')).toThrow(
      'the server writes it when it first starts',
    );
  });
});

it("a service account's token signs in until it expires", async () => {
  let now = Date.now();
  const standIn = await standInFor({ now: () => now });
  await ask(standIn, '/api/serviceaccounts', { method: 'POST', body: { name: 'ci', role: 'Admin' } });
  const body = { name: 't', secondsToLive: 60 };
  const { text } = await ask(standIn, '/api/serviceaccounts/2/tokens', { method: 'POST', body });
  const bearer = { authorization: `Bearer ${JSON.parse(text).key}` };
  expect((await ask(standIn, '/api/datasources', bearer)).status).toBe(200);
  now += 61_000;
  expect((await ask(standIn, '/api/datasources', bearer)).status).toBe(401);
});
