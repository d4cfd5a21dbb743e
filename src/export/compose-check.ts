import { spawnSync } from 'node:child_process';
import { MonitorError } from '../errors.ts';

/**
 * What Compose says of a file, where it is installed: that it accepts it, or that it was not asked.
 * @throws MonitorError `compose-refused`, in its own words.
 */
export const composeNotice = (text: string, folder: string): string => {
  const version = compose(['version', '--short']);
  if (version.status !== 0) return 'Compose is not installed, so the file was not checked with it';
  const { status, stderr } = compose(['--project-directory', folder, '-f', '-', 'config', '--quiet'], text);
  if (status === 0) return `Compose ${version.stdout.trim()} accepts the file`;
  throw new MonitorError({
    code: 'compose-refused',
    message: `Compose ${version.stdout.trim()} does not accept the exported file`,
    detail: stderr.trim().split('\n'),
    suggestion: 'use Compose 2.23.1 or newer',
  });
};

const compose = (args: readonly string[], input = '') =>
  spawnSync('docker', ['compose', ...args], { input, encoding: 'utf8' });
