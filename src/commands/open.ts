import { spawn } from 'node:child_process';
import type { OpenReport } from '../output/report.ts';
import { type Deps, withSession } from '../stack/session.ts';

/** Opens a server's page in the browser; where none can be started, the address is the result. */
export const runOpen = async (deps: Deps, service: 'prometheus' | 'grafana'): Promise<OpenReport> => {
  const url = await withSession(deps, async ({ urls }) => urls[service]);
  return { kind: 'open', url, opened: await startBrowser(url, deps.env) };
};

/** How long the program that starts the browser has to fail; milliseconds. */
const FAILS_WITHIN_MS = 1000;

/** That program ends at once, or stays as the browser itself; where it ends with a failure, nothing was opened. */
const startBrowser = async (url: string, env: Deps['env']): Promise<boolean> => {
  const command = browserCommand(url, env);
  if (command === undefined) return false;
  const [program, ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore', detached: true, env });
    const end = (opened: boolean): void => {
      clearTimeout(timer);
      child.unref();
      resolve(opened);
    };
    const timer = setTimeout(() => end(true), FAILS_WITHIN_MS);
    child.once('error', () => end(false));
    child.once('exit', (code) => end(code === 0));
  });
};

/** The system's own way; on Linux only where there is a display to open it on. */
const browserCommand = (url: string, env: Deps['env']): [string, ...string[]] | undefined => {
  if (process.platform === 'darwin') return ['open', url];
  if (process.platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', url];
  return env['DISPLAY'] || env['WAYLAND_DISPLAY'] ? ['xdg-open', url] : undefined;
};
