import { spawn } from 'node:child_process';
import { MonitorError } from '../errors.ts';

/**
 * What Compose says of a file, where it is installed: that it accepts it, or that it was not asked. Fails with
 * `compose-refused`, in its own words.
 */
export const composeNotice = async (text: string, folder: string): Promise<string> => {
  const version = await run(['compose', 'version', '--short'], '');
  if (version.code !== 0) return 'Compose is not installed, so the file was not checked with it';
  const { code, stderr } = await run(['compose', '--project-directory', folder, '-f', '-', 'config', '--quiet'], text);
  if (code === 0) return `Compose ${version.stdout.trim()} accepts the file`;
  throw new MonitorError({
    code: 'compose-refused',
    message: `Compose ${version.stdout.trim()} does not accept the exported file`,
    detail: stderr.trim().split('\n'),
    suggestion: 'use Compose 2.23.1 or newer',
  });
};

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

const run = (args: readonly string[], stdin: string): Promise<Ran> =>
  new Promise((resolve) => {
    const ran: Ran = { code: -1, stdout: '', stderr: '' };
    const child = spawn('docker', args, { stdio: 'pipe' });
    child.stdout.on('data', (chunk) => {
      ran.stdout += String(chunk);
    });
    child.stderr.on('data', (chunk) => {
      ran.stderr += String(chunk);
    });
    child.stdin.on('error', () => {});
    child.on('error', () => resolve(ran));
    child.on('close', (code) => resolve({ ...ran, code: code ?? -1 }));
    child.stdin.end(stdin);
  });
