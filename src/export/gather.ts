import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { LoadedConfig, ScrapeConfig } from '../config/model.ts';
import { grafanaPassword, stateFolderOf } from '../config/state-folder.ts';
import { MonitorError } from '../errors.ts';
import { type ExporterValues, exporterValues } from '../exporters/values.ts';
import { namedFiles } from '../prometheus/named-files.ts';
import { look as lookAtEngine } from '../stack/observe.ts';
import { type Rendered, renderStack } from '../stack/plan-up.ts';
import { type Deps, type Session, withSession } from '../stack/session.ts';
import { plural } from '../words.ts';
import { type FoundDashboards, sessionDashboards, writtenDashboards } from './dashboards.ts';
import type { NamedFiles, ReadFile } from './passthrough.ts';
import {
  type ComposeInput,
  composeInput,
  type ExportInput,
  stackInput,
  UNKNOWN_ENGINE,
  type Workload,
} from './stack-input.ts';

export interface Gathered extends Pick<FoundDashboards, 'unsaved' | 'findings' | 'notices'> {
  input: ExportInput;
  compose: ComposeInput;
  /** The stack as it would run here; absent where no engine answers. */
  rendered?: Rendered;
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
  const { rendered, told, found, notices } = await withSession(deps, lookIn, loaded).catch((error: unknown) => {
    if (error instanceof MonitorError && error.code === 'no-engine') return withoutEngine(deps, loaded);
    throw error;
  });
  const { datasource, dashboards, unsaved, findings } = found;
  const parts = { config, ...told, grafanaPassword: password };
  const files = await readNamedFiles(dirname(loaded.path), config.scrape_configs);
  const rest = { datasource, dashboards, files };
  const workloads = rendered === undefined ? [] : workloadsIn(rendered);
  return {
    input: { ...stackInput(parts, rendered?.snapshot), ...rest, workloads },
    compose: composeInput(parts, rendered, rest),
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

const withoutEngine = async (deps: Deps, loaded: LoadedConfig): Promise<Looked> => ({
  told: await exporterValues({ deps, loaded, folder: stateFolderOf(loaded.path) }, UNKNOWN_ENGINE, false),
  found: await writtenDashboards(deps, loaded),
  notices: [NO_ENGINE],
});

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
  const detected = targets.filter(({ origin }) => origin === 'detected');
  return snapshot.containers.flatMap(({ id, name, image, ports }) => {
    const endpoints = detected.filter(({ containerId }) => containerId === id);
    const tcp = ports.filter((p) => p.type === 'tcp').map((p) => p.privatePort);
    return endpoints.length === 0
      ? []
      : [{ container: name, image, ports: [...new Set(tcp)].sort((a, b) => a - b), endpoints }];
  });
};

/** A Secret carries 1 MiB in all. */
const LARGEST = 512 * 1024;

/**
 * The files that scrape configs name, relative to the folder of monitor.yml; the last part of a path may be a pattern, as
 * in `targets/*.json`. What cannot be read is not in the answer.
 */
const readNamedFiles = async (folder: string, configs: readonly ScrapeConfig[]): Promise<NamedFiles> => {
  const paths = [...new Set(namedFiles(configs).map(({ written }) => written))];
  const read = await Promise.all(paths.map(async (path) => [path, await readAll(resolve(folder, path))] as const));
  return new Map(read.filter(([, files]) => files.length > 0));
};

const readAll = async (path: string): Promise<ReadFile[]> => {
  const found = basename(path).includes('*') ? await matching(path) : [path];
  const files = await Promise.all(
    found.map(async (one) => ({ path: one, content: await readFile(one, 'utf8').catch(() => undefined) })),
  );
  return files.flatMap(({ path: one, content }) =>
    content === undefined || content.length > LARGEST ? [] : [{ path: one, content }],
  );
};

const matching = async (pattern: string): Promise<string[]> => {
  const names = await readdir(dirname(pattern)).catch(() => []);
  const parts = basename(pattern)
    .split('*')
    .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const wanted = new RegExp(`^${parts.join('.*')}$`);
  return names
    .filter((name) => wanted.test(name))
    .sort()
    .map((name) => join(dirname(pattern), name));
};
