import { setTimeout as sleep } from 'node:timers/promises';
import { type ContainerDetail, type ContainerFile, type Engine, EngineError } from '../docker/engine.ts';
import { errorText, MonitorError } from '../errors.ts';
import { checkInContainer, checkWithImage } from '../prometheus/check.ts';
import type { PrometheusClient } from '../prometheus/client.ts';
import { markerIn } from '../prometheus/render.ts';
import { type Role, stackLabels } from './labels.ts';
import {
  changesSomething,
  describe,
  type ExporterLane,
  isExporterLane,
  type Operation,
  type OperationKind,
  type Plan,
} from './operation.ts';
import { isHeldBy, portInUse } from './refusals.ts';
import type { StackFile } from './types.ts';

/** What the executors work with. */
export interface ApplyContext {
  engine: Engine;
  stack: string;
  prometheus: PrometheusClient;
  /** Whether Grafana answers and its database is there. */
  grafanaReady: () => Promise<boolean>;
  progress: Progress;
  signal: AbortSignal;
  /** Milliseconds that a start may take until it answers. */
  timeoutMs: number;
}

/** Hears of each operation: `start` gives what is called at its end. */
export interface Progress {
  /** `passing`: it changes nothing, so nobody needs to read afterwards that it went well. */
  start(label: string, options?: { passing: boolean }): Step;
}
export interface Step {
  update(detail: string): void;
  done(): void;
  failed(): void;
}

/** What stopped an exporter's lane. */
export interface ExporterFailure {
  lane: ExporterLane;
  error: unknown;
}

/**
 * Does what a plan says, and decides nothing: phase by phase, in each the lanes side by side. The first failure stops all
 * lanes before their next operation, and is thrown; but what fails of an exporter stops that exporter alone, and is
 * returned.
 */
export const applyPlan = async ({ operations }: Plan, context: ApplyContext): Promise<ExporterFailure[]> => {
  const failures = new Map<ExporterLane, unknown>();
  for (const phase of phasesOf(operations)) {
    const left = phase.filter((o) => !(isExporterLane(o.lane) && failures.has(o.lane)));
    await runLanes(left, failures, context);
  }
  return [...failures].map(([lane, error]) => ({ lane, error }));
};

/**
 * What fails without harm comes first: images are pulled before anything is made, and a configuration is checked before
 * anything is stopped, in whatever lane. Where nothing is, the check holds up nobody. Then the lane `stack`, then the others.
 */
const phasesOf = (operations: readonly Operation[]): Operation[][] => {
  const disturbs = operations.some((o) => o.kind === 'stopContainer' || o.kind === 'removeContainer');
  const phaseOf = ({ kind, lane }: Operation): number => {
    if (kind === 'pullImage') return 0;
    if (kind === 'checkConfig' && disturbs) return 1;
    return lane === 'stack' ? 2 : 3;
  };
  return [0, 1, 2, 3].map((phase) => operations.filter((o) => phaseOf(o) === phase));
};

/** Runs the lanes of these operations side by side. An exporter's failure goes into `failures`. */
const runLanes = async (
  operations: readonly Operation[],
  failures: Map<ExporterLane, unknown>,
  context: ApplyContext,
): Promise<void> => {
  const failed = new AbortController();
  const signal = AbortSignal.any([context.signal, failed.signal]);
  const lanes = [...new Set(operations.map((o) => o.lane))];
  const running = lanes.map((lane) =>
    runInTurn(
      operations.filter((o) => o.lane === lane),
      { ...context, signal },
    ).catch((error: unknown) => {
      if (isExporterLane(lane) && !signal.aborted) return void failures.set(lane, error);
      if (!failed.signal.aborted) failed.abort(error);
      throw error;
    }),
  );
  await Promise.allSettled(running);
  if (failed.signal.aborted) throw failed.signal.reason;
};

const runInTurn = async (operations: readonly Operation[], context: ApplyContext): Promise<void> => {
  for (const operation of operations) {
    context.signal.throwIfAborted();
    const step = context.progress.start(describe(operation), { passing: !changesSomething(operation) });
    try {
      await execute(operation, context, step);
      step.done();
    } catch (error) {
      step.failed();
      throw error;
    }
  }
};

type Executor<K extends OperationKind> = (operation: Operation<K>, context: ApplyContext, step: Step) => Promise<void>;

const execute = <K extends OperationKind>(
  operation: Operation<K>,
  context: ApplyContext,
  step: Step,
): Promise<void> => {
  const executor: Executor<K> = executors[operation.kind];
  return executor(operation, context, step);
};

