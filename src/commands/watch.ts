import { setTimeout as sleep } from 'node:timers/promises';
import type { Define } from '../cli/command.ts';
import { networksFor, type Surveyed, survey } from '../detect/survey.ts';
import { type Container, EngineError, type EngineEvent } from '../docker/engine.ts';
import { errorText, MonitorError } from '../errors.ts';
import type { ReportOf } from '../output/report.ts';
import { prometheusNow } from '../prometheus/clock.ts';
import { bringUp } from '../stack/bring-up.ts';
import { containerIn, isOfAnyStack, isOfStack } from '../stack/labels.ts';
import { scrapedContainers } from '../stack/marks.ts';
import { silent } from '../stack/progress.ts';
import {
  type Deps,
  exclusively,
  loadStack,
  requireStack,
  type Session,
  sessionOn,
  withSession,
} from '../stack/session.ts';
import { type Asker, openAsker } from '../stack/throwaway.ts';
import { newBell, settle } from '../watch/bell.ts';
import { leaveDeserted, newEnded, STOP_MS } from '../watch/ended.ts';
import { mayDesert, subjectOf, whoseNews } from '../watch/events.ts';
import { followEngine } from '../watch/follow-engine.ts';
import { followFile } from '../watch/follow-file.ts';
import { followMetrics } from '../watch/follow-metrics.ts';
import { newWatchMemory, type WatchMemory } from '../watch/memory.ts';
import { newWatchNews, type Outcome, warnOf } from '../watch/news.ts';
import { withOpenShells } from '../watch/open-shells.ts';

export const command: Define = (watch, invoke) => watch.action(invoke(runWatch, { endless: true }));

/** How long a change may take; milliseconds. */
const TIMEOUT_MS = 120_000;
/** Between two reloads: after reloads in quick succession, Prometheus shows its targets later and later. */
const RELOAD_DISTANCE_MS = 500;
/** Containers that were created and not started yet are part of a burst for as long as this. */
const STARTING_MS = 10_000;
const STARTING_POLL_MS = 200;
const FIRST_REPEAT_MS = 500;
const LONGEST_REPEAT_MS = 15_000;

interface Watching {
  memory: WatchMemory;
  /** Containers of the stack: what they do with networks is our own doing. */
  own: Set<string>;
  /** Those that were scraped since it began. */
  scraped: Map<string, readonly string[]>;
  /** The container that asks, started when it is needed first. */
  asker?: Asker;
}

/** Keeps targets and networks in step with the containers and monitor.yml, until it is interrupted. */
export const runWatch = (deps: Deps): Promise<ReportOf<'stream'>> =>
  withSession(deps, async (session) => {
    await requireStack(session);
    const watching: Watching = { memory: newWatchMemory(), own: new Set(), scraped: new Map() };
    const shells = withOpenShells(session.engine);
    try {
      await watchUntilInterrupted({ ...session, engine: shells.engine }, watching);
    } finally {
      shells.close();
      await watching.asker?.remove();
    }
    return { kind: 'stream' };
  });

const watchUntilInterrupted = async (given: Session, watching: Watching): Promise<void> => {
  const ended = newEnded();
  const session = { ...given, engine: ended.over(given.engine) };
  const { deps } = session;
  const { memory, own } = watching;
  const bell = newBell(deps.signal);
  const onEvent = (event: EngineEvent): void => {
    const whose = whoseNews(event, own);
    ended.note(event);
    // At once, beside any round; what fails is left to the next one, which reports it.
    if ((whose === 'others' || whose === 'stopping') && mayDesert(event))
      leaveDeserted(ended.withoutStopping(given.engine), session.loaded.config, watching.asker).catch(() => undefined);
    if (whose === 'others') memory.forget(subjectOf(event));
    // One that goes on has its network joined again.
    if (whose === 'stopping') setTimeout(bell.ring, STOP_MS + 1000).unref();
    else if (whose !== 'none') bell.ring();
  };
  // What happened while the stream was down is unknown, so everything is compared and asked again.
  const following = followEngine(session, onEvent, () => {
    memory.forgetAll();
    ended.forgetAll();
    bell.ring();
  });
  followConfig(session, bell.ring);
  const changed = newBell(deps.signal);
  const followingMetrics = followMetrics(session, changed, () => watching.scraped);
  const tell = newWatchNews(deps.reporter);
  let round: Round | undefined;
  let failures = 0;
  let startingSince: number | undefined;
  for (;;) {
    const rang = await bell.next(round && waitAfter(round, failures, memory));
    if (rang) await settle(bell);
    if (deps.signal.aborted) break;
    if (!rang && round?.outcome === 'done' && !(await isWorthARound(session, round, watching))) continue;
    const mayWait = startingSince === undefined || Date.now() - startingSince < STARTING_MS;
    round = await keepInStep(session, watching, mayWait);
    tell(round);
    if (round.outcome === 'done') changed.ring();
    startingSince = round.outcome === 'starting' ? (startingSince ?? Date.now()) : undefined;
    failures = round.outcome === 'failed' ? failures + 1 : 0;
    if (round.outcome === 'done' && round.changed)
      await sleep(RELOAD_DISTANCE_MS, undefined, { signal: deps.signal }).catch(() => undefined);
  }
  await Promise.all([following, followingMetrics]);
};

