import { setTimeout as sleep } from 'node:timers/promises';
import type { ScrapeTarget } from '../detect/types.ts';
import { type Container, EngineError, type EngineEvent } from '../docker/engine.ts';
import { errorText, MonitorError } from '../errors.ts';
import type { StreamReport } from '../output/report.ts';
import type { Reporter } from '../output/reporter.ts';
import { isOfAnyStack, isOfStack, LABEL } from '../stack/labels.ts';
import type { ObservedEngine } from '../stack/types.ts';
import { bringUp } from './bring-up.ts';
import type { Deps } from './deps.ts';
import { askAgain } from './detection.ts';
import { requireStack } from './restart.ts';
import { exclusively, loadStack, type Session, sessionOn, withSession } from './session.ts';
import { newWatchMemory, type WatchMemory } from './watch-memory.ts';

/** How long a change may take; milliseconds. */
const TIMEOUT_MS = 120_000;
/** A burst of events is one change: it is over after this long without a further one, and never lasts longer than the second. */
const QUIET_MS = 40;
const LONGEST_BURST_MS = 400;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 10_000;

/** Prometheus shows the targets of a reload that follows another one at once later and later, so they keep this distance. */
const RELOAD_DISTANCE_MS = 500;
/** Containers that were made and not started yet are part of a burst for as long as this. */
const STARTING_MS = 10_000;
const STARTING_POLL_MS = 200;
const FIRST_REPEAT_MS = 500;
const LONGEST_REPEAT_MS = 15_000;

/** Keeps targets and networks in step with the containers, by the engine's events, until it is interrupted. */
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
    const following = follow(session, onEvent, () => {
      memory.forgetAll();
      bell.ring();
    });
    let last: Extract<Round, { outcome: 'done' }> | undefined;
    let round: Round | undefined;
    let failures = 0;
    let startingSince: number | undefined;
    for (;;) {
      const rang = await bell.next(round && waitAfter(round, failures, memory));
      if (rang) await settle(bell);
      if (deps.signal.aborted) break;
      if (!rang && round?.outcome === 'done' && !(await someAnswerNow(round, memory))) continue;
      // By our own clock: the engine's may be another one.
      const mayWait = startingSince === undefined || Date.now() - startingSince < STARTING_MS;
      round = await keepInStep(session, { memory, own, mayWait }, last?.targets);
      startingSince = round.outcome === 'starting' ? (startingSince ?? Date.now()) : undefined;
      failures = round.outcome === 'failed' ? failures + 1 : 0;
      if (round.outcome === 'stopped') last = undefined;
      if (round.outcome !== 'done') continue;
      last = round;
      if (round.changed) await pause(RELOAD_DISTANCE_MS, deps.signal);
    }
    await following;
    return { kind: 'stream' };
  });

const waitAfter = ({ outcome }: Round, failures: number, memory: WatchMemory): number | undefined => {
  if (outcome === 'starting') return STARTING_POLL_MS;
  if (outcome === 'failed') return Math.min(FIRST_REPEAT_MS * 2 ** (failures - 1), LONGEST_REPEAT_MS);
  return outcome === 'stopped' ? undefined : memory.nextRetryMs();
};

