import { SERVERS } from '../config/servers.ts';
import { ensureStateFolder, type GrafanaPassword, grafanaPassword, writeIfDifferent } from '../config/state-folder.ts';
import { parseDuration } from '../config/values.ts';
import { EngineError, type EngineEvent } from '../docker/engine.ts';
import { remedyForStart } from '../docker/refusals.ts';
import { errorText, MonitorError } from '../errors.ts';
import type { GrafanaClient } from '../grafana/client.ts';
import type { LookedAtDashboards, Problem } from '../grafana/dashboard-model.ts';
import { type ActiveTarget, AFTER_RELOAD_MS } from '../prometheus/client.ts';
import { passedTargets } from '../prometheus/read-config.ts';
import { plural } from '../words.ts';
import { contextOf, type ExecuteContext } from './context.ts';
import { remember, withDetail } from './dashboards.ts';
import { execute, type PartFailure } from './execute.ts';
import { isOutdated, LOOKS, lookAgainSoon } from './look-again.ts';
import { datasourceAnswer, lookAtGrafana } from './look-at-grafana.ts';
import { markInGrafana, scrapedContainers, whatHappened } from './marks.ts';
import type { DatasourceAnswer } from './model.ts';
import { look } from './observe.ts';
import {
  changesSomething,
  exporterPart,
  isDashboardPart,
  isExporterPart,
  type Part,
  type PartChoice,
  type Plan,
  type Planned,
  planOf,
} from './operations.ts';
import { NetworkRefused, OutdatedPlan } from './outdated.ts';
import { type PlannedStack, type PlanOptions, planUp, type Rendered } from './plan-up.ts';
import { grafanaContent, grafanaOperations } from './reconcile.ts';
import { grafanaOf, readSchema, type Session } from './session.ts';
import { reportTargetChanges } from './target-progress.ts';
import type { RenderedTarget } from './target-states.ts';

export interface BringUpOptions extends PlanOptions {
  timeoutMs: number;
}

export interface BroughtUp {
  /** Those that changed something. */
  operations: Planned[];
  rendered: Rendered;
  notices: string[];
  /** Dashboards that could not be written, and why. */
  problems: Problem[];
  /** Jobs that were not scraped twice yet, so that their dashboards lack panels; absent where Grafana was left out. */
  unscraped?: string[];
  /** Grafana's datasource; absent where Grafana was left out. */
  datasource?: DatasourceAnswer;
  /** What Prometheus scrapes now; absent where Grafana was left out. */
  active?: readonly ActiveTarget[];
}

/**
 * Makes the engine match monitor.yml, then Grafana; returns when both do. The one way in which a stack changes. Where
 * something else changes the engine meanwhile, it is looked at again.
 */
export const bringUp = async (session: Session, options: BringUpOptions): Promise<BroughtUp> => {
  let current = options;
  for (let looks = 1; ; looks += 1) {
    try {
      return await bringUpOnce(session, current);
    } catch (error) {
      const refusesFlag = error instanceof MonitorError && error.code === 'flag-refused';
      if (refusesFlag && current.quickDiscovery !== false) current = { ...current, quickDiscovery: false };
      else if (error instanceof NetworkRefused && looks < LOOKS && (await leaveFor(error, current))) continue;
      else if (error instanceof NetworkRefused && current.refused?.has(error.network) !== true)
        current = { ...current, refused: new Map([...(current.refused ?? []), [error.network, error.cause]]) };
      else if (looks < LOOKS && isOutdated(error)) await lookAgainSoon(session);
      else throw error instanceof OutdatedPlan || error instanceof NetworkRefused ? error.cause : error;
    }
  }
};

/** Whether the container that asks was on the network, and may have had its last address; it has left it then. */
const leaveFor = async ({ network }: NetworkRefused, { asker }: BringUpOptions): Promise<boolean> =>
  (await (await asker?.())?.leave((n) => n === network)) === true;