/** A change of monitor.yml is a change of the stack; if the file cannot be watched, a warning says so, and watching goes on. */
const followConfig = ({ deps, loaded }: Session, onChange: () => void): void => {
  try {
    followFile(loaded.path, onChange, deps.signal);
  } catch (error) {
    warnOf(
      deps.reporter,
      `${loaded.path} cannot be watched (${errorText(error)}): changes to it take effect with the next change of a container`,
    );
  }
};

const waitAfter = ({ outcome }: Round, failures: number, memory: WatchMemory): number | undefined => {
  if (outcome === 'starting') return STARTING_POLL_MS;
  if (outcome === 'failed') return Math.min(FIRST_REPEAT_MS * 2 ** (failures - 1), LONGEST_REPEAT_MS);
  return outcome === 'stopped' ? undefined : memory.nextRetryMs();
};

/** Whether an endpoint that gave no metrics does now; asked without looking at the engine again. */
const isWorthARound = async (
  { engine, prometheus }: Session,
  { surveyed }: Done,
  { memory, asker }: Watching,
): Promise<boolean> => {
  const due = surveyed.filter((s) => s.verdict?.ok === false && memory.recall(s.candidate) === undefined);
  if (due.length === 0 || asker === undefined) return true;
  try {
    const vantage = await asker.join(networksFor(due));
    const asked = await survey(
      engine,
      vantage,
      due.map((s) => ({ ...s, verdict: undefined })),
      { memory, version: await prometheus.version() },
    );
    const waitedFor = memory.waitedFor(surveyed);
    await asker.leave((network) => !waitedFor.has(network));
    return asked.some((s) => s.verdict?.ok === true);
  } catch {
    // A whole round meets the same failure, and reports it.
    return true;
  }
};

/** The outcome of a round, with what the questions between rounds need. */
type Done = Extract<Outcome, { outcome: 'done' }> & { changed: boolean; surveyed: readonly Surveyed[] };
type Round = Exclude<Outcome, { outcome: 'done' }> | Done;

/** Compares and changes the stack as `up` does. After a failure, watching continues. */
const keepInStep = async (session: Session, watching: Watching, mayWait: boolean): Promise<Round> => {
  const { deps } = session;
  try {
    const loaded = await loadStack(deps);
    const current = sessionOn({ ...deps, reporter: silent(deps.reporter) }, loaded, session.engine);
    // The stack is looked at under its lock: a `down` elsewhere, which held it, is not undone.
    return await exclusively(current, TIMEOUT_MS, (now) => compare(now, watching, mayWait));
  } catch (error) {
    // The container that asks may be what failed: another one is started.
    await watching.asker?.remove().catch(() => undefined);
    watching.asker = undefined;
    if (deps.signal.aborted) return { outcome: 'failed' };
    if (error instanceof EngineError)
      return { outcome: 'failed', reason: `the engine refused a call: ${error.message}` };
    if (!(error instanceof MonitorError)) throw error;
    return { outcome: 'failed', reason: [error.message, ...error.detail.slice(0, 3)].join(': ') };
  }
};

const compare = async (session: Session, watching: Watching, mayWait: boolean): Promise<Round> => {
  const { memory, own } = watching;
  const { engine, loaded } = session;
  const { name: stack } = loaded.config;
  const containers = await engine.listContainers();
  for (const container of containers) if (isOfStack(container, stack)) own.add(container.id);
  if (containerIn(containers, stack, 'prometheus')?.state !== 'running') return { outcome: 'stopped' };
  const unstarted = containers.filter((c) => c.state === 'created' && !isOfAnyStack(c));
  if (mayWait && unstarted.length > 0 && (await areStarting(unstarted, session))) return { outcome: 'starting' };
  const asker = async (): Promise<Asker> => {
    const networks = await engine.listNetworks();
    if (watching.asker?.isOpen() === false) watching.asker = undefined;
    watching.asker ??= await openAsker(session, { networks }, []);
    own.add(watching.asker.id);
    return watching.asker;
  };
  const { rendered, operations, notices } = await bringUp(session, {
    pull: 'missing',
    timeoutMs: TIMEOUT_MS,
    only: ['prometheus'],
    memory,
    asker,
    again: memory.again,
  });
  const { snapshot, targets, surveyed } = rendered;
  memory.retain(surveyed);
  for (const [name, jobs] of scrapedContainers(targets, snapshot.containers)) watching.scraped.set(name, jobs);
  const waitedFor = memory.waitedFor(surveyed);
  await watching.asker?.leave((network) => !waitedFor.has(network));
  return { outcome: 'done', targets, changed: operations.length > 0, notices, surveyed };
};

/** Compose creates all containers of a project before it starts the first. */
const areStarting = async (unstarted: readonly Container[], { prometheus }: Session): Promise<boolean> => {
  const now = await prometheusNow(prometheus);
  return unstarted.some(({ created }) => now - created * 1000 < STARTING_MS);
};
