import { mkdir } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { Define } from '../cli/command.ts';
import type { DashboardSource } from '../config/model.ts';
import { knownPassword, stateFolderOf } from '../config/state-folder.ts';
import { closest } from '../config/suggest.ts';
import { writeFileAtomically } from '../config/write.ts';
import { checkDashboard } from '../dashboards/check/check.ts';
import { addSource, removeSource } from '../dashboards/edit-sources.ts';
import { generatedDashboards } from '../dashboards/generated.ts';
import { readDashboard } from '../dashboards/import.ts';
import type { Dashboard } from '../dashboards/model.ts';
import { generateOptions } from '../dashboards/plan.ts';
import { type PulledDashboard, planPull } from '../dashboards/pull.ts';
import { sourceName } from '../dashboards/source-name.ts';
import { newestRevision, readDashboards } from '../dashboards/sources.ts';
import { jobDashboardUid } from '../dashboards/uid.ts';
import { markPulled, writePulled } from '../dashboards/write-pulled.ts';
import { MonitorError } from '../errors.ts';
import { dashboardText } from '../grafana/dashboard-content.ts';
import { GENERATED } from '../grafana/dashboard-model.ts';
import type { JsonObject } from '../grafana/json.ts';
import { prometheusDatasource } from '../grafana/model.ts';
import { parseVersion } from '../grafana/version.ts';
import type {
  DashboardPullReport,
  DashboardRow,
  DashboardSourceReport,
  DashboardsReport,
  TextReport,
  WrittenReport,
} from '../output/report.ts';
import { gatherFamilies } from '../prometheus/metrics.ts';
import { type PlannedDashboards, planDashboards } from '../stack/dashboards.ts';
import { editConfig } from '../stack/edit-config.ts';
import { operationRows } from '../stack/operations.ts';
import type { Deps } from '../stack/session.ts';
import { grafanaOf, loadStack, type Session, withSession } from '../stack/session.ts';

export interface DashboardsGenerateOptions {
  /** Absent: all jobs. */
  job?: string;
  /** A file; without a job, a folder. */
  out?: string;
}

export interface DashboardsAddOptions {
  /** A path, or a number: the id of a dashboard of grafana.com. */
  what: string;
  /** Of that; absent: the newest. */
  revision?: number;
}

export const command: Define = (dashboards, invoke) => {
  dashboards.action(() => invoke(runDashboards, {}));
};

/** Those below `monitor dashboards`. */
export const subcommands = {
  generate: (command, invoke) => {
    command
      .argument('[job]', 'only the dashboard of this job')
      .option('--out <file>', 'write it to this file; without a job, all of them to this folder')
      .action((job: string | undefined, { out }: { out?: string }) => invoke(runDashboardsGenerate, { job, out }));
  },
  add: (command, invoke) => {
    command
      .argument('<file|id>', 'a JSON file, a folder of them, or the ID of a dashboard of grafana.com')
      .option('--revision <number>', 'revision of a dashboard of grafana.com (default: the newest)', revisionNumber)
      .action((what: string, options: { revision?: number }) => invoke(runDashboardsAdd, { what, ...options }));
  },
  remove: (command, invoke) => {
    command
      .argument('<uid>', 'as `monitor dashboards` lists it')
      .action((uid: string) => invoke(runDashboardsRemove, { uid }));
  },
  pull: (command, invoke) => {
    command
      .argument('[uid]', 'only this dashboard')
      .action((uid: string | undefined) => invoke(runDashboardsPull, { uid }));
  },
} satisfies Record<string, Define>;

const revisionNumber = (text: string): number => {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is a number from 1.');
};

/** The dashboards of the stack in Grafana, and how they are to what monitor.yml and the metrics want. */
export const runDashboards = (deps: Deps): Promise<DashboardsReport> =>
  withSession(deps, async (session) => {
    const looked = await look(session);
    const { states, problems, notices, observed } = looked;
    const count = await panelCounter(session, looked);
    const dashboards: DashboardRow[] = [];
    for (const { url, ...state } of states) {
      const found = observed.dashboards.find(({ uid }) => uid === state.uid)?.dashboard;
      dashboards.push({
        ...state,
        url: url === undefined ? undefined : session.urls.grafana + url,
        panels: found && (await count(found)),
      });
    }
    return { kind: 'dashboards', stack: session.loaded.config.name, dashboards, problems, notices };
  });

