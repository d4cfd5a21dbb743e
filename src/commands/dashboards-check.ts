import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Define } from '../cli/command.ts';
import { exitCode3 } from '../cli/parameters.ts';
import { importDashboards, importTarget } from '../dashboards/import.ts';
import { placesOf, readDashboards } from '../dashboards/sources.ts';
import { unknownDashboard } from '../dashboards/unknown.ts';
import { MonitorError, mistake } from '../errors.ts';
import { MONITOR_FOLDER } from '../grafana/dashboard-model.ts';
import { prometheusDatasource } from '../grafana/model.ts';
import { parseVersion } from '../grafana/version.ts';
import type { CheckedDashboard, ReportOf } from '../output/report.ts';
import { dashboardCheck } from '../stack/check-dashboards.ts';
import { type Deps, type OpenGrafana, openGrafana, type Session, withSession } from '../stack/session.ts';

export const command: Define = (check, invoke) =>
  check
    .argument('[uid|file]', 'a dashboard in Grafana, or a file or folder (default: all in the folder Monitor)')
    .addHelpText('after', exitCode3('a panel has no data'))
    .action(invoke(runDashboardsCheck, { exitCode: checkExitCode }));

/**
 * Runs the queries of dashboards as Grafana does: of the one with that uid, of a file, which Grafana need not have, or of all
 * of the stack. Fails with `not-up`, `dashboard-not-found`, `invalid-dashboard`, or as the clients do.
 */
export const runDashboardsCheck = (deps: Deps, what?: string): Promise<ReportOf<'dashboards-check'>> =>
  withSession(deps, async (session) => {
    const grafana = await openGrafana(session);
    const file = what === undefined ? undefined : await pathNamed(deps, what);
    if (what !== undefined && file !== undefined) return checkFile(session, grafana, file, what);
    if (grafana === undefined)
      throw new MonitorError({
        code: 'not-up',
        message: 'Grafana is not running, so its dashboards cannot be read',
        suggestion: 'run `monitor up`, or name the file of a dashboard',
      });
    const check = await dashboardCheck(session, grafana.client);
    const found = await grafana.client.searchDashboards();
    const uids =
      what === undefined ? found.filter(({ folderUid }) => folderUid === MONITOR_FOLDER.uid).map(uidOf) : [what];
    const report: ReportOf<'dashboards-check'> = { kind: 'dashboards-check', dashboards: [], notices: [] };
    for (const uid of uids) {
      const observed = await grafana.client.getDashboard(uid);
      if (observed === undefined) throw unknownDashboard(uid, found.map(uidOf), 'Grafana has no dashboard');
      const { title, dashboard } = observed;
      if (dashboard === undefined)
        report.notices.push(`${title}: it is stored in Grafana's second schema; export it as a file to check it`);
      else report.dashboards.push({ uid, title, panels: await check(dashboard) });
    }
    return report;
  });

/** 3 where a panel is empty. */
export const checkExitCode = ({ dashboards }: ReportOf<'dashboards-check'>): 0 | 3 =>
  dashboards.some(({ panels }) => panels.some(({ state }) => state === 'empty')) ? 3 : 0;

const uidOf = ({ uid }: { uid: string }): string => uid;

/** As it would be provisioned: with its inputs filled in, and with the stack's datasource. */
const checkFile = async (
  session: Session,
  grafana: OpenGrafana | undefined,
  path: string,
  what: string,
): Promise<ReportOf<'dashboards-check'>> => {
  const { loaded, deps } = session;
  const { uid, name } = prometheusDatasource(loaded.config.scrape_interval);
  const read = await readDashboards([path], placesOf(loaded.path, deps.signal));
  const server = { version: parseVersion(grafana?.version ?? ''), ours: { uid, name } };
  const imported = importDashboards(read.files, await importTarget(read.files, server, grafana?.client));
  const problems = [...read.problems, ...imported.problems];
  if (problems.length > 0) {
    throw mistake({
      code: 'invalid-dashboard',
      message: `${what} cannot be checked`,
      detail: problems.map(({ source, message }) => (read.files.length > 1 ? `${source}: ${message}` : message)),
    });
  }
  const check = await dashboardCheck(session, grafana?.client);
  const dashboards: CheckedDashboard[] = [];
  for (const { title, dashboard } of imported.dashboards) {
    dashboards.push({ title, file: what, panels: await check(dashboard) });
  }
  return { kind: 'dashboards-check', dashboards, notices: imported.notices };
};

/** `undefined` where it is a uid: no file or folder has that name, and it does not look like one. */
const pathNamed = async ({ cwd }: Deps, what: string): Promise<string | undefined> => {
  const path = resolve(cwd, what);
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  return isThere || /[/.\\]/.test(what) ? path : undefined;
};
