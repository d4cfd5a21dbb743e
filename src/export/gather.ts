import { dirname } from 'node:path';
import type { LoadedConfig } from '../config/model.ts';
import { grafanaPassword, stateFolderOf } from '../config/state-folder.ts';
import { plural } from '../config/words.ts';
import type { ScrapeTarget } from '../detect/types.ts';
import { MonitorError } from '../errors.ts';
import { type ExporterValues, exporterValues } from '../exporters/values.ts';
import { look as lookAtEngine, type Rendered, renderStack } from '../stack/plan-up.ts';
import { type Deps, type Session, withSession } from '../stack/session.ts';
import { type FoundDashboards, sessionDashboards, writtenDashboards } from './dashboards.ts';
import type { Finding } from './finding.ts';
import { filesNamedIn } from './passthrough.ts';
import { readNamedFiles } from './read-files.ts';
import {
  type ComposeInput,
  composeInput,
  type ExportInput,
  stackInput,
  UNKNOWN_ENGINE,
  type Workload,
} from './stack-input.ts';

/** What an export is made from. */
export interface Gathered {
  input: ExportInput;
  compose: ComposeInput;
  /** The stack as it would run here; absent where no engine answers. */
  rendered?: Rendered;
  unsaved: FoundDashboards['unsaved'];
  /** Of dashboards. */
  findings: Finding[];
  notices: string[];
}

/**
 * From monitor.yml and what is beside it; from the engine, where one answers, what detection finds. `withPassword`: Grafana's
 * is needed, and generated where there is none yet.
 */
export const gatherExport = async (
  deps: Deps,
  loaded: LoadedConfig,
  { withPassword }: { withPassword: boolean },
): Promise<Gathered> => {
  const { config } = loaded;
  const password = withPassword ? (await grafanaPassword(stateFolderOf(loaded.path), deps.env)).value : '';
  const { rendered, told, found, notices } = await look(deps, loaded);
  const { ready, unready } = told;
  const { datasource, dashboards, unsaved, findings } = found;
  const parts = { config, ready, unready, grafanaPassword: password };
  const files = await readNamedFiles(dirname(loaded.path), filesNamedIn(config.scrape_configs));
  return {
    input: {
      ...stackInput(parts, rendered?.snapshot),
      datasource,
      dashboards,
      workloads: rendered === undefined ? [] : workloadsIn(rendered),
      files,
    },
    compose: composeInput(parts, rendered, { datasource, dashboards, files }),
    rendered,
    unsaved,
    findings,
    notices: [...notices, ...found.notices],
  };
};

interface Looked {
  rendered?: Rendered;
  told: ExporterValues;
  found: FoundDashboards;
  notices: string[];
}

const look = async (deps: Deps, loaded: LoadedConfig): Promise<Looked> => {
  try {
    return await withSession(deps, lookIn, loaded);
  } catch (error) {
    if (!(error instanceof MonitorError && error.code === 'no-engine')) throw error;
    const told = await exporterValues({ deps, loaded, folder: stateFolderOf(loaded.path) }, UNKNOWN_ENGINE, false);
    return { told, found: await writtenDashboards(deps, loaded), notices: [NO_ENGINE] };
  }
};

const NO_ENGINE =
  'no Docker engine can be reached, so the export is made from monitor.yml alone: detected containers, their networks and what only the running Grafana has are not in it';

const lookIn = async (session: Session): Promise<Looked> => {
  const snapshot = await lookAtEngine(session);
  const [rendered, told, found] = await Promise.all([
    renderStack(session, snapshot),
    exporterValues(session, snapshot, false),
    sessionDashboards(session),
  ]);
  const unasked = rendered.detection.rows.filter((row) => row.verdict === 'to-be-asked').length;
  const notAsked = `${plural(unasked, 'endpoint')} of running containers could not be asked for metrics without the image of Prometheus, and ${unasked === 1 ? 'is' : 'are'} not in the export; \`monitor up\` pulls it`;
  return { rendered, told, found, notices: [...(unasked === 0 ? [] : [notAsked]), ...rendered.detection.warnings] };
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