const bringUpOnce = async (session: Session, options: BringUpOptions): Promise<BroughtUp> => {
  const { folder, deps } = session;
  await ensureStateFolder(folder, await readSchema(deps));
  const password = await grafanaPassword(folder, deps.env);
  const context = contextOf(session, options.timeoutMs, password);
  const unpulled = options.pull === 'always' ? await execute(pullAll(session), context) : [];
  const planning = planNow(context, options, password);
  const happened = withGrafana(options.only) ? whatHappened(session.engine) : Promise.resolve([]);
  // It is awaited last: what fails before that closes the connection that this is asked on.
  happened.catch(() => {});
  const planned = await planning;
  const { plan, rendered } = planned;
  const failures = [...unpulled, ...(await execute(plan, context))];
  if (plan.operations.some(({ part }) => part === 'prometheus')) reportTargetChanges(session, rendered);
  await writeIfDifferent(folder.prometheusConfigPath, rendered.prometheusConfig);
  const done = doneBy(plan, failures);
  const all = withGrafana(options.only)
    ? await provision({ context, planned, options, password, happened }, done)
    : { ...done, rendered };
  const exporters = failures.filter(({ part }) => isExporterPart(part));
  if (exporters.length > 0) throw exporterFailure(exporters);
  return all;
};

type Done = Pick<BroughtUp, 'operations' | 'notices' | 'problems'>;

/** Of a dashboard that was changed since the look, and of a Grafana that was stopped: both are worth another look. */
const OUTDATED: ReadonlySet<string> = new Set(['grafana-conflict', 'grafana-unreachable']);

/** What a plan came to. Fails with `OutdatedPlan` where Grafana is not as the look found it. */
const doneBy = ({ operations, notices, problems }: Plan, failures: readonly PartFailure[]): Done => {
  const failed = failures.filter(({ part }) => isDashboardPart(part));
  const outdated = failed.find(({ error }) => error instanceof MonitorError && OUTDATED.has(error.code));
  if (outdated !== undefined) throw new OutdatedPlan(outdated.error);
  const inVain = new Set(failed.map(({ part }) => part));
  return {
    operations: operations.filter((o) => changesSomething(o) && !inVain.has(o.part)),
    notices,
    problems: [...problems, ...failed.map(({ resource, error }) => ({ source: resource, message: withDetail(error) }))],
  };
};

const withGrafana = (only: readonly PartChoice[] | undefined): boolean =>
  only === undefined || only.includes('grafana');

/** Looks and plans; where something has to be asked and the image to ask from is missing, that is pulled on the way. */
const planNow = async (
  context: ExecuteContext,
  options: BringUpOptions,
  password: GrafanaPassword,
): Promise<PlannedStack> => {
  const lookNow = () =>
    look(
      context,
      withGrafana(options.only)
        ? (active) => lookAtGrafana(context, { password, overwrite: options.overwrite, health: true, active })
        : undefined,
    );
  const snapshot = await lookNow();
  const planned = await planUp(context, snapshot, options, password.value);
  if (snapshot.images.has(context.loaded.config.prometheus.image)) return planned;
  await execute(planOf(planned.plan.operations.filter((o) => o.kind === 'pullImage')), context);
  return planUp(context, await lookNow(), options, password.value);
};

interface Provisioning {
  context: ExecuteContext;
  planned: PlannedStack;
  options: BringUpOptions;
  password: GrafanaPassword;
  happened: Promise<readonly EngineEvent[]>;
}

/**
 * What Grafana has is compared once it is up, where the look could not; then its datasource is asked, unless the look did
 * and nothing has changed since.
 */
const provision = async (provisioning: Provisioning, done: Done): Promise<BroughtUp> => {
  const { context, planned, password } = provisioning;
  const { desired, plan, rendered } = planned;
  const { prometheus, grafana } = rendered.snapshot;
  // One that was started since is another: it may have been given another volume, and with it this password.
  const isNew = plan.operations.some((o) => o.kind === 'startContainer' && o.role === 'grafana');
  if (grafana?.refusal?.code === 'grafana-password' && !isNew) throw grafana.refusal;
  const { later, dashboards } = await planLater(provisioning);
  const more = doneBy(later, await execute(later, context));
  await remember(context, dashboards);
  const isUnchanged = plan.operations.length + later.operations.length === 0;
  const known = isUnchanged ? grafana?.datasource : undefined;
  const client = grafana && known ? grafanaOf(context, password, grafana.version) : await context.grafana();
  const [datasource, active, unmarked] = await Promise.all([
    known ?? datasourceAnswer(client, desired.grafana.datasource.uid),
    known ? prometheus?.targets : context.prometheus.targets(AFTER_RELOAD_MS),
    mark(provisioning, client),
  ]);
  const unscraped = unscrapedJobs(context, rendered, dashboards);
  return {
    rendered,
    unscraped,
    operations: [...done.operations, ...more.operations],
    notices: [...done.notices, ...more.notices, ...unscrapedNotices(context, unscraped), ...unmarked],
    problems: [...done.problems, ...more.problems],
    datasource,
    active,
  };
};

