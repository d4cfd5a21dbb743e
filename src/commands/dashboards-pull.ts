import type { Define } from '../cli/command.ts';
import { problemsExitCode } from '../cli/parameters.ts';
import { writeFileAtomically } from '../config/write.ts';
import { dashboardsToPull } from '../dashboards/choose-pulled.ts';
import { addSource, removeSource } from '../dashboards/edit-sources.ts';
import { type PulledDashboard, planPull } from '../dashboards/pull.ts';
import { markPulled, writePulled } from '../dashboards/write-pulled.ts';
import type { ReportOf } from '../output/report.ts';
import { plannedDashboards } from '../stack/dashboards.ts';
import { type Deps, withSession } from '../stack/session.ts';

export const command: Define = (pull, invoke) =>
  pull.argument('[uid]', 'only this dashboard').action(invoke(runDashboardsPull, { exitCode: problemsExitCode }));

/** Writes dashboards that were edited in Grafana, or the one with `uid`, to files, and adds new ones to monitor.yml. */
export const runDashboardsPull = (deps: Deps, uid?: string): Promise<ReportOf<'dashboards-pull'>> =>
  withSession(deps, async (session) => {
    const { loaded } = session;
    const looked = await plannedDashboards(session);
    const chosen = await dashboardsToPull(looked, uid);
    const { dashboards, problems } = planPull(chosen, looked.states, looked.sources);
    await writePulled(dashboards, looked.places.base);
    const text = pulledConfig(loaded.text, dashboards, loaded.path);
    if (text !== loaded.text) await writeFileAtomically(loaded.path, text);
    await markPulled(dashboards, looked.client);
    const pulled = dashboards.map((one) => ({ uid: one.uid, title: one.title, file: one.file, added: one.isNew }));
    return { kind: 'dashboards-pull', pulled, problems };
  });

const pulledConfig = (text: string, pulled: readonly PulledDashboard[], fileName: string): string =>
  pulled.reduce((config, { isNew, replaces, file }) => {
    const without = replaces === undefined ? config : removeSource(config, replaces, fileName);
    return isNew ? addSource(without, file, fileName).text : without;
  }, text);
