import type { Engine, ExecResult } from '../docker/engine.ts';
import { MonitorError } from '../errors.ts';
import { type GrafanaVersion, isAtLeast } from './version.ts';

/**
 * The commands that set the password of Grafana's first user, read from stdin, the likeliest one first. The program is
 * `grafana cli` from 9.3 on, `grafana-cli` before, which 13.0 no longer has.
 * Source: grafana/grafana pkg/cmd/grafana-cli/commands/reset_password_command.go, which has had
 * `--password-from-stdin` since before 7.5.
 */
export function resetCommands(version: GrafanaVersion): string[][] {
  const rest = ['--homepath', '/usr/share/grafana', 'admin', 'reset-admin-password', '--password-from-stdin'];
  const current = ['grafana', 'cli', ...rest];
  const former = ['grafana-cli', ...rest];
  return isAtLeast(version, 10) ? [current, former] : [former, current];
}

/**
 * Sets the password of Grafana's first user, whatever its name, through Grafana's own CLI in the running container. The
 * password goes by stdin, so that it shows neither in a process list nor in the engine's events. It does not end
 * Grafana's refusal after five wrong passwords, which lasts five minutes.
 * Throws a MonitorError `grafana-password-reset` with the CLI's own words.
 */
export async function resetPassword(
  engine: Pick<Engine, 'exec'>,
  containerId: string,
  version: GrafanaVersion,
  newPassword: string,
): Promise<void> {
  if (/[\r\n]/.test(newPassword)) throw resetFailed(['the CLI reads one line: a password cannot contain a line break']);
  let words: string[] = [];
  for (const command of resetCommands(version)) {
    const result = await engine.exec(containerId, command, { stdin: `${newPassword}\n`, timeoutMs: 60_000 });
    if (result.exitCode === 0) return;
    const program = command.slice(0, command.indexOf('--homepath')).join(' ');
    words = [`${program} ended with exit code ${result.exitCode}`, ...wordsOf(result)];
    // Only a program that is not in the image makes the next one worth trying.
    if (result.exitCode !== 126 && result.exitCode !== 127) break;
  }
  throw resetFailed(words);
}

const resetFailed = (detail: string[]): MonitorError =>
  new MonitorError({
    code: 'grafana-password-reset',
    message: "Grafana's CLI did not set the new password",
    detail,
    suggestion: 'the old password is still valid; `monitor logs grafana` shows what Grafana says',
  });

/** The lines of both streams but the CLI's log of its start, which is long and says nothing of the failure. */
function wordsOf({ stdout, stderr }: ExecResult): string[] {
  const lines = `${stdout}\n${stderr}`.split(/\r?\n/).map((line) => line.trim());
  return lines
    .filter((line) => line !== '' && !/^(INFO|DEBUG|WARN)\b|logger=settings|^New Password:\s*$/.test(line))
    .slice(-10);
}
