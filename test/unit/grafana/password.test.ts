import { describe, expect, it } from 'vitest';
import { generatePassword } from '../../../src/config/state-folder.ts';
import type { ExecOptions, ExecResult } from '../../../src/docker/engine.ts';
import { resetCommands, resetPassword } from '../../../src/grafana/password.ts';
import { parseVersion } from '../../../src/grafana/version.ts';

const result = (exitCode: number, stdout = '', stderr = ''): ExecResult => ({ exitCode, stdout, stderr });

/** An engine that answers each exec with the next result, and remembers the calls. */
const engine = (...results: ExecResult[]) => {
  const calls: { command: string; stdin: string | undefined }[] = [];
  const exec = async (_id: string, command: readonly string[], options?: ExecOptions) => {
    calls.push({ command: command.join(' '), stdin: options?.stdin });
    const next = results.shift();
    if (next === undefined) throw new Error('an exec too many');
    return next;
  };
  return { calls, exec };
};

const rest = '--homepath /usr/share/grafana admin reset-admin-password --password-from-stdin';

describe('a generated password', () => {
  it('is 24 characters that need no quoting, another one each time', () => {
    const passwords = Array.from({ length: 500 }, generatePassword);
    expect(passwords.filter((one) => !/^[A-Za-z0-9_][A-Za-z0-9_-]{23}$/.test(one))).toEqual([]);
    expect(new Set(passwords).size).toBe(500);
  });
});

describe('a password reset', () => {
  it.each([
    ['7.5.5', 'grafana-cli'],
    ['9.4.0-pre', 'grafana-cli'],
    ['10.0.0', 'grafana cli'],
    ['13.2.3', 'grafana cli'],
    ['', 'grafana cli'],
  ])('of %j tries %s first', (version, program) => {
    expect(resetCommands(parseVersion(version)).map((command) => command.join(' '))[0]).toBe(`${program} ${rest}`);
  });

  it('sends the password by stdin and in no argument', async () => {
    const { calls, exec } = engine(result(0, 'Admin password changed successfully'));
    await resetPassword({ exec }, 'g', parseVersion('13.2.3'), 'new secret');
    expect(calls).toEqual([{ command: `grafana cli ${rest}`, stdin: 'new secret\n' }]);
  });

  it('tries the other program where the image lacks the first', async () => {
    const { calls, exec } = engine(result(127, '', 'not found'), result(0));
    await resetPassword({ exec }, 'g', parseVersion('9.4.0'), 'x');
    expect(calls.map(({ command }) => command)).toEqual([`grafana-cli ${rest}`, `grafana cli ${rest}`]);
  });

  it("fails with the CLI's own words and without its start-up log", async () => {
    const log = 'INFO [12-06|20:23:49] Config loaded from   logger=settings file=/x';
    const { exec } = engine(result(1, `${log}\nNew Password: \n`, 'Error: ✗ new password is too short\n\n'));
    await expect(resetPassword({ exec }, 'g', parseVersion('9.4.0'), 'x')).rejects.toMatchObject({
      code: 'grafana-password-reset',
      detail: ['grafana-cli ended with exit code 1', 'Error: ✗ new password is too short'],
    });
  });

  it('refuses a password of two lines, of which the CLI would take the first', async () => {
    const { calls, exec } = engine();
    await expect(resetPassword({ exec }, 'g', parseVersion('13'), 'a\nb')).rejects.toMatchObject({
      code: 'grafana-password-reset',
    });
    expect(calls).toEqual([]);
  });
});
