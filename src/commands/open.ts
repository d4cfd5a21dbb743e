import { spawn } from 'node:child_process';
import type { Define } from '../cli/command.ts';
import { serviceArgument } from '../cli/parameters.ts';
import { SERVER_TITLES, type Server } from '../config/servers.ts';
import { WINDOW } from '../dashboards/frame.ts';
import { SERVICES_UID } from '../dashboards/uid.ts';
import { MonitorError } from '../errors.ts';
import type { ReportOf } from '../output/report.ts';
import { type Deps, loadStack, openGrafana, type Session, withSession } from '../stack/session.ts';
import { stackUrls } from '../stack/urls.ts';

export const command: Define = (open, invoke) =>
  open.addArgument(serviceArgument().default('grafana')).action(invoke(runOpen));

/** Opens a server's page in the browser; where none can be started, the address is the result. */
export const runOpen = async (deps: Deps, service: Server): Promise<ReportOf<'open'>> => {
  const url = await addressOf(deps, service);
  return { kind: 'open', url, opened: await startBrowser(url, deps.env) };
};

/** Without an engine that answers, the address is that of an engine on this machine. */
const addressOf = async (deps: Deps, service: Server): Promise<string> => {
  const loaded = await loadStack(deps);
  try {
    return await withSession(
      deps,
      async (session) => {
        const url = session.urls[service];
        if (await isUp(session, service)) return url + (service === 'grafana' ? await servicesPage(session) : '');
        deps.reporter.warn(`${SERVER_TITLES[service]} does not answer at ${url}; \`monitor up\` starts it`);
        return url;
      },
      loaded,
    );
  } catch (error) {
    if (!(error instanceof MonitorError) || error.code !== 'no-engine') throw error;
    return stackUrls(loaded.config, { host: '', source: '', local: true })[service];
  }
};

const isUp = async ({ prometheus, grafanaHealth }: Session, service: Server): Promise<boolean> =>
  service === 'prometheus'
    ? prometheus.ready()
    : unlessUnanswered(async () => (await grafanaHealth()) !== undefined, false);

/** The dashboard Services; empty if Grafana does not have it or cannot be asked: then its home page is opened. */
const servicesPage = (session: Session): Promise<string> =>
  unlessUnanswered(async () => {
    const found = await (await openGrafana(session))?.client.getDashboard(SERVICES_UID);
    return found === undefined ? '' : `${found.url || `/d/${SERVICES_UID}`}?from=now-${WINDOW}&to=now`;
  }, '');

const unlessUnanswered = async <T>(ask: () => Promise<T>, otherwise: T): Promise<T> => {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof MonitorError) return otherwise;
    throw error;
  }
};

/** How long the program that starts the browser has to fail; milliseconds. */
const FAILS_WITHIN_MS = 1000;

/** That program ends at once, or stays as the browser itself; if it fails, nothing was opened. */
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
