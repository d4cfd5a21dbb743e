import { setTimeout as sleep } from 'node:timers/promises';
import { ensureStateFolder, grafanaPassword, writeIfDifferent } from '../config/state-folder.ts';
import type { Recognized } from '../detect/types.ts';
import { EngineError } from '../docker/engine.ts';
import { errorText, MonitorError } from '../errors.ts';
import type { DatasourceHealth } from '../grafana/client.ts';
import type { OperationRow } from '../output/report.ts';
import type { ActiveTarget } from '../prometheus/client.ts';
import { applyPlan, type ExporterFailure, OutdatedPlan } from '../stack/apply.ts';
import { desiredStack } from '../stack/desired.ts';
import { exporterContainer } from '../stack/exporters.ts';
import { isOfStack, LABEL } from '../stack/labels.ts';
import {
  changesSomething,
  describe,
  exporterLane,
  isChosen,
  isExporterLane,
  type LaneChoice,
  type Operation,
  type Plan,
} from '../stack/operation.ts';
import { type PlanOptions, planStack } from '../stack/plan.ts';
import type { DesiredStack, ObservedEngine } from '../stack/types.ts';
import type { DetectOptions } from './detection.ts';
import { type ExporterValues, exporterValues } from './exporter-values.ts';
import { provision } from './provision.ts';
import { type RenderedStack, renderStack } from './render-stack.ts';
import { readSchema, type Session } from './session.ts';

export interface UpPlanOptions extends PlanOptions, DetectOptions {
  /** Absent: yes, unless the running Prometheus was started without it. */
  quickDiscovery?: boolean;
}

export interface BringUpOptions extends Omit<UpPlanOptions, 'mode'> {
  timeoutMs: number;
  /** Absent: all. */
  lanes?: readonly LaneChoice[];
}

/** A plan with all that went into it. */
export interface PlannedStack {
  plan: Plan;
  desired: DesiredStack;
  rendered: RenderedStack;
}

/** Looks, asks, and works out what has to be done. What `mode` says aside, changes nothing. */
export const planUp = async (session: Session, options: UpPlanOptions, password: string): Promise<PlannedStack> => {
  const { config } = session.loaded;
  const planFor = (rendered: RenderedStack, told: ExporterValues): { desired: DesiredStack; plan: Plan } => {
    const exporters = told.ready.map((ready) => exporterContainer(config, ready, rendered.observed));
    const input = { ...rendered, config, grafanaPassword: password, exporters, spared: told.unready };
    const quickDiscovery =
      options.quickDiscovery ?? !runsPlain(rendered.observed, desiredStack({ ...input, quickDiscovery: false }));
    const desired = desiredStack({ ...input, quickDiscovery });
    return { desired, plan: planStack(desired, rendered.observed, options) };
  };
  let told: ExporterValues = { ready: [], unready: [], notices: [] };
  const rendered = await renderStack(session, options, async (before, recognized) => {
    told = await exporterValues(session, before.observed, options.mode === 'join');
    // Whatever forbids the plan is found before anyone is asked.
    const { plan } = planFor(before, told);
    return needsImage(recognized, before.observed, options.mode)
      ? pullNow(session, plan, before.observed)
      : before.observed;
  });
  const { desired, plan } = planFor(rendered, told);
  return { plan: { ...plan, notices: [...rendered.notices, ...told.notices, ...plan.notices] }, desired, rendered };
};

export interface BroughtUp {
  operations: OperationRow[];
  changed: boolean;
  rendered: RenderedStack;
  notices: string[];
  /** Containers of exporters that were not running before. */
  started: string[];
  /** Absent where Grafana was left out. */
  datasource?: { name: string } & DatasourceHealth;
  /** What Prometheus scrapes now; absent where Grafana was left out. */
  active?: ActiveTarget[];
}

/** A Prometheus that refuses our hidden flag was started without it before, and is left so. */
const runsPlain = ({ containers }: ObservedEngine, plain: DesiredStack): boolean => {
  const hash = plain.containers.find((c) => c.role === 'prometheus')?.spec.labels[LABEL.configHash];
  return containers.some((c) => isOfStack(c, plain.name) && c.labels[LABEL.configHash] === hash);
};

/** Looks that may turn out to be outdated before that is taken for a failure. */
const LOOKS = 6;
const BEFORE_NEXT_LOOK_MS = 500;

/**
 * Makes the engine match monitor.yml, then Grafana; returns when both hold. The one way in which a stack changes.
 * Where somebody else, or a command that was killed, changes the engine meanwhile, it is looked at anew.
 */
export const bringUp = async (session: Session, options: BringUpOptions): Promise<BroughtUp> => {
  let current = options;
  for (let looks = 1; ; looks += 1) {
    try {
      return await bringUpOnce(session, current);
    } catch (error) {
      const refusesFlag = error instanceof MonitorError && error.code === 'flag-refused';
      if (refusesFlag && current.quickDiscovery !== false) current = { ...current, quickDiscovery: false };
      else if (looks < LOOKS && isOutdated(error)) await lookAgainSoon(session);
      else throw error instanceof OutdatedPlan ? error.cause : error;
    }
  }
};

/** The engine, or Grafana, has it otherwise than it was found: a name that is taken or gone by now, or stands for two. */
const isOutdated = (error: unknown): boolean => {
  if (error instanceof MonitorError) return error.code === 'grafana-conflict';
  if (error instanceof EngineError) return [404, 409].includes(error.status) || /is ambiguous/.test(error.message);
  return error instanceof OutdatedPlan;
};

