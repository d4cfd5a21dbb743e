import { mkdir } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import type { DashboardSource } from '../config/model.ts';
import { knownPassword, stateFolderOf } from '../config/state-folder.ts';
import { closest } from '../config/suggest.ts';
import { parseDuration } from '../config/values.ts';
import { writeFileAtomically } from '../config/write.ts';
import { checkDashboard } from '../dashboards/check/check.ts';
import { addSource, removeSource } from '../dashboards/edit-sources.ts';
import { generatedDashboards } from '../dashboards/generated.ts';
import { readDashboard } from '../dashboards/import.ts';
import type { Dashboard } from '../dashboards/model.ts';
import { type DashboardsToPlan, type PlannedDashboards, planDashboards } from '../dashboards/plan.ts';
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
import { applyDashboardOperation } from '../grafana/provision-dashboards.ts';
import { type GrafanaVersion, parseVersion } from '../grafana/version.ts';
import type {
  DashboardPullReport,
  DashboardRow,
  DashboardSourceReport,
  DashboardsReport,
  TextReport,
  WrittenReport,
} from '../output/report.ts';
import { gatherFamilies } from '../prometheus/metrics.ts';
import { editConfig } from '../stack/edit-config.ts';
import { operationRows } from '../stack/operations.ts';
import type { Deps } from '../stack/session.ts';
import { exclusively, grafanaOf, loadStack, type Session, withSession } from '../stack/session.ts';

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

/** The dashboards of the stack in Grafana, and how they are to what monitor.yml and the metrics want. */
export const runDashboards = (deps: Deps): Promise<DashboardsReport> =>
  withSession(deps, async (session) => {
    const input = await open(session);
    const { states, problems, notices, observed } = await planDashboards(input);
    const count = await panelCounter(session, input);
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

/** How long to wait for another monitor on this stack; milliseconds. */
const LOCK_MS = 60_000;

/**
 * Writes the generated dashboards and those of monitor.yml to the running Grafana. One that was edited there is kept, unless
 * `overwrite`. A dashboard that Grafana refuses is among the problems, and the others are written.
 */
export const runDashboardsApply = (deps: Deps, { overwrite }: { overwrite: boolean }): Promise<DashboardsReport> =>
  withSession(deps, (session) =>
    exclusively(session, LOCK_MS, async () => {
      const input = await open(session);
      const { operations, problems, notices } = await planDashboards({ ...input, overwrite });
      for (const operation of operations) {
        const title = operation.kind === 'createFolder' ? operation.folder.title : operation.title;
        const resource = operation.kind === 'createFolder' ? `Folder ${title}` : `Dashboard ${title}`;
        const step = deps.reporter.start(resource, operation.cause);
        try {
          await applyDashboardOperation(input.client, operation);
          step.done(operation.kind === 'deleteDashboard' ? 'Removed' : 'Saved');
        } catch (error) {
          step.failed();
          if (!(error instanceof MonitorError) || operation.kind === 'createFolder') throw error;
          problems.push({ source: title, message: error.message });
        }
      }
      const { states } = await planDashboards(await open(session));
      const dashboards = states.map(({ url, ...state }) => ({ ...state, url: url && session.urls.grafana + url }));
      return { kind: 'dashboards', stack: session.loaded.config.name, dashboards, problems, notices };
    }),
  );

/** 1 where a dashboard could not be written. */
export const dashboardsExitCode = ({ problems }: DashboardsReport): 0 | 1 => (problems.length > 0 ? 1 : 0);

/** How many panels of a dashboard have data now, and how many have none. */
const panelCounter = async ({ prometheus, loaded }: Session, { client, ours }: DashboardsToPlan) => {
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
    const input = await open(session);
    const planned = await planDashboards(input);
    if (uid !== undefined) requireDashboard(planned, uid);
    const { dashboards, problems } = planPull(planned.observed, planned.states, input.sources, uid);
    await writePulled(dashboards, input.places.base);
    const text = pulledConfig(loaded.text, dashboards, loaded.path);
    if (text !== loaded.text) await writeFileAtomically(loaded.path, text);
    await markPulled(dashboards, input.client);
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
    const { uid, name } = prometheusDatasource(session.loaded.config.scrape_interval);
    const generated = await generate(session, version, { uid, name }, new Set());
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

const open = async (session: Session): Promise<DashboardsToPlan> => {
  const { deps, loaded, folder } = session;
  const health = await session.grafanaHealth();
  const password = await knownPassword(folder, deps.env);
  if (health === undefined || password === undefined) throw notUp();
  const version = parseVersion(health.version);
  const client = grafanaOf(session, password, health.version);
  const { uid } = prometheusDatasource(loaded.config.scrape_interval);
  const ours = { uid, name: (await client.getDatasourceByUid(uid))?.name ?? 'Prometheus' };
  return {
    client,
    version,
    ours,
    sources: loaded.config.dashboards,
    places: placesOf(loaded.path, deps.signal),
    generate: (drawn) => generate(session, version, ours, drawn),
  };
};

const generate = async (
  { prometheus, loaded }: Session,
  version: GrafanaVersion,
  datasource: { uid: string; name: string },
  drawn: ReadonlySet<string>,
): Promise<Dashboard[]> =>
  generatedDashboards(prometheus, await gatherFamilies(prometheus), {
    ...{ stack: loaded.config.name, grafanaMajor: version.major, datasource, drawn },
    // As Grafana's $__rate_interval is at least.
    rateInterval: `${4 * (parseDuration(loaded.config.scrape_interval) ?? 15_000)}ms`,
  });

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