/** How many panels of a dashboard have data now, and how many have none. */
const panelCounter = async ({ prometheus, loaded }: Session, { client, ours }: PlannedDashboards) => {
  const datasources = await client.listDatasources();
  return async (dashboard: JsonObject): Promise<{ withData: number; empty: number }> => {
    const panels = await checkDashboard(dashboard, {
      ...{ prometheus, ours: ours.uid, datasources, scrapeInterval: loaded.config.scrape_interval },
      now: Date.now() / 1000,
    });
    const number = (state: 'data' | 'empty') => panels.filter((panel) => panel.state === state).length;
    return { withData: number('data'), empty: number('empty') };
  };
};

/** Writes what was edited in Grafana, or the dashboard of `uid`, to files, and names new ones in monitor.yml. */
export const runDashboardsPull = (deps: Deps, { uid }: { uid?: string }): Promise<DashboardPullReport> =>
  withSession(deps, async (session) => {
    const { loaded } = session;
    const looked = await look(session);
    if (uid !== undefined) requireDashboard(looked, uid);
    const { dashboards, problems } = planPull(looked.observed, looked.states, looked.sources, uid);
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
    return isNew ? addSource(without, { path: file }, fileName).text : without;
  }, text);

/** Prints the generated dashboards of all jobs or of one, as files have them; with `out`, into that file, or that folder for several. */
export const runDashboardsGenerate = (
  deps: Deps,
  { job, out }: DashboardsGenerateOptions,
): Promise<TextReport | WrittenReport> =>
  withSession(deps, async (session) => {
    const version = parseVersion((await session.grafanaHealth())?.version ?? '');
    const { prometheus, loaded } = session;
    const ours = prometheusDatasource(loaded.config.scrape_interval);
    const options = generateOptions({ stack: loaded.config.name, version, ours });
    const written = await generatedDashboards(prometheus, await gatherFamilies(prometheus), options);
    const generated = written.map(({ dashboard }) => dashboard);
    const chosen =
      job === undefined ? generated : generated.filter(({ uid }) => uid === job || uid === jobDashboardUid(job));
    if (chosen.length === 0) throw unknownJob(job, generated);
    const texts = chosen.map((dashboard) => dashboardText(dashboard.uid, { ...dashboard }));
    if (out === undefined) return { kind: 'text', text: job === undefined ? `[${texts.join(',')}]\n` : texts.join('') };
    const folder = resolve(deps.cwd, out);
    const paths = job === undefined ? chosen.map(({ uid }) => join(folder, `${uid}.json`)) : [folder];
    if (job === undefined) await mkdir(folder, { recursive: true });
    for (const [i, path] of paths.entries()) await writeFileAtomically(path, texts[i] ?? '');
    return { kind: 'written', paths };
  });

/** Adds a file, a folder or a published dashboard to monitor.yml, and to a running stack. */
export const runDashboardsAdd = async (
  deps: Deps,
  { what, revision }: DashboardsAddOptions,
): Promise<DashboardSourceReport> => {
  const { path } = await loadStack(deps);
  const base = join(path, '..');
  const source = /^\d+$/.test(what)
    ? await published(Number(what), revision, deps.signal)
    : fileSource(deps, base, what);
  const read = await readDashboards([source], placesOf(path, deps.signal));
  const problems = [
    ...read.problems.map(({ message }) => message),
    ...read.files.map(readDashboard).flatMap((one) => ('problem' in one ? [one.problem] : [])),
  ];
  if (problems.length > 0) {
    throw new MonitorError({
      code: 'invalid-dashboard',
      message: `${sourceName(source, base)} cannot be added`,
      detail: problems,
      exitCode: 2,
    });
  }
  return editConfig(
    deps,
    (loaded) => addSource(loaded.text, source, loaded.path),
    async ({ change }, applied) => ({
      kind: 'dashboards-add',
      source: sourceName(source, base),
      change,
      config: path,
      applied: applied.applied,
      operations: operationRows(applied.done?.operations ?? []),
      notices: [...read.notices, ...applied.notices],
      problems: applied.done?.problems ?? [],
    }),
    () => ['grafana'],
  );
};

const published = async (id: number, revision: number | undefined, signal: AbortSignal): Promise<DashboardSource> => ({
  grafanaCom: id,
  revision: revision ?? (await newestRevision(id, { signal })),
});

/** As monitor.yml writes it: from its own folder, with slashes. */
const fileSource = (deps: Deps, base: string, what: string): DashboardSource => ({
  path: relative(base, resolve(deps.cwd, what)).split(sep).join('/'),
});

