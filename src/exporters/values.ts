import { missingOptions, type OptionValues } from '../config/exporter-table.ts';
import type { ExporterConfig } from '../config/model.ts';
import { containerOf } from '../detect/place.ts';
import type { Container, Engine } from '../docker/engine.ts';
import type { Snapshot } from '../stack/model.ts';
import type { Session } from '../stack/session.ts';
import { kindOf, type ReadyExporter } from './components.ts';
import { addExporterCommand, valuesFromServer, valuesFromVariable } from './credentials.ts';
import { readSecrets, revised, type StoredValues, writeSecrets } from './secrets.ts';

export interface ExporterValues {
  ready: ReadyExporter[];
  unready: ReadyExporter[];
  notices: string[];
}

/** Where values come from; without an engine, not from the environment of a server's container. */
export type ValueSources = Pick<Session, 'loaded' | 'folder' | 'deps'> & Partial<Pick<Session, 'engine'>>;

/**
 * What each exporter is told: monitor.yml's own options, then what the environment that it names has now, then what is
 * stored. An exporter that lacks something is skipped with a notice. `keep`: what the environment has now is stored.
 */
export const exporterValues = async (
  sources: ValueSources,
  observed: Snapshot,
  keep: boolean,
): Promise<ExporterValues> => {
  const all: ExporterValues = { ready: [], unready: [], notices: [] };
  for (const config of sources.loaded.config.exporters) {
    const exporter = { config, ...(await gather(sources, config, observed, keep)) };
    const missing = missingOptions(kindOf(config), exporter.values).map((o) => o.name);
    (missing.length === 0 ? all.ready : all.unready).push(exporter);
    if (missing.length > 0)
      all.notices.push(
        `${config.container} is skipped: its ${missing.join(' and ')} is missing; run \`${addExporterCommand(config, missing)}\``,
      );
  }
  return all;
};

const gather = async (
  sources: ValueSources,
  config: ExporterConfig,
  observed: Snapshot,
  keep: boolean,
): Promise<StoredValues> => {
  const stored = await readSecrets(sources.folder, config);
  const fresh = await fromEnvironment(sources, config, observed);
  const now = revised(stored, { ...stored?.values, ...fresh });
  if (keep && now !== stored && Object.keys(fresh).length > 0) await writeSecrets(sources.folder, config, now);
  return { values: { ...now.values, ...optionsOf(config) }, revision: now.revision };
};

const fromEnvironment = async (
  { engine, deps }: ValueSources,
  config: ExporterConfig,
  observed: Snapshot,
): Promise<OptionValues> => {
  const { from_env, for: host } = config;
  if (typeof from_env === 'string') return valuesFromVariable(deps.env, from_env);
  const server = from_env === undefined || host === undefined ? undefined : containerOf(host, observed);
  return engine === undefined || server === undefined
    ? {}
    : valuesFromServer(kindOf(config), await envOf(engine, server), optionsOf(config));
};

export const envOf = async (engine: Engine, { id }: Container): Promise<Record<string, string>> =>
  (await engine.inspectContainer(id))?.env ?? {};

/** What monitor.yml itself says. */
export const optionsOf = ({ user, database, path }: Pick<ExporterConfig, 'user' | 'database' | 'path'>): OptionValues =>
  Object.fromEntries(Object.entries({ user, database, path }).filter(([, value]) => value !== undefined));
