import { spawn } from 'node:child_process';
import type { Server } from '../config/servers.ts';
import { MonitorError } from '../errors.ts';
import type { OpenReport } from '../output/report.ts';
import { type Deps, loadStack, withSession } from '../stack/session.ts';
import { type StackUrls, stackUrls } from '../stack/urls.ts';

/** Opens a server's page in the browser; where none can be started, the address is the result. */
export const runOpen = async (deps: Deps, service: Server): Promise<OpenReport> => {
  const url = (await urlsOf(deps))[service];
  return { kind: 'open', url, opened: await startBrowser(url, deps.env) };
};

/** Without an engine that answers, the addresses are those of an engine on this machine. */
const urlsOf = async (deps: Deps): Promise<StackUrls> => {
  const loaded = await loadStack(deps);
  try {
    return await withSession(deps, async ({ urls }) => urls, loaded);
  } catch (error) {
    if (!(error instanceof MonitorError) || error.code !== 'no-engine') throw error;
    return stackUrls(loaded.config, { host: '', source: '', local: true });
  }
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
