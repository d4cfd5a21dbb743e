import { realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findConfig, loadConfig } from '../config/load.ts';
import type { LoadedConfig } from '../config/model.ts';
import { type StateFolder, stateFolderOf } from '../config/state-folder.ts';
import type { Endpoint, Engine } from '../docker/engine.ts';
import { type GrafanaHealth, grafanaHealth } from '../grafana/client.ts';
import { type PrometheusClient, prometheusClient } from '../prometheus/client.ts';
import { withLock } from '../stack/lock.ts';
import { settle } from '../stack/settle.ts';
import { type Transports, transportsTo } from '../stack/transports.ts';
import { type StackUrls, stackUrls } from '../stack/urls.ts';
import type { Deps } from './deps.ts';

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
  const config = loaded ?? (await loadStack(deps));
  const engine = await deps.connect();
  try {
    return await work(sessionOn(deps, config, engine));
  } finally {
    engine.close();
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

/** Runs `work` while no other monitor changes this stack on this engine, and none that was killed has a stop under way. */
export const exclusively = <T>(
  { deps, engine, loaded }: Session,
  timeoutMs: number,
  work: () => Promise<T>,
): Promise<T> =>
  withLock(
    {
      key: `${placeOf(engine.endpoint)} ${loaded.config.name}`,
      timeoutMs,
      signal: deps.signal,
      onWait: (pid) => deps.reporter.note(`another monitor (process ${pid}) works on this stack; waiting for it`),
    },
    async ({ takenOver }) => {
      if (takenOver) await settle(engine, loaded.config.name, deps.signal);
      return work();
    },
  );

/** A socket by its real path: /var/run is a link to /run, and either is written. */
const placeOf = ({ host }: Endpoint): string => {
  if (!host.startsWith('unix://')) return host;
  try {
    return realpathSync(host.slice('unix://'.length));
  } catch {
    return host;
  }
};

/** The JSON Schema of monitor.yml that the package ships. */
export const readSchema = (deps: Deps): Promise<string> =>
  readFile(join(deps.packageRoot, 'schema', 'monitor.schema.json'), 'utf8');
