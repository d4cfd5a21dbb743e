import { realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findConfig, loadConfig } from '../config/load.ts';
import type { LoadedConfig } from '../config/model.ts';
import { type GrafanaPassword, knownPassword, type StateFolder, stateFolderOf } from '../config/state-folder.ts';
import type { Endpoint, Engine } from '../docker/engine.ts';
import { MonitorError } from '../errors.ts';
import { type GrafanaClient, type GrafanaHealth, grafanaClient, grafanaHealth } from '../grafana/client.ts';
import { parseVersion } from '../grafana/version.ts';
import { type PrometheusClient, prometheusClient } from '../prometheus/client.ts';
import { isOfStack, isThrowaway, stackFilter } from './labels.ts';
import { withLock } from './lock.ts';
import type { Progress } from './progress.ts';
import { settle } from './settle.ts';
import { type Transports, transportsTo } from './transports.ts';
import { type StackUrls, stackUrls } from './urls.ts';

/** What every command is given: the outside world, and the options that all commands share. */
export interface Deps {
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Of this program. */
  version: string;
  /** Where templates/ and schema/ are. */
  packageRoot: string;
  /** `--config` */
  configPath: string | undefined;
  /** Finds the engine, as `--context` and the environment say; each call makes a connection. */
  connect: () => Promise<Engine>;
  reporter: Progress;
  signal: AbortSignal;
  /** Reads stdin to its end, or asks for a password where stdin is a terminal. */
  readPassword: () => Promise<string>;
  /** Asks a person; `undefined` where there is no terminal to ask at. */
  confirm: ((question: string) => Promise<boolean>) | undefined;
}

/** A stack's configuration and the way to it: what all commands but `init` work on. */
export interface Session {
  deps: Deps;
  loaded: LoadedConfig;
  folder: StateFolder;
  engine: Engine;
  transports: Transports;
  prometheus: PrometheusClient;
  /** `undefined` while Grafana is not up. */
  grafanaHealth: () => Promise<GrafanaHealth | undefined>;
  urls: StackUrls;
}

/** Finds and reads monitor.yml. */
export const loadStack = async (deps: Deps): Promise<LoadedConfig> =>
  loadConfig(await findConfig(deps.cwd, deps.configPath));

/** Opens the stack for `work`, and closes the engine's connections after it. */
export const withSession = async <T>(
  deps: Deps,
  work: (session: Session) => Promise<T>,
  loaded?: LoadedConfig,
): Promise<T> => {
  const connecting = deps.connect();
  // A wrong monitor.yml is reported before an engine that does not answer.
  connecting.catch(() => {});
  try {
    const config = loaded ?? (await loadStack(deps));
    return await work(sessionOn(deps, config, await connecting));
  } finally {
    await connecting.then(
      (engine) => engine.close(),
      () => {},
    );
  }
};

export const sessionOn = (deps: Deps, loaded: LoadedConfig, engine: Engine): Session => {
  const transports = transportsTo(engine, loaded.config);
  const urls = stackUrls(loaded.config, engine.endpoint);
  return {
    deps,
    loaded,
    folder: stateFolderOf(loaded.path),
    engine,
    transports,
    prometheus: prometheusClient(transports.prometheus),
    grafanaHealth: () => grafanaHealth(transports.grafana, urls.grafana, deps.signal),
    urls,
  };
};

/** The client of the stack's Grafana, as its administrator. `version`: of the server, from its health. */
export const grafanaOf = (
  { transports, urls, deps, loaded }: Session,
  { value, source }: GrafanaPassword,
  version: string,
): GrafanaClient =>
  grafanaClient({
    transport: transports.grafana,
    url: urls.grafana,
    user: loaded.config.grafana.admin_user,
    password: value,
    passwordSource: source,
    version: parseVersion(version),
    signal: deps.signal,
  });

/** A Grafana that is up, and its version. */
export interface OpenGrafana {
  client: GrafanaClient;
  /** From its health. */
  version: string;
}

/** The stack's Grafana, as its administrator; `undefined` while it is not up, or where its password is not known. */
export const openGrafana = async (session: Session): Promise<OpenGrafana | undefined> => {
  const [health, password] = await Promise.all([
    session.grafanaHealth(),
    knownPassword(session.folder, session.deps.env),
  ]);
  if (health === undefined || password === undefined) return undefined;
  return { client: grafanaOf(session, password, health.version), version: health.version };
};

/**
 * Runs `work` while no other monitor changes this stack on this engine, and none that was killed has a stop under way; on
 * monitor.yml as it is then: one that was waited for may have changed it.
 */
export const exclusively = <T>(
  session: Session,
  timeoutMs: number,
  work: (session: Session) => Promise<T>,
): Promise<T> => {
  const { deps, engine, loaded } = session;
  const { name } = loaded.config;
  return locked(deps, `${placeOf(engine.endpoint)} ${name}`, 'working on this stack', timeoutMs, async (takenOver) => {
    if (takenOver) await settle(engine, name, deps.signal);
    const now = await loadConfig(loaded.path, loaded);
    return work(now === loaded ? session : sessionOn(deps, now, engine));
  });
};

/** Runs `work` while no other monitor has the lock `key`; `doing`: what that one does meanwhile. */
export const locked = <T>(
  { env, reporter, signal }: Deps,
  key: string,
  doing: string,
  timeoutMs: number,
  work: (takenOver: boolean) => Promise<T>,
): Promise<T> => {
  const onWait = (pid: number) => reporter.note(`another monitor (process ${pid}) is ${doing}; waiting for it`);
  return withLock({ key, runtimeDir: env['XDG_RUNTIME_DIR'], timeoutMs, signal, onWait }, work);
};

/** A socket by its real path: /var/run is a link to /run, and either is written. */
const placeOf = ({ host }: Endpoint): string => {
  if (!host.startsWith('unix://')) return host;
  try {
    return realpathSync(host.slice('unix://'.length));
  } catch {
    return host;
  }
};

/** Fails with `not-up` where the stack has no container. */
export const requireStack = async ({ engine, loaded }: Session, exitCode: 1 | 3 = 1): Promise<void> => {
  const { name } = loaded.config;
  const containers = await engine.listContainers(stackFilter(name));
  if (containers.some((c) => isOfStack(c, name) && !isThrowaway(c))) return;
  throw new MonitorError({
    code: 'not-up',
    message: `The stack "${name}" has no containers on this engine (${engine.endpoint.host})`,
    suggestion: 'run `monitor up` first',
    exitCode,
  });
};

/** The JSON Schema of monitor.yml that the package ships. */
export const readSchema = (deps: Deps): Promise<string> =>
  readFile(join(deps.packageRoot, 'schema', 'monitor.schema.json'), 'utf8');
