import { setTimeout as sleep } from 'node:timers/promises';
import { type Container, EngineError, type EngineEvent } from '../docker/engine.ts';
import { errorText, MonitorError } from '../errors.ts';
import type { StreamReport } from '../output/report.ts';
import type { Reporter } from '../output/reporter.ts';
import { isOfAnyStack, isOfStack, LABEL } from '../stack/labels.ts';
import { newBell, settle } from './bell.ts';
import { bringUp } from './bring-up.ts';
import type { Deps } from './deps.ts';
import { askAgain, type Standing } from './detection.ts';
import { followEngine } from './follow-engine.ts';
import { followFile } from './follow-file.ts';
import type { RenderedStack } from './render-stack.ts';
import { requireStack } from './restart.ts';
import { exclusively, loadStack, type Session, sessionOn, withSession } from './session.ts';
import { newWatchMemory, type WatchMemory } from './watch-memory.ts';
import { newWatchNews, type Outcome, warnOf } from './watch-news.ts';

/** How long a change may take; milliseconds. */
const TIMEOUT_MS = 120_000;
/** Prometheus shows the targets of a reload that follows another one at once later and later, so they keep this distance. */
const RELOAD_DISTANCE_MS = 500;
/** Containers that were made and not started yet are part of a burst for as long as this. */
const STARTING_MS = 10_000;
const STARTING_POLL_MS = 200;
const FIRST_REPEAT_MS = 500;
const LONGEST_REPEAT_MS = 15_000;

/** Keeps targets and networks in step with the containers and monitor.yml, until it is interrupted. */
export const runWatch = (deps: Deps): Promise<StreamReport> =>
  withSession(deps, async (session) => {
    await requireStack(session);
    const memory = newWatchMemory();
    const bell = newBell(deps.signal);
    const own = new Set<string>();
    const onEvent = (event: EngineEvent): void => {
      const whose = whoseNews(event, own);
      if (whose === 'others') memory.forget(subjectOf(event));
      if (whose !== 'nobody') bell.ring();
    };
    // What happened while nobody listened is not known: with the stream, everything is compared and asked anew.
    const following = followEngine(session, onEvent, () => {
      memory.forgetAll();
      bell.ring();
    });
    followConfig(session, bell.ring);
    const tell = newWatchNews(deps.reporter);
    let round: Round | undefined;
    let failures = 0;
    let startingSince: number | undefined;
    for (;;) {
      const rang = await bell.next(round && waitAfter(round, failures, memory));
      if (rang) await settle(bell);
      if (deps.signal.aborted) break;
      if (!rang && round?.outcome === 'done' && !(await isWorthARound(round, memory))) continue;
      // By our own clock: the engine's may be another one.
      const mayWait = startingSince === undefined || Date.now() - startingSince < STARTING_MS;
      round = await keepInStep(session, { memory, own, mayWait });
      tell(round);
      startingSince = round.outcome === 'starting' ? (startingSince ?? Date.now()) : undefined;
      failures = round.outcome === 'failed' ? failures + 1 : 0;
      if (round.outcome === 'done' && round.changed) await pause(RELOAD_DISTANCE_MS, deps.signal);
    }
    await following;
    return { kind: 'stream' };
  });

/** A change of monitor.yml is one of the stack; where it cannot be followed, that is said, and the rest is. */
const followConfig = ({ deps, loaded }: Session, onChange: () => void): void => {
  try {
    followFile(loaded.path, onChange, deps.signal);
  } catch (error) {
    warnOf(deps.reporter, `changes of ${loaded.path} are seen with the next container's only (${errorText(error)})`);
  }
};

const waitAfter = ({ outcome }: Round, failures: number, memory: WatchMemory): number | undefined => {
  if (outcome === 'starting') return STARTING_POLL_MS;
  if (outcome === 'failed') return Math.min(FIRST_REPEAT_MS * 2 ** (failures - 1), LONGEST_REPEAT_MS);
  return outcome === 'stopped' ? undefined : memory.nextRetryMs();
};

/**
 * Whether there is a network to leave, or one that did not answer with metrics does now, or it takes a round to know;
 * asked without looking at the engine again.
 */