/** A mark tells what has happened, and is no change of the stack. Gives what the user should know. */
const mark = async ({ context, planned, happened }: Provisioning, client: GrafanaClient): Promise<string[]> => {
  const { targets, snapshot } = planned.rendered;
  const containers = scrapedContainers(targets, snapshot.containers);
  try {
    await markInGrafana(client, context.loaded.config.name, await happened, containers);
    return [];
  } catch (error) {
    if (!(error instanceof MonitorError)) throw error;
    return [`what happened to containers could not be marked in Grafana: ${withDetail(error)}`];
  }
};

/** What the plan could not have in it, since Grafana was not up yet. */
const planLater = async ({ context, planned, options }: Provisioning) => {
  const { desired, rendered } = planned;
  const known = grafanaContent(desired, rendered.snapshot)?.dashboards;
  if (known !== undefined) return { later: planOf([]), dashboards: known };
  const { overwrite } = options;
  const { resources, dashboards } =
    (await lookAtGrafana(context, { jobs: jobsOf(context, rendered), overwrite })) ?? {};
  if (resources === undefined) return { later: planOf([]) };
  const { operations, notices, problems } = grafanaOperations(desired, { resources, dashboards }, options);
  return { later: planOf(operations, notices, problems), dashboards };
};

/** What is rendered, then the static targets of passed-through jobs. */
export const allTargets = ({ loaded }: Session, { targets, prometheusConfig }: Rendered): RenderedTarget[] => [
  ...targets,
  ...passedTargets(prometheusConfig, loaded.config.scrape_configs),
];

const jobsOf = (session: Session, rendered: Rendered): string[] => [
  ...new Set(allTargets(session, rendered).map(({ job }) => job)),
];

/** Prometheus begins to scrape so long after its start, or after a reload, at the latest. */
const DISCOVERY_MS = 5000;

/** The rate of a counter takes two scrapes: until then its panel has no data, and is not written. */
const unscrapedJobs = (session: Session, rendered: Rendered, dashboards: LookedAtDashboards | undefined): string[] => {
  const { scrapes } = dashboards ?? {};
  return scrapes === undefined ? [] : jobsOf(session, rendered).filter((job) => (scrapes.get(job) ?? 0) < 2);
};

/** Milliseconds until each job that is scraped as often as most was scraped twice. */
export const twoScrapes = ({ loaded: { config } }: Session): number =>
  2 * (parseDuration(config.scrape_interval) ?? 0) + DISCOVERY_MS;

const unscrapedNotices = (session: Session, jobs: readonly string[]): string[] => {
  if (jobs.length === 0) return [];
  const seconds = Math.ceil(twoScrapes(session) / 1000);
  return [
    `the dashboards are not complete yet: ${jobs.length > 3 ? plural(jobs.length, 'job') : jobs.join(', ')} ${jobs.length === 1 ? 'has' : 'have'} not been scraped twice yet; run \`monitor up\` again in ${seconds} s, or leave \`monitor watch\` running`,
  ];
};

/** Everything else was brought up when this is thrown. */
const exporterFailure = (failures: readonly PartFailure[]): unknown => {
  const [first, ...others] = failures.map(worded);
  if (!(first instanceof MonitorError)) return first;
  return new MonitorError({
    // An exporter's unknown flag says nothing about Prometheus's.
    code: first.code === 'flag-refused' ? 'container-exited' : first.code,
    message: first.message,
    detail: [
      ...first.detail,
      ...others.map((other) => `and: ${errorText(other)}`),
      'the rest of the stack matches monitor.yml',
    ],
    suggestion: first.suggestion,
    exitCode: first.exitCode,
    cause: first,
  });
};

const worded = ({ part, error }: PartFailure): unknown =>
  error instanceof EngineError
    ? new MonitorError({
        code: 'exporter-failed',
        message: `The engine refused ${part}`,
        detail: [error.message],
        suggestion: `${remedyForStart(error.message) ?? 'fix what it reports'}, then run \`monitor up\` again`,
        cause: error,
      })
    : error;

/** Newer images of the same references show in the look that follows. */
export const pullAll = ({ loaded: { config } }: Session): Plan => {
  const images: { part: Part; image: string }[] = [
    ...SERVERS.map((server) => ({ part: server, image: config[server].image })),
    ...config.exporters.map(({ image, container }) => ({ part: exporterPart(container), image })),
  ];
  return planOf(images.map((one) => ({ kind: 'pullImage', ...one, cause: '--pull always' })));
};
