import type { RefusalCode, Verdict } from '../detect/classify.ts';
import { candidateKey, type Surveyed, type VerdictMemory } from '../detect/survey.ts';
import type { Candidate } from '../detect/types.ts';
import type { Reporter } from '../output/reporter.ts';

/** What a watch remembers between its rounds: who answered, who will never, and who may yet. */
export interface WatchMemory extends VerdictMemory {
  /** Something happened to a container: it is asked again. */
  forget: (containerId: string) => void;
  /** Anything may have happened: all are asked again. */
  forgetAll: () => void;
  beginRound: () => void;
  /** Between rounds: those whose time has come are asked again. */
  beginRetry: () => void;
  /** Milliseconds until those that have not answered yet are to be asked again; `undefined` where all have. */
  nextRetryMs: () => number | undefined;
  /** The networks on which somebody is still waited for. */
  held: (surveyed: readonly Surveyed[]) => string[];
  /**
   * Milliseconds after which those that do not answer yet are to be asked again before anything is done: where several
   * containers start at once, the last of them is not worth a reload of its own. `undefined`: at once.
   */
  again: (surveyed: readonly Surveyed[]) => number | undefined;
  /** Warns, but not in every round of the same. */
  say: (reporter: Reporter, text: string) => void;
  /** Whether a text was not said in the round before, nor in this one; it counts as said. */
  isNew: (text: string) => boolean;
}

/** A program that starts may answer like this; with any other answer it has made up its mind. */
const MAY_STILL_START: ReadonlySet<RefusalCode> = new Set([
  'refused',
  'reset',
  'timeout',
  'no-such-host',
  'no-answer',
  'unreachable',
  'empty',
]);

/** How often a container that does not answer yet is asked, by its age in milliseconds. */
const PATIENCE: readonly { until: number; every: number }[] = [
  { until: 15_000, every: 150 },
  { until: 300_000, every: 1000 },
  { until: Number.POSITIVE_INFINITY, every: 15_000 },
];
/** An endpoint that lets everyone wait holds up the others of its round, so it is asked seldom. */
const AFTER_TIMEOUT_MS = 10_000;
/** Beyond this age no network is kept for a container that does not answer. */
const HOLD_MS = 300_000;
/** How long the others of a burst are waited for, and how often they are asked. */
const BURST_MS = 1000;
const BURST_PAUSE_MS = 160;

interface Remembered {
  verdict: Verdict;
  /** Unix milliseconds; the verdict holds until then. */
  until: number;
}

export const newWatchMemory = (): WatchMemory => {
  const verdicts = new Map<string, Remembered>();
  const firstAsked = new Map<string, number>();
  let saidBefore = new Set<string>();
  let said = new Set<string>();
  let retryAt: number | undefined;

  const ageOf = (candidate: Candidate): number => Date.now() - (firstAsked.get(candidate.container.id) ?? Date.now());

  const isNew = (text: string): boolean => {
    const known = said.has(text) || saidBefore.has(text);
    said.add(text);
    return !known;
  };

  return {
    recall: (candidate) => {
      const known = verdicts.get(candidateKey(candidate));
      if (known === undefined) return undefined;
      if (known.until > Date.now()) {
        if (known.until !== Number.POSITIVE_INFINITY) retryAt = Math.min(retryAt ?? known.until, known.until);
        return known.verdict;
      }
      return undefined;
    },
    remember: (candidate, verdict) => {
      if (!firstAsked.has(candidate.container.id)) firstAsked.set(candidate.container.id, Date.now());
      const until =
        verdict.ok || !MAY_STILL_START.has(verdict.code)
          ? Number.POSITIVE_INFINITY
          : Date.now() + pause(verdict, ageOf(candidate));
      verdicts.set(candidateKey(candidate), { verdict, until });
      if (until !== Number.POSITIVE_INFINITY) retryAt = Math.min(retryAt ?? until, until);
    },
    forget: (containerId) => {
      firstAsked.delete(containerId);
      for (const key of verdicts.keys()) if (key.startsWith(`${containerId} `)) verdicts.delete(key);
    },
    forgetAll: () => {
      firstAsked.clear();
      verdicts.clear();
    },
    beginRetry: () => {
      retryAt = undefined;
    },
    beginRound: () => {
      retryAt = undefined;
      saidBefore = said;
      said = new Set();
    },
    nextRetryMs: () => (retryAt === undefined ? undefined : Math.max(0, retryAt - Date.now())),
    held: (surveyed) =>
      surveyed.flatMap(({ candidate, reach, verdict }) => {
        const waiting = verdict?.ok === false && MAY_STILL_START.has(verdict.code) && ageOf(candidate) < HOLD_MS;
        return waiting && reach.ok && reach.network !== undefined ? [reach.network] : [];
      }),
    again: (surveyed) => {
      const young = new Set(
        surveyed
          .map((s) => s.candidate)
          .filter((c) => ageOf(c) < BURST_MS)
          .map((c) => c.container.id),
      );
      if (young.size < 2) return undefined;
      const waiting = surveyed.some((s) => young.has(s.candidate.container.id) && mayStillAnswer(s));
      return waiting ? BURST_PAUSE_MS : undefined;
    },
    say: (reporter, text) => {
      if (isNew(text)) reporter.warn(text);
    },
    isNew,
  };
};

const mayStillAnswer = ({ verdict }: Surveyed): boolean =>
  verdict?.ok === false && verdict.code !== 'timeout' && MAY_STILL_START.has(verdict.code);

const pause = (verdict: Extract<Verdict, { ok: false }>, age: number): number =>
  verdict.code === 'timeout' ? AFTER_TIMEOUT_MS : (PATIENCE.find((p) => age < p.until)?.every ?? AFTER_TIMEOUT_MS);
