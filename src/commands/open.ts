import { spawn } from 'node:child_process';
import type { Define } from '../cli/command.ts';
import { serviceArgument } from '../cli/parameters.ts';
import { SERVER_TITLES, type Server } from '../config/servers.ts';
import { knownPassword } from '../config/state-folder.ts';
import { WINDOW } from '../dashboards/frame.ts';
import { SERVICES_UID } from '../dashboards/uid.ts';
import { MonitorError, unlessRefused } from '../errors.ts';
import type { ReportOf } from '../output/report.ts';
import { type Deps, grafanaOf, loadStack, type Session, withSession } from '../stack/session.ts';
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
        const page = service === 'grafana' ? await grafanaPage(session) : await prometheusPage(session);
        if (page !== undefined) return url + page;
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

/** The page of a server to open, from its address; `undefined` while it does not answer. */
const prometheusPage = async ({ prometheus }: Session): Promise<'' | undefined> =>
  (await prometheus.ready()) ? '' : undefined;

/** The dashboard Services; its home page if Grafana does not have it or does not show it. */
const grafanaPage = async (session: Session): Promise<string | undefined> => {
  const health = await session.grafanaHealth().catch(unlessRefused);
  if (health === undefined) return undefined;
  const password = await knownPassword(session.folder, session.deps.env).catch(unlessRefused);
  const client = password && grafanaOf(session, password, health.version);
  const found = await client?.getDashboard(SERVICES_UID).catch(unlessRefused);
  return found === undefined ? '' : `${found.url || `/d/${SERVICES_UID}`}?from=now-${WINDOW}&to=now`;
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
