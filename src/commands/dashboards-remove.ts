import type { Define } from '../cli/command.ts';
import { problemsExitCode } from '../cli/parameters.ts';
import type { DashboardSource, LoadedConfig } from '../config/model.ts';
import { removeSource } from '../dashboards/edit-sources.ts';
import { readDashboard } from '../dashboards/import.ts';
import { placesOf, readDashboards } from '../dashboards/sources.ts';
import { unknownDashboard } from '../dashboards/unknown.ts';
import { MonitorError } from '../errors.ts';
import type { ReportOf } from '../output/report.ts';
import { type Deps, loadStack } from '../stack/session.ts';
import { editSources } from './dashboards-add.ts';

export const command: Define = (remove, invoke) =>
  remove
    .argument('<uid>', 'as `monitor dashboards` lists it')
    .action(invoke(runDashboardsRemove, { exitCode: problemsExitCode }));

/** Removes a file or a published dashboard from monitor.yml, and its dashboard from a running stack; the file stays. */
export const runDashboardsRemove = async (
  deps: Deps,
  uid: string,
): Promise<ReportOf<'dashboards-add' | 'dashboards-remove'>> => {
  const source = await sourceOf(uid, await loadStack(deps), deps.signal);
  return editSources(deps, 'dashboards-remove', source, (loaded) => ({
    text: removeSource(loaded.text, source, loaded.path),
    change: 'removed',
  }));
};

/** The entry of monitor.yml that the dashboard of `uid` comes from. */
const sourceOf = async (uid: string, { path, config }: LoadedConfig, signal: AbortSignal): Promise<DashboardSource> => {
  const found: string[] = [];
  for (const source of config.dashboards) {
    const { files } = await readDashboards([source], placesOf(path, signal));
    for (const file of files) {
      const read = readDashboard(file);
      if (!('uid' in read)) continue;
      if (read.uid === uid && file.inFolder)
        throw new MonitorError({
          code: 'dashboard-in-folder',
          message: `The dashboard "${uid}" comes from ${file.source}, which is in a folder that monitor.yml names`,
          suggestion: `delete or move ${file.source}, then run \`monitor up\``,
        });
      if (read.uid === uid) return source;
      found.push(read.uid);
    }
  }
  throw unknownDashboard(uid, found, 'monitor.yml has no dashboard');
};