const lookAgainSoon = async ({ deps }: Session): Promise<void> => {
  deps.reporter.note('somebody else has changed the stack since it was looked at; looking again');
  await sleep(BEFORE_NEXT_LOOK_MS, undefined, { signal: deps.signal });
};

const bringUpOnce = async (session: Session, options: BringUpOptions): Promise<BroughtUp> => {
  const { folder, deps } = session;
  await ensureStateFolder(folder, await readSchema(deps));
  const password = await grafanaPassword(folder, deps.env);
  const unpulled = options.pull === 'always' ? await pullAll(session, options) : [];
  const planned = await planUp(session, { ...options, mode: 'join' }, password.value);
  const lanes: readonly LaneChoice[] = options.lanes ?? ['stack', 'prometheus', 'grafana', 'exporter'];
  const operations = planned.plan.operations.filter((o) => isChosen(o.lane, lanes));
  const plan: Plan = { ...planned.plan, operations };
  const failures = [...unpulled, ...(await applyPlan(plan, applyContext(session, options.timeoutMs)))];
  await writeIfDifferent(folder.prometheusConfigPath, planned.rendered.prometheusConfig);
  const changes = plan.operations.filter(changesSomething);
  const done = {
    operations: changes.map((o) => ({ operation: describe(o), cause: o.cause })),
    changed: changes.length > 0,
    rendered: planned.rendered,
    notices: plan.notices,
    started: operations.flatMap((o) => (o.kind === 'startContainer' && o.role === 'exporter' ? [o.container] : [])),
  };
  const servers = lanes.includes('grafana')
    ? await Promise.all([provision(session, password, seenVersion(planned)), session.prometheus.targets()])
    : undefined;
  if (failures.length > 0) throw exporterFailure(failures);
  if (servers === undefined) return done;
  const [grafana, active] = servers;
  return {
    ...done,
    operations: [...done.operations, ...grafana.operations],
    changed: done.changed || grafana.operations.length > 0,
    notices: [...plan.notices, ...grafana.notices],
    datasource: grafana.datasource,
    active,
  };
};

/** Grafana's version as the look saw it, which holds where nothing was done to its container since. */
const seenVersion = ({ plan, rendered }: PlannedStack): string | undefined =>
  plan.operations.some((o) => o.lane === 'grafana') ? undefined : rendered.observed.grafana?.version;

/** All else was brought up when this is thrown, and is so on the next `up`. */
const exporterFailure = (failures: readonly ExporterFailure[]): unknown => {
  const [first, ...others] = failures.map(worded);
  if (!(first instanceof MonitorError)) return first;
  return new MonitorError({
    // What an exporter says of its flags is no word about Prometheus's.
    code: first.code === 'flag-refused' ? 'container-exited' : first.code,
    message: first.message,
    detail: [
      ...first.detail,
      ...others.map((other) => `and: ${errorText(other)}`),
      'everything else of the stack is as monitor.yml has it',
    ],
    ...(first.suggestion === undefined ? {} : { suggestion: first.suggestion }),
    exitCode: first.exitCode,
    cause: first,
  });
};

const worded = ({ lane, error }: ExporterFailure): unknown =>
  error instanceof EngineError
    ? new MonitorError({
        code: 'exporter-failed',
        message: `The engine refuses ${lane}`,
        detail: [error.message],
        suggestion: 'correct what it names, and run `monitor up` again',
        cause: error,
      })
    : error;

const applyContext = (session: Session, timeoutMs: number) => ({
  engine: session.engine,
  stack: session.loaded.config.name,
  prometheus: session.prometheus,
  grafanaReady: async () => (await session.grafanaHealth()) !== undefined,
  progress: session.deps.reporter,
  signal: session.deps.signal,
  timeoutMs,
});

/** Before Prometheus runs, endpoints are asked from a container of its image. */
const needsImage = (recognized: Recognized, observed: ObservedEngine, mode: DetectOptions['mode']): boolean =>
  mode === 'join' && observed.prometheus === undefined && recognized.candidates.length > 0;

/** Does a plan's pulls ahead of the rest, side by side, and looks at the images again. */
const pullNow = async (session: Session, plan: Plan, observed: ObservedEngine): Promise<ObservedEngine> => {
  const pulls = plan.operations.flatMap((o) => (o.kind === 'pullImage' && !isExporterLane(o.lane) ? [o] : []));
  if (pulls.length === 0) return observed;
  await applyPlan({ operations: pulls, notices: [] }, applyContext(session, 0));
  const images = new Map(observed.images);
  for (const { image } of pulls) {
    const found = await session.engine.inspectImage(image);
    if (found !== undefined) images.set(image, found);
  }
  return { ...observed, images };
};

/** Newer images under the same tags show in the look that follows. */
const pullAll = (session: Session, { timeoutMs }: BringUpOptions): Promise<ExporterFailure[]> => {
  const { prometheus, grafana, exporters } = session.loaded.config;
  const plan: Plan = {
    operations: [
      { kind: 'pullImage', lane: 'prometheus', image: prometheus.image, cause: '--pull always' },
      { kind: 'pullImage', lane: 'grafana', image: grafana.image, cause: '--pull always' },
      ...exporters.map(
        ({ image, container }): Operation => ({
          kind: 'pullImage',
          lane: exporterLane(container),
          image,
          cause: '--pull always',
        }),
      ),
    ],
    notices: [],
  };
  return applyPlan(plan, applyContext(session, timeoutMs));
};
