import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerDetail, Engine } from '../docker/engine.ts';
import { MonitorError } from '../errors.ts';
import { markerIn } from '../prometheus/render.ts';
import type { ExecuteContext } from './context.ts';
import type { Role } from './labels.ts';
import type { Operation } from './operations.ts';
import { OutdatedPlan } from './outdated.ts';

const POLL_MS = 50;
/** How often the container's state is looked at while it is waited for. */
const LOOK_MS = 500;
/** An exporter that cannot start ends within a fraction of this; no port of it is published to ask whether it answers. */
const STEADY_MS = 1000;

/** Until a server answers, or an exporter has run for a second. Fails with `container-exited` or `not-ready`. */
export const awaitReady = async (
  { role, container, wasRunning }: Operation<'awaitReady'>,
  context: ExecuteContext,
): Promise<void> => {
  if (role === 'exporter') return awaitSteady(container, context);
  const { prometheus, grafanaHealth } = context;
  // Where Grafana answers, its database is there too.
  const isReady = role === 'prometheus' ? prometheus.ready : async () => (await grafanaHealth()) !== undefined;
  const deadline = Date.now() + context.timeoutMs;
  let restarts: number | undefined;
  let nextLook = Date.now() + LOOK_MS;
  while (!(await isReady())) {
    context.signal.throwIfAborted();
    // Earlier restarts do not count: it may be on its way up again from a crash.
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

const awaitSteady = async (container: string, context: ExecuteContext): Promise<void> => {
  const end = Date.now() + STEADY_MS;
  while (Date.now() < end) {
    await sleep(100, undefined, { signal: context.signal });
    // It was started just now, and the engine counts from zero: on a slow machine it has ended by the first look.
    await failIfEnded({ role: 'exporter', container, restarts: 0 }, context);
  }
};

const LOG_TAIL = 15;

/** A container that exits at its start is stopped, so that its restart policy does not start it over and over. */
export const failIfEnded = async (
  { role, container, restarts }: { role: Role; container: string; restarts: number },
  { engine }: Pick<ExecuteContext, 'engine'>,
): Promise<void> => {
  const detail = await engine.inspectContainer(container);
  if (detail === undefined) throw removed(container);
  if (detail.state === 'running' && detail.restartCount === restarts) return;
  const log = await engine.logs(container, LOG_TAIL).catch(() => []);
  const end = await endOf(detail, engine);
  await engine.stopContainer(container, 1);
  const held = await heldVolume(engine, detail, log);
  if (held !== undefined) throw held;
  throw new MonitorError({
    code: log.some((line) => line.includes('unknown long flag')) ? 'flag-refused' : 'container-exited',
    message: `Container ${container} ${end}`,
    detail: lastLines(log),
    suggestion:
      log.length === 0
        ? `check ${role}.image in monitor.yml (${asWritten(detail.image)}), then run \`monitor up\` again`
        : 'fix what the log reports, then run `monitor up` again',
  });
};

const removed = (container: string): MonitorError =>
  new MonitorError({
    code: 'container-gone',
    message: `Container ${container} was removed while it was starting`,
    suggestion: 'run `monitor up`, which creates it again',
  });

/** Prometheus's words, without its log's time, where another one has its storage open: tsdb's DirLocker, then `flock`. */
const LOCKED = /[^"=]*(lock DB directory|resource temporarily unavailable)[^"]*/;

/** Where a log says that the storage is locked: the error that names the container which has the same volume. */
const heldVolume = async (
  engine: Engine,
  { id, name }: ContainerDetail,
  log: readonly string[],
): Promise<MonitorError | undefined> => {
  const words = log.flatMap((line) => LOCKED.exec(line)?.[0] ?? []).at(-1);
  if (words === undefined) return undefined;
  const containers = await engine.listContainers();
  const volumes = new Set(containers.find((c) => c.id === id)?.mounts.flatMap((m) => m.name ?? []));
  const holders = containers.filter(
    (c) => c.id !== id && c.state === 'running' && c.mounts.some((m) => m.name !== undefined && volumes.has(m.name)),
  );
  if (holders.length === 0) return undefined;
  const others = holders.map((c) => c.name).join(' and ');
  return new MonitorError({
    code: 'volume-in-use',
    message: `Volume ${[...volumes].join(', ')} of container ${name} is already in use by container ${others}`,
    detail: [words],
    suggestion: `stop it (\`docker stop ${holders.map((c) => c.name).join(' ')}\`), or set \`prometheus.volume\` in monitor.yml to another volume, then run \`monitor up\` again`,
  });
};

/** Podman puts this before the name of an image that was built or loaded without a registry. */
const asWritten = (image: string): string => image.replace(/^localhost\//, '');

const lastLines = (log: readonly string[]): string[] =>
  log.length === 0 ? ['its log is empty'] : ['last log lines:', ...log];

/** One that the engine has restarted has no exit code of its own any more. */
const endOf = async (detail: ContainerDetail, engine: Engine): Promise<string> => {
  const exitCode =
    detail.state === 'running' ? await lastExitCode(engine, detail).catch(() => undefined) : detail.exitCode;
  return exitCode === undefined ? 'keeps exiting at its start' : `exited with code ${exitCode} at its start`;
};

const lastExitCode = async (engine: Engine, { id }: ContainerDetail): Promise<number | undefined> => {
  const ends = (await engine.pastEvents(id)).filter((e) => e.action === 'die');
  const code = ends.at(-1)?.attributes['exitCode'];
  return code === undefined ? undefined : Number(code);
};

const neverReady = async (container: string, { engine, timeoutMs }: ExecuteContext): Promise<MonitorError> => {
  const log = await engine.logs(container, LOG_TAIL).catch(() => []);
  return new MonitorError({
    code: 'not-ready',
    message: `Container ${container} is running, but did not become ready within ${timeoutMs / 1000} s`,
    detail: lastLines(log),
    suggestion: 'allow more time with --timeout, or fix what the log reports',
  });
};

/** A reload shows within 10 to 30 ms of its signal (measured on 3.5.3 and 3.13.2); a slow machine gets this long. */
const CONFIG_MS = 10_000;

/** Until Prometheus reports this text as loaded. Fails with `config-not-loaded`. */
export const awaitConfig = async (
  { container, text }: Operation<'awaitConfig'>,
  context: ExecuteContext,
): Promise<void> => {
  const marker = markerIn(text);
  const deadline = Date.now() + Math.min(CONFIG_MS, context.timeoutMs);
  let wait = 5;
  while (!(await context.prometheus.loadedConfig()).includes(marker)) {
    if (Date.now() > deadline) throw await notLoaded(container, context);
    await sleep(wait, undefined, { signal: context.signal });
    wait = Math.min(wait * 2, 200);
  }
};

const notLoaded = async (container: string, { engine }: ExecuteContext): Promise<MonitorError> => {
  const log = await engine.logs(container, 50).catch(() => []);
  const errors = log.filter((line) => /level=(error|warn)|reloading/i.test(line)).slice(-5);
  return new MonitorError({
    code: 'config-not-loaded',
    message: `${container} has not loaded the rendered prometheus.yml: it still runs with the previous configuration`,
    detail: errors.length === 0 ? log.slice(-5) : errors,
    suggestion: 'see `monitor logs prometheus`; `monitor restart prometheus` starts it with the rendered file',
  });
};
