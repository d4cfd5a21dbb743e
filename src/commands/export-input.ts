import { dirname } from 'node:path';
import type { ExporterConfig, LoadedConfig } from '../config/model.ts';
import { grafanaPassword, stateFolderOf } from '../config/state-folder.ts';
import { plural } from '../config/words.ts';
import type { ScrapeTarget } from '../detect/types.ts';
import { MonitorError } from '../errors.ts';
import { filesNamedIn } from '../export/passthrough.ts';
import { readNamedFiles } from '../export/read-files.ts';
import { type ComposeInput, composeInput, type ExportInput, stackInput, type Workload } from '../export/stack-input.ts';
import { kindOf, type ReadyExporter } from '../exporters/components.ts';
import { valuesFromVariable } from '../exporters/environment.ts';
import { readSecrets } from '../exporters/secrets.ts';
import { missingOptions, type OptionValues } from '../exporters/table.ts';
import { prometheusDatasource } from '../grafana/model.ts';
import { look as lookAtEngine, type Rendered, renderStack } from '../stack/plan-up.ts';
import type { Deps } from '../stack/session.ts';
import { type Session, withSession } from '../stack/session.ts';
import { dashboardsOf, type FoundDashboards } from './export-dashboards.ts';

/** What an export is made from. */
export interface Gathered {
  input: ExportInput;
  compose: ComposeInput;
  /** The stack as it would run here; absent where no engine answers. */
  rendered?: Rendered;
  notices: string[];
}

/** From monitor.yml and what is beside it; from the engine, where one answers, what detection finds. */
export const gatherExport = async (deps: Deps, loaded: LoadedConfig): Promise<Gathered> => {
  const { config } = loaded;
  const folder = stateFolderOf(loaded.path);
  const password = await grafanaPassword(folder, deps.env);
  const told = await Promise.all(config.exporters.map((exporter) => toldTo(deps, loaded, exporter)));
  const ready = told.filter(({ config: exporter, values }) => missingOptions(kindOf(exporter), values).length === 0);
  const { rendered, dashboards, notices } = await look(deps, loaded);
  const parts = { config, ready, grafanaPassword: password.value };
  const provisioned = { datasource: prometheusDatasource(config.scrape_interval), dashboards };
  return {
    input: {
      ...stackInput(parts),
      ...provisioned,
      unready: told.filter((one) => !ready.includes(one)).map((one) => one.config),
      workloads: rendered === undefined ? [] : workloadsIn(rendered),
      files: await readNamedFiles(dirname(loaded.path), filesNamedIn(config.scrape_configs)),
    },
    compose: composeInput(parts, rendered, provisioned),
    rendered,
    notices,
  };
};

/** What monitor.yml says, then a variable of our own, then what is stored of it. */
const toldTo = async (deps: Deps, loaded: LoadedConfig, config: ExporterConfig): Promise<ReadyExporter> => {
  const stored = await readSecrets(stateFolderOf(loaded.path), config);
  const { user, database, path, from_env } = config;
  const written = Object.entries({ user, database, path }).filter(([, value]) => value !== undefined);
  const values: OptionValues = {
    ...stored?.values,
    ...(typeof from_env === 'string' ? valuesFromVariable(deps.env, from_env) : {}),
    ...Object.fromEntries(written),
  };
  return { config, values, revision: stored?.revision ?? '' };
};

interface Looked extends FoundDashboards {
  rendered?: Rendered;
}

const look = async (deps: Deps, loaded: LoadedConfig): Promise<Looked> => {
  try {
    return await withSession(deps, lookIn, loaded);
  } catch (error) {
    if (!(error instanceof MonitorError && error.code === 'no-engine')) throw error;
    return { dashboards: [], notices: [NO_ENGINE] };
  }
};

const NO_ENGINE =
  'no Docker engine answers, so this is made from monitor.yml alone: what detection finds, the networks of the containers, and the dashboards of Grafana are not in it';

const lookIn = async (session: Session): Promise<Looked> => {
  const rendered = await renderStack(session, await lookAtEngine(session));
  const { dashboards, notices } = await dashboardsOf(session);
  const unasked = rendered.detection.rows.filter((row) => row.verdict === 'to-be-asked').length;
  const notAsked = `Prometheus is not running, so ${plural(unasked, 'endpoint')} of running containers ${unasked === 1 ? 'was' : 'were'} not asked; run \`monitor up\` first`;
  return { rendered, dashboards, notices: [...(unasked === 0 ? [] : [notAsked]), ...notices] };
};

/** The containers that detection found, each with all of its endpoints. */
const workloadsIn = ({ targets, snapshot }: Rendered): Workload[] => {
  const byContainer = new Map<string, ScrapeTarget[]>();
  for (const target of targets) {
    if (target.origin !== 'detected' || target.containerId === undefined) continue;
    byContainer.set(target.containerId, [...(byContainer.get(target.containerId) ?? []), target]);
  }
  return snapshot.containers.flatMap(({ id, name, image, ports }) => {
    const endpoints = byContainer.get(id) ?? [];
    const tcp = ports.filter((p) => p.type === 'tcp').map((p) => p.privatePort);
    return endpoints.length === 0
      ? []
      : [{ container: name, image, ports: [...new Set(tcp)].sort((a, b) => a - b), endpoints }];
  });
};