/** Whether one that did not answer does now; asked without looking at the engine again. */
const someAnswerNow = async ({ session, observed }: Extract<Round, { outcome: 'done' }>, memory: WatchMemory) => {
  memory.beginRetry();
  // Whatever went wrong, a whole round finds it again, and says it.
  return askAgain(session, observed, memory).catch(() => true);
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

/** Something that is waited for and may ring any time; a ring while nobody waits is kept. */
interface Bell {
  ring: () => void;
  /** Ends at a ring, after `timeoutMs`, or when the signal aborts. Tells whether it rang. */
  next: (timeoutMs: number | undefined) => Promise<boolean>;
}

const newBell = (signal: AbortSignal): Bell => {
  let rung = false;
  let wake = (): void => {};
  signal.addEventListener('abort', () => wake(), { once: true });
  return {
    ring: () => {
      rung = true;
      wake();
    },
    next: async (timeoutMs) => {
      if (!rung && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = timeoutMs === undefined ? undefined : setTimeout(resolve, timeoutMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      const rang = rung;
      rung = false;
      return rang;
    },
  };
};

/** Waits for the end of a burst. */
const settle = async (bell: Bell): Promise<void> => {
  const end = Date.now() + LONGEST_BURST_MS;
  while (Date.now() < end && (await bell.next(QUIET_MS)));
};

/** Listens until interrupted; a lost engine is tried again, and a full comparison follows its return. */
const follow = async (session: Session, onEvent: (event: EngineEvent) => void, compare: () => void): Promise<void> => {
  const { engine, deps } = session;
  let wait = FIRST_RETRY_MS;
  while (!deps.signal.aborted) {
    try {
      await engine.events(onEvent, deps.signal, () => {
        wait = FIRST_RETRY_MS;
        compare();
      });
    } catch (error) {
      if (deps.signal.aborted) return;
      deps.reporter.warn(`the engine is lost (${errorText(error)}); trying again in ${wait / 1000} s`);
    }
    await sleep(wait, undefined, { signal: deps.signal }).catch(() => undefined);
    wait = Math.min(wait * 2, LONGEST_RETRY_MS);
  }
};

interface Watching {
  memory: WatchMemory;
  /** Containers of the stack, whose networks are our own doing. */
  own: Set<string>;
  /** Whether the end of a burst may be waited for. */
  mayWait: boolean;
}

type Round =
  | {
      outcome: 'done';
      targets: readonly ScrapeTarget[];
      changed: boolean;
      notices: string[];
      session: Session;
      observed: ObservedEngine;
    }
  /** Prometheus does not run. */
  | { outcome: 'stopped' }
  /** Containers are being started: the burst is not over. */
  | { outcome: 'starting' }
  /** It could not be made. */
  | { outcome: 'failed' };

/** One comparison, done the way `up` does it. Why it could not be made is said, and watching goes on. */
const keepInStep = async (
  session: Session,
  watching: Watching,
  before: readonly ScrapeTarget[] | undefined,
): Promise<Round> => {
  const { deps } = session;
  const { memory } = watching;
  memory.beginRound();
  try {
    const loaded = await loadStack(deps);
    const current = sessionOn({ ...deps, reporter: silent(deps.reporter) }, loaded, session.engine);
    // The stack is looked at under its lock: a `down` elsewhere, which held it, is not undone.
    const round = await exclusively(current, TIMEOUT_MS, () => compare(current, watching));
    if (round.outcome === 'stopped') {
      const text = 'Prometheus does not run; `monitor up` starts it, and watching goes on then';
      if (memory.isNew(text)) deps.reporter.event(text, { change: 'stopped' });
    }
    if (round.outcome === 'done') {
      for (const notice of round.notices) memory.say(deps.reporter, notice);
      tell(deps.reporter, before, round.targets);
    }
    return round;
  } catch (error) {
    if (deps.signal.aborted) return { outcome: 'failed' };
    if (error instanceof EngineError) memory.say(deps.reporter, `the engine refused a call: ${error.message}`);
    else if (error instanceof MonitorError)
      memory.say(deps.reporter, [error.message, ...error.detail.slice(0, 3)].join(': '));
    else throw error;
    return { outcome: 'failed' };
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
  return { outcome: 'done', targets: rendered.targets, changed, notices, session, observed: rendered.observed };
};

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

const keyOf = ({ job, instance, metrics_path }: ScrapeTarget): string => `${job} ${instance}${metrics_path}`;

/** A line for each target that came, went or moved; at first, one for what there is. */
const tell = (
  reporter: Reporter,
  before: readonly ScrapeTarget[] | undefined,
  after: readonly ScrapeTarget[],
): void => {
  if (before === undefined) {
    reporter.event(`watching; ${after.length} targets`, { change: 'watching', targets: after.map(targetData) });
    return;
  }
  const old = new Map(before.map((t) => [keyOf(t), t]));
  const now = new Map(after.map((t) => [keyOf(t), t]));
  for (const [key, target] of now) {
    const was = old.get(key);
    if (was === undefined) say(reporter, '+', 'added', target);
    else if (was.address !== target.address) say(reporter, '~', 'moved', target);
  }
  for (const [key, target] of old) if (!now.has(key)) say(reporter, '-', 'removed', target);
};

const say = (reporter: Reporter, mark: string, change: string, target: ScrapeTarget): void =>
  reporter.event(`${mark} ${target.instance} (job ${target.job})`, { change, ...targetData(target) });

const targetData = ({ job, instance, address, metrics_path }: ScrapeTarget): object => ({
  job,
  instance,
  address,
  metrics_path,
});