/** Takes a file or a published dashboard out of monitor.yml, and its dashboard out of a running stack; the file stays. */
export const runDashboardsRemove = async (deps: Deps, { uid }: { uid: string }): Promise<DashboardSourceReport> => {
  const { path, config } = await loadStack(deps);
  const source = await sourceOf(uid, config.dashboards, path, deps.signal);
  return editConfig(
    deps,
    (loaded) => ({ text: removeSource(loaded.text, source, loaded.path) }),
    async (_edited, applied) => ({
      kind: 'dashboards-remove',
      source: sourceName(source, join(path, '..')),
      change: 'removed',
      config: path,
      applied: applied.applied,
      operations: operationRows(applied.done?.operations ?? []),
      notices: applied.notices,
      problems: applied.done?.problems ?? [],
    }),
    () => ['grafana'],
  );
};

/** The entry of monitor.yml that the dashboard of `uid` comes from. */
const sourceOf = async (
  uid: string,
  sources: readonly DashboardSource[],
  configPath: string,
  signal: AbortSignal,
): Promise<DashboardSource> => {
  const found: string[] = [];
  for (const source of sources) {
    const { files } = await readDashboards([source], placesOf(configPath, signal));
    for (const file of files) {
      const read = readDashboard(file);
      if (!('uid' in read)) continue;
      if (read.uid === uid && file.inFolder) throw inFolder(uid, file.source);
      if (read.uid === uid) return source;
      found.push(read.uid);
    }
  }
  throw unknownDashboard(uid, found, 'monitor.yml has no dashboard');
};

const placesOf = (configPath: string, signal: AbortSignal) => ({
  base: join(configPath, '..'),
  stateFolder: stateFolderOf(configPath),
  signal,
});

const look = async (session: Session): Promise<PlannedDashboards> => {
  const { deps, loaded, folder } = session;
  const health = await session.grafanaHealth();
  const password = await knownPassword(folder, deps.env);
  if (health === undefined || password === undefined) throw notUp();
  const client = grafanaOf(session, password, health.version);
  const { uid } = prometheusDatasource(loaded.config.scrape_interval);
  const datasource = (await client.getDatasourceByUid(uid))?.name;
  return planDashboards(session, { client, version: health.version, datasource });
};

const notUp = (): MonitorError =>
  new MonitorError({
    code: 'not-up',
    message: 'Grafana is not running, so its dashboards cannot be read',
    suggestion: 'run `monitor up`',
  });

const requireDashboard = ({ states, observed }: PlannedDashboards, uid: string): void => {
  const state = states.find((one) => one.uid === uid);
  if (!observed.dashboards.some((one) => one.uid === uid)) {
    throw unknownDashboard(
      uid,
      observed.dashboards.map((one) => one.uid),
      'Grafana has no dashboard of this stack',
    );
  }
  if (state === undefined || state.state === 'edited') return;
  throw new MonitorError({
    code: 'dashboard-unchanged',
    message: `The dashboard "${state.title}" was not edited in Grafana`,
    suggestion:
      state.source === GENERATED
        ? `\`monitor dashboards generate ${state.title} --out FILE\` writes it to a file`
        : undefined,
  });
};

const unknownDashboard = (uid: string, uids: readonly string[], what: string): MonitorError => {
  const near = closest(uid, uids);
  return new MonitorError({
    code: 'dashboard-not-found',
    message: `${what} with the uid "${uid}"`,
    detail: uids.length === 0 ? [] : [`there are ${[...uids].sort().join(', ')}`],
    suggestion: near === undefined ? '`monitor dashboards` lists them' : `did you mean ${near}?`,
  });
};

const inFolder = (uid: string, file: string): MonitorError =>
  new MonitorError({
    code: 'dashboard-in-folder',
    message: `The dashboard "${uid}" comes from ${file}, which is in a folder that monitor.yml names`,
    suggestion: `delete or move ${file}, then run \`monitor up\``,
  });

const unknownJob = (job: string | undefined, generated: readonly Dashboard[]): MonitorError =>
  new MonitorError({
    code: 'job-not-found',
    message:
      job === undefined ? 'There are no dashboards to generate yet' : `No dashboard is generated for the job "${job}"`,
    detail: generated.length === 0 ? [] : [`there are ${generated.map(({ title }) => title).join(', ')}`],
    suggestion: '`monitor status` shows the jobs and whether they are up',
  });