/** One for each kind: the compiler refuses a kind without. */
const executors: { [K in OperationKind]: Executor<K> } = {
  pullImage: ({ image }, { engine, signal }, step) =>
    engine.pullImage(image, (p) => step.update(pullText(p.receivedBytes, p.totalBytes)), signal),
  createNetwork: async ({ name, labels }, { engine }) => {
    await engine.createNetwork(name, labels).catch(ignoreConflict);
  },
  createVolume: ({ name, labels }, { engine }) => engine.createVolume(name, labels),
  checkConfig: (operation, { engine, stack, signal }) =>
    'container' in operation
      ? checkInContainer(engine, operation.container, operation.text)
      : checkWithImage(engine, operation.image, operation.text, stackLabels(stack), signal),
  createContainer: async ({ spec }, { engine }) => {
    await engine.createContainer(spec);
  },
  stopContainer: ({ container }, { engine }) => engine.stopContainer(container, STOP_GRACE_SECONDS),
  removeContainer: ({ id }, { engine }) => engine.removeContainer(id),
  connectNetwork: ({ container, network, aliases }, { engine }) => engine.connectNetwork(network, container, aliases),
  disconnectNetwork: ({ container, network }, { engine }) => engine.disconnectNetwork(network, container),
  putFiles: async ({ container, files }, { engine }) => {
    const secret = files.some((file) => file.secret);
    const user = secret ? ((await engine.inspectContainer(container))?.user ?? '') : '';
    await engine.putFiles(
      container,
      files.map((file) => ownedFile(file, user)),
    );
  },
  startContainer: (operation, context) => start(operation, context),
  reloadConfig: ({ container }, { engine }) => engine.killContainer(container, 'SIGHUP'),
  awaitReady: (operation, context) => awaitReady(operation, context),
  awaitConfig: (operation, context) => awaitConfig(operation, context),
  removeNetwork: ({ id }, { engine }) => engine.removeNetwork(id),
  removeVolume: ({ name }, { engine }) => engine.removeVolume(name),
};

/** Prometheus flushes its head block within this; a SIGKILL costs a replay of the log at the next start. */
export const STOP_GRACE_SECONDS = 30;

const MIB = 1024 * 1024;
const pullText = (received: number, total: number): string =>
  total > 0 ? `${Math.round(received / MIB)} of ${Math.round(total / MIB)} MiB` : `${Math.round(received / MIB)} MiB`;

/** Somebody made the network in the meantime: it is there, which is all that was wanted. */
const ignoreConflict = (error: unknown): void => {
  if (!(error instanceof EngineError && error.status === 409)) throw error;
};

/** A secret belongs to the container's numeric user; where that is a name, all of the container may read it. */
const ownedFile = ({ path, content, secret, modified }: StackFile, user: string): ContainerFile => {
  const [, uid] = /^(\d+)(?::\d+)?$/.exec(user || '0') ?? [];
  if (!secret) return { path, content, mode: 0o644, uid: 0, gid: 0, ...(modified === undefined ? {} : { modified }) };
  return uid === undefined
    ? { path, content, mode: 0o444, uid: 0, gid: 0 }
    : { path, content, mode: 0o400, uid: Number(uid), gid: 0 };
};

const PORT_TAKEN = /port is already allocated|address already in use|failed to bind host port/i;

const start = async (
  { role, container, port }: Operation<'startContainer'>,
  { engine }: ApplyContext,
): Promise<void> => {
  try {
    await engine.startContainer(container);
  } catch (error) {
    if (!(error instanceof EngineError) || !PORT_TAKEN.test(error.message) || port === undefined) throw error;
    // It never ran: left behind, it would hold its name and nothing else.
    await engine.removeContainer(container);
    const others = await engine.listContainers();
    const holder = others.find((c) => c.ports.some((p) => isHeldBy(p, port.bind, port.host)))?.name;
    throw portInUse({
      role,
      ...port,
      holder,
      taken: others.flatMap((c) => c.ports.flatMap((p) => p.publicPort ?? [])),
    });
  }
};

const POLL_MS = 50;
/** How often the container's state is looked at while it is waited for. */
const LOOK_MS = 500;

/** An exporter that cannot start ends within a fraction of this; no port of it is published to ask whether it answers. */
const STEADY_MS = 1000;

const awaitSteady = async (container: string, context: ApplyContext): Promise<void> => {
  const end = Date.now() + STEADY_MS;
  while (Date.now() < end) {
    await sleep(100, undefined, { signal: context.signal });
    // It was started just now, with which the engine began to count anew: on a slow machine it has ended by the first look.
    await failIfEnded({ role: 'exporter', container, restarts: 0 }, context);
  }
};