const isWorthARound = async ({ session, standing }: Done, memory: WatchMemory): Promise<boolean> => {
  if (memory.holdIsOver()) return true;
  memory.beginRetry();
  // Whatever went wrong, a whole round finds it again, and says it.
  return askAgain(session, standing, memory).catch(() => true);
};

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => undefined);

const subjectOf = ({ type, id, attributes }: EngineEvent): string =>
  type === 'container' ? id : (attributes['container'] ?? '');

/** What Prometheus's own container does with networks, and what our helpers do, is our own doing; that it ends or starts is news. */
const whoseNews = (event: EngineEvent, own: ReadonlySet<string>): 'others' | 'ours' | 'nobody' => {
  const { type, action, attributes } = event;
  if (type === 'network') return own.has(subjectOf(event)) ? 'nobody' : 'others';
  if (attributes[LABEL.stack] === undefined) return 'others';
  return attributes[LABEL.role] === 'prometheus' && (action === 'die' || action === 'start') ? 'ours' : 'nobody';
};

interface Watching {
  memory: WatchMemory;
  /** Containers of the stack, whose networks are our own doing. */
  own: Set<string>;
  /** Whether the end of a burst may be waited for. */
  mayWait: boolean;
}

/** What it came to, with what the questions between the rounds go by. */
type Done = Extract<Outcome, { outcome: 'done' }> & { changed: boolean; session: Session; standing: Standing };
type Round = Exclude<Outcome, { outcome: 'done' }> | Done;

/** One comparison, done the way `up` does it. Where it could not be made, watching goes on. */
const keepInStep = async (session: Session, watching: Watching): Promise<Round> => {
  const { deps } = session;
  watching.memory.beginRound();
  try {
    const loaded = await loadStack(deps);
    const current = sessionOn({ ...deps, reporter: silent(deps.reporter) }, loaded, session.engine);
    // The stack is looked at under its lock: a `down` elsewhere, which held it, is not undone.
    return await exclusively(current, TIMEOUT_MS, () => compare(current, watching));
  } catch (error) {
    if (deps.signal.aborted) return { outcome: 'failed' };
    if (error instanceof EngineError)
      return { outcome: 'failed', reason: `the engine refused a call: ${error.message}` };
    if (!(error instanceof MonitorError)) throw error;
    return { outcome: 'failed', reason: [error.message, ...error.detail.slice(0, 3)].join(': ') };
  }
};

const compare = async (session: Session, { memory, own, mayWait }: Watching): Promise<Round> => {
  const stack = session.loaded.config.name;
  const containers = await session.engine.listContainers();
  for (const container of containers) if (isOfStack(container, stack)) own.add(container.id);
  if (!containers.some((c) => isRunningPrometheus(c, stack))) return { outcome: 'stopped' };
  if (mayWait && containers.some((c) => !isOfAnyStack(c) && isStarting(c))) return { outcome: 'starting' };
  const { rendered, changed, notices } = await bringUp(session, {
    pull: 'missing',
    timeoutMs: TIMEOUT_MS,
    lanes: ['prometheus'],
    memory,
    hold: memory.held,
    again: memory.again,
  });
  const standing = { observed: rendered.observed, networks: networksOf(rendered, session.loaded.config.network) };
  return { outcome: 'done', targets: rendered.targets, changed, notices, session, standing };
};

/** The networks that Prometheus is on once the plan for it is done. */
const networksOf = ({ networks, targets }: RenderedStack, own: string): Set<string> =>
  new Set([own, ...networks, ...targets.flatMap((t) => t.network ?? [])]);

/** Compose makes all containers of a project before it starts the first. */
const isStarting = ({ state, created }: Container): boolean =>
  state === 'created' && Date.now() - created * 1000 < STARTING_MS;

const isRunningPrometheus = (container: Container, stack: string): boolean =>
  isOfStack(container, stack) && container.labels[LABEL.role] === 'prometheus' && container.state === 'running';

/** Its rounds are many, and their steps are not what the user watches for. */
const silent = (reporter: Reporter): Reporter => ({
  ...reporter,
  start: () => ({ update: () => {}, done: () => {}, failed: () => {} }),
});
