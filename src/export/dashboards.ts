import type { LoadedConfig } from '../config/model.ts';
import { importDashboards, importTarget } from '../dashboards/import.ts';
import { fitDatasources } from '../dashboards/import-datasources.ts';
import { panelNotices } from '../dashboards/import-panels.ts';
import { placesOf, readDashboards } from '../dashboards/sources.ts';
import { contentOf } from '../grafana/dashboard-content.ts';
import { type DesiredDashboard, isInGrafanaAlone, MONITOR_FOLDER, type Problem } from '../grafana/dashboard-model.ts';
import { type Datasource, prometheusDatasource } from '../grafana/model.ts';
import { type GrafanaVersion, parseVersion } from '../grafana/version.ts';
import { dashboardsIfUp, type PlannedDashboards } from '../stack/dashboards.ts';
import type { Deps, Session } from '../stack/session.ts';
import type { Finding } from './model.ts';
import type { ExportedDashboard } from './stack-input.ts';

export interface FoundDashboards {
  /** The stack's Prometheus, under the name that it has in Grafana. */
  datasource: Datasource;
  dashboards: ExportedDashboard[];
  /** Those that `up` would not write again as they are: edited in Grafana, or made there. */
  unsaved: Pick<ExportedDashboard, 'uid' | 'title'>[];
  findings: Finding[];
  notices: string[];
}

/**
 * The dashboards that the stack's Grafana has after the next `up`: what was edited there as it is, what it lacks yet as it
 * would be written. Without a running Grafana: those that monitor.yml names.
 */
export const sessionDashboards = async (session: Session): Promise<FoundDashboards> => {
  const { deps, loaded } = session;
  const planned = await dashboardsIfUp(session);
  if (planned === undefined) {
    const found = await writtenDashboards(deps, loaded);
    return { ...found, notices: [...found.notices, NOT_UP] };
  }
  const { version, ours } = planned;
  const datasource = { ...prometheusDatasource(loaded.config.scrape_interval), name: ours.name };
  const { dashboards, unsaved, unreadable } = afterPlan(planned);
  return { ...found({ version, datasource }, dashboards, [...planned.problems, ...unreadable], []), unsaved };
};

/** Those that monitor.yml names, as the Grafana of its image takes them. */
export const writtenDashboards = async (deps: Pick<Deps, 'signal'>, loaded: LoadedConfig): Promise<FoundDashboards> => {
  const { dashboards: sources, grafana, scrape_interval } = loaded.config;
  const version = parseVersion(grafana.image.split(':').at(-1) ?? '');
  const datasource = prometheusDatasource(scrape_interval);
  const read = await readDashboards(sources, placesOf(loaded.path, deps.signal));
  const target = await importTarget(read.files, { version, ours: datasource });
  const { dashboards, problems, notices } = importDashboards(read.files, target);
  return found({ version, datasource }, dashboards, [...read.problems, ...problems], [...read.notices, ...notices]);
};

type Written = Omit<DesiredDashboard, 'source'>;

/** What is in Grafana once the plan is carried out. Pure. */
export const afterPlan = ({
  observed,
  operations,
  states,
}: Pick<PlannedDashboards, 'observed' | 'operations' | 'states'>) => {
  const byUid = new Map<string, Written>();
  const known = new Set(states.map(({ uid }) => uid));
  const unreadable: Problem[] = [];
  for (const { uid, title, folderUid, dashboard } of observed.dashboards) {
    // The user may have moved one of ours to another folder.
    if (folderUid !== MONITOR_FOLDER.uid && !known.has(uid)) continue;
    if (dashboard !== undefined) byUid.set(uid, { uid, title, dashboard });
    else unreadable.push({ source: `dashboard "${title}"`, message: SECOND_SCHEMA });
  }
  for (const operation of operations) {
    if (operation.kind === 'saveDashboard') byUid.set(operation.uid, operation);
    if (operation.kind === 'deleteDashboard') byUid.delete(operation.uid);
  }
  const writtenAgain = states.filter((state) => !isInGrafanaAlone(state)).map(({ uid }) => uid);
  const dashboards = [...byUid.values()];
  return { dashboards, unsaved: dashboards.filter(({ uid }) => !writtenAgain.includes(uid)), unreadable };
};

const SECOND_SCHEMA = "is stored in Grafana's second schema, which provisioning files of dashboards cannot have";

/** The exported Grafana has no other datasource than the stack's Prometheus, and no plugins. Pure. */
const found = (
  { version, datasource }: { version: GrafanaVersion; datasource: Datasource },
  written: readonly Written[],
  problems: readonly Problem[],
  notices: readonly string[],
): FoundDashboards => {
  const server = { version, ours: datasource, datasources: [], panelPlugins: [] };
  const dashboards = written.map(({ uid, title, dashboard }) => {
    const fitted = fitDatasources(dashboard, server);
    const lacking = [...fitted.notices, ...panelNotices(fitted.dashboard, server)];
    return { uid, title, json: { ...contentOf(fitted.dashboard), uid, title }, lacking };
  });
  const lacking = dashboards.flatMap((one) => one.lacking);
  const left = problems.map(({ source, message }) => ({
    code: 'dashboard',
    subject: source,
    message: `${source}: ${message}, so it is not in the export`,
    remedy: 'correct it and export again',
  }));
  const incomplete = dashboards.flatMap(({ title, lacking: messages }) =>
    messages.map((message) => ({
      code: 'dashboard-lacks',
      subject: title,
      message: `dashboard "${title}": ${message}`,
      remedy: 'add what it lacks to the exported Grafana, or edit the dashboard and export again',
    })),
  );
  return {
    datasource,
    dashboards,
    unsaved: [],
    findings: [...left, ...incomplete],
    notices: notices.filter((notice) => !lacking.some((message) => notice.endsWith(`: ${message}`))),
  };
};

const NOT_UP =
  'Grafana is not running, so generated dashboards and what was edited in Grafana are not in the export; run `monitor up` first';