const awaitReady = async (
  { role, container, wasRunning }: Operation<'awaitReady'>,
  context: ApplyContext,
): Promise<void> => {
  if (role === 'exporter') return awaitSteady(container, context);
  const isReady = role === 'grafana' ? context.grafanaReady : context.prometheus.ready;
  const deadline = Date.now() + context.timeoutMs;
  let restarts: number | undefined;
  let nextLook = Date.now() + LOOK_MS;
  while (!(await isReady())) {
    context.signal.throwIfAborted();
    // What it went through before does not count against it: it may be on its way up again from a crash.
    restarts ??= (await context.engine.inspectContainer(container))?.restartCount ?? 0;
    if (Date.now() > nextLook) {
      await failIfEnded({ role, container, restarts }, context).catch((error: unknown) => {
        throw wasRunning === true ? new OutdatedPlan(error) : error;
      });
      nextLook = Date.now() + LOOK_MS;
    }
    if (Date.now() > deadline) throw await neverReady(container, context);
    await sleep(POLL_MS, undefined, { signal: context.signal });
  }
};

/** What the look found is so no more: another plan is due. `cause`: what it came to light by. */
export class OutdatedPlan extends Error {
  override readonly name = 'OutdatedPlan';
  constructor(override readonly cause: unknown) {
    super(`the plan is outdated: ${errorText(cause)}`);
  }
}

const LOG_TAIL = 15;

/** A container that exits at its start is stopped, so that its restart policy does not start it over and over. */
export const failIfEnded = async (
  { role, container, restarts }: { role: Role; container: string; restarts: number },
  { engine }: Pick<ApplyContext, 'engine'>,
): Promise<void> => {
  const detail = await engine.inspectContainer(container);
  if (detail?.state === 'running' && detail.restartCount === restarts) return;
  const log = await engine.logs(container, LOG_TAIL).catch(() => []);
  const end = await endOf(detail, engine);
  if (detail !== undefined) await engine.stopContainer(container, 1);
  throw new MonitorError({
    code: log.some((line) => line.includes('unknown long flag')) ? 'flag-refused' : 'container-exited',
    message: `Container ${container} ${end}`,
    detail: log.length === 0 ? ['it logged nothing'] : ['its last log lines:', ...log],
    suggestion:
      log.length === 0 && detail !== undefined
        ? `see that ${role}.image in monitor.yml (${detail.image}) is what it should be, and run \`monitor up\` again`
        : 'correct what the log names and run `monitor up` again',
  });
};

/** One that the engine has started again shows no exit code of its own any more. */
const endOf = async (detail: ContainerDetail | undefined, engine: Engine): Promise<string> => {
  if (detail === undefined) return 'is gone';
  const exitCode =
    detail.state === 'running' ? await lastExitCode(engine, detail).catch(() => undefined) : detail.exitCode;
  return exitCode === undefined ? 'ended at its start, again and again' : `exited with code ${exitCode} at its start`;
};

const lastExitCode = async (engine: Engine, { id, startedAt }: ContainerDetail): Promise<number | undefined> => {
  const ends = (await engine.pastEvents(id, Date.parse(startedAt))).filter((e) => e.action === 'die');
  const code = ends.at(-1)?.attributes['exitCode'];
  return code === undefined ? undefined : Number(code);
};

const neverReady = async (container: string, { engine, timeoutMs }: ApplyContext): Promise<MonitorError> => {
  const log = await engine.logs(container, LOG_TAIL).catch(() => []);
  return new MonitorError({
    code: 'not-ready',
    message: `Container ${container} runs, but did not get ready within ${timeoutMs / 1000} s`,
    detail: log.length === 0 ? ['it logged nothing'] : ['its last log lines:', ...log],
    suggestion: 'give it longer with --timeout, or correct what the log names',
  });
};

/** A reload shows within 10 to 30 ms of its signal (measured on 3.5.3 and 3.13.2); a slow machine gets this long. */
const CONFIG_MS = 10_000;

const awaitConfig = async ({ container, text }: Operation<'awaitConfig'>, context: ApplyContext): Promise<void> => {
  const marker = markerIn(text);
  const deadline = Date.now() + Math.min(CONFIG_MS, context.timeoutMs);
  let wait = 5;
  while (!(await context.prometheus.loadedConfig()).includes(marker)) {
    if (Date.now() > deadline) throw await notLoaded(container, context);
    await sleep(wait, undefined, { signal: context.signal });
    wait = Math.min(wait * 2, 200);
  }
};

const notLoaded = async (container: string, { engine }: ApplyContext): Promise<MonitorError> => {
  const log = await engine.logs(container, 50).catch(() => []);
  const errors = log.filter((line) => /level=(error|warn)|reloading/i.test(line)).slice(-5);
  return new MonitorError({
    code: 'config-not-loaded',
    message: `${container} has not loaded the rendered prometheus.yml: it still works with another configuration`,
    detail: errors.length === 0 ? log.slice(-5) : errors,
    suggestion: 'see `monitor logs prometheus`; `monitor restart prometheus` starts it with the rendered file',
  });
};
