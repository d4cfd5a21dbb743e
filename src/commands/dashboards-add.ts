import { dirname, relative, resolve, sep } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { Define } from '../cli/command.ts';
import { problemsExitCode } from '../cli/parameters.ts';
import type { DashboardSource, LoadedConfig } from '../config/model.ts';
import { addSource } from '../dashboards/edit-sources.ts';
import { readDashboard } from '../dashboards/import.ts';
import { sourceName } from '../dashboards/source-name.ts';
import { newestRevision, placesOf, readDashboards } from '../dashboards/sources.ts';
import { mistake } from '../errors.ts';
import type { EditReport, ReportOf } from '../output/report.ts';
import { editConfig } from '../stack/edit-config.ts';
import { type Deps, loadStack } from '../stack/session.ts';

export const command: Define = (add, invoke) =>
  add
    .argument('<file|id>', 'a JSON file, a folder of them, or the ID or address of a dashboard of grafana.com')
    .option('--revision <number>', 'revision of a dashboard of grafana.com (default: the newest)', revisionNumber)
    .action(invoke(runDashboardsAdd, { exitCode: problemsExitCode }));

const revisionNumber = (text: string): number => {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number, 1 or more.');
};

/** As a browser shows it: https://grafana.com/grafana/dashboards/1860-node-exporter-full/ */
const ADDRESS = /^https?:\/\/grafana\.com\/(?:grafana\/)?dashboards\/(\d+)/;

/** Adds a file, a folder or a published dashboard (by its number or address) to monitor.yml, and to a running stack. */
export const runDashboardsAdd = async (
  deps: Deps,
  what: string,
  { revision }: { revision?: number },
): Promise<ReportOf<'dashboards-add' | 'dashboards-remove'>> => {
  const { path } = await loadStack(deps);
  const base = dirname(path);
  const id = /^\d+$/.exec(what)?.[0] ?? ADDRESS.exec(what)?.[1];
  if (id === undefined && revision !== undefined) {
    throw mistake({
      code: 'usage',
      message: '--revision is for dashboards of grafana.com',
      suggestion: 'leave it out',
    });
  }
  // A path as monitor.yml writes it: from its own folder, with slashes.
  const source =
    id === undefined
      ? relative(base, resolve(deps.cwd, what)).split(sep).join('/') || '.'
      : { grafana_com: Number(id), revision: revision ?? (await newestRevision(Number(id), deps)) };
  const read = await readDashboards([source], placesOf(path, deps.signal));
  const problems = [
    ...read.problems.map(({ message }) => message),
    ...read.files.map(readDashboard).flatMap((one) => ('problem' in one ? [one.problem] : [])),
  ];
  if (problems.length > 0) {
    throw mistake({
      code: 'invalid-dashboard',
      message: `${sourceName(source, base)} cannot be added`,
      detail: problems,
    });
  }
  const add = (loaded: LoadedConfig) => addSource(loaded.text, source, loaded.path);
  return editSources(deps, 'dashboards-add', source, add, read.notices);
};

/** Changes the entry of a source in monitor.yml, and the dashboards of a running stack. */
export const editSources = (
  deps: Deps,
  kind: 'dashboards-add' | 'dashboards-remove',
  source: DashboardSource,
  edit: (loaded: LoadedConfig) => { text: string; change: EditReport['change'] },
  notices: readonly string[] = [],
): Promise<ReportOf<'dashboards-add' | 'dashboards-remove'>> =>
  editConfig(
    deps,
    edit,
    async ({ change }, applied, running) => ({
      kind,
      source: sourceName(source, dirname(applied.config)),
      change,
      ...applied,
      notices: [...notices, ...applied.notices],
      problems: running?.done.problems ?? [],
    }),
    () => ['grafana'],
  );
