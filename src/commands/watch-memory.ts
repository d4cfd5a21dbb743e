import type { RefusalCode, Verdict } from '../detect/classify.ts';
import { candidateKey, type Surveyed, type VerdictMemory } from '../detect/survey.ts';
import type { Candidate } from '../detect/types.ts';

/** What a watch remembers between its rounds: who answered with metrics, and who may yet. */
export interface WatchMemory extends VerdictMemory {
  /** Something happened to a container: it is asked again. */
  forget: (containerId: string) => void;
  /** Anything may have happened: all are asked again. */
  forgetAll: () => void;
  beginRound: () => void;
  /** Between rounds: those whose time has come are asked again. */
  beginRetry: () => void;
  /** Milliseconds until somebody is to be asked again, or a network to be left; `undefined` where there is nothing to wait for. */
  nextRetryMs: () => number | undefined;
  /** The networks on which somebody is still waited for. */
  held: (surveyed: readonly Surveyed[]) => string[];
  /** Whether one of those networks has been held for long enough. */
  holdIsOver: () => boolean;
  /**
   * Milliseconds after which those that do not answer yet are to be asked again before anything is done: where several
   * containers start at once, the last of them is not worth a reload of its own. `undefined`: at once.
   */
  again: (surveyed: readonly Surveyed[]) => number | undefined;
}

/** A program that starts may answer like this; any other answer is one that it has made up its mind to, if only for now. */
const MAY_STILL_START: ReadonlySet<RefusalCode> = new Set([
  'refused',
  'reset',
  'timeout',
  'no-such-host',
  'no-answer',
  'unreachable',
  'empty',
]);

/** How often a container is asked, by the milliseconds since it was asked first. */
type Pace = readonly { until: number; every: number }[];

/** While nothing answers: it may start to at any moment. */
const UNANSWERED: Pace = [
  { until: 15_000, every: 150 },
  { until: 300_000, every: 500 },
  { until: Number.POSITIVE_INFINITY, every: 15_000 },
];
/** While something else than metrics is answered: a proxy's 503, or a 404 before the routes are there, ends when the program has started. */
const ANSWERED: Pace = [
  { until: 60_000, every: 500 },
  { until: 300_000, every: 5000 },
  { until: Number.POSITIVE_INFINITY, every: 60_000 },
];
/** Where each question takes a network that is joined for it, nobody old is asked more often than this. */
const JOINING_MS = 60_000;
/** An endpoint that lets everyone wait holds up the others of its round, so it is asked seldom. */
const AFTER_TIMEOUT_MS = 10_000;
/** Beyond these ages no network is kept for a container that does not answer, or answers something else. */
const HOLD_UNANSWERED_MS = 300_000;
const HOLD_ANSWERED_MS = 60_000;
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
  let retryAt: number | undefined;
  let holdEnds: number | undefined;

  const ageOf = (candidate: Candidate): number => Date.now() - (firstAsked.get(candidate.container.id) ?? Date.now());

  return {
    recall: (candidate) => {
      const known = verdicts.get(candidateKey(candidate));
      if (known === undefined) return undefined;
      if (known.until > Date.now()) {
        if (known.until !== Number.POSITIVE_INFINITY) retryAt = earlier(retryAt, known.until);
        return known.verdict;
      }
      return undefined;
    },
    remember: (candidate, verdict, joined) => {
      if (!firstAsked.has(candidate.container.id)) firstAsked.set(candidate.container.id, Date.now());
      const until = verdict.ok ? Number.POSITIVE_INFINITY : Date.now() + pause(verdict, ageOf(candidate), joined);
      verdicts.set(candidateKey(candidate), { verdict, until });
      if (until !== Number.POSITIVE_INFINITY) retryAt = earlier(retryAt, until);
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
      holdEnds = undefined;
    },
    nextRetryMs: () => {
      const next = earlier(retryAt, holdEnds);
      return next === undefined ? undefined : Math.max(0, next - Date.now());
    },
    held: (surveyed) =>
      surveyed.flatMap(({ candidate, reach, verdict }) => {
        if (verdict?.ok !== false || !reach.ok || reach.network === undefined) return [];
        const left = holdMs(verdict) - ageOf(candidate);
        if (left <= 0) return [];
        holdEnds = earlier(holdEnds, Date.now() + left);
        return [reach.network];
      }),
    holdIsOver: () => holdEnds !== undefined && holdEnds <= Date.now(),
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
  };
};

type Refused = Extract<Verdict, { ok: false }>;

const earlier = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);

const mayStillAnswer = ({ verdict }: Surveyed): boolean =>
  verdict?.ok === false && verdict.code !== 'timeout' && MAY_STILL_START.has(verdict.code);

const holdMs = ({ code }: Refused): number => (MAY_STILL_START.has(code) ? HOLD_UNANSWERED_MS : HOLD_ANSWERED_MS);

const pause = ({ code }: Refused, age: number, joined: boolean): number => {
  const pace = MAY_STILL_START.has(code) ? UNANSWERED : ANSWERED;
  const every = code === 'timeout' ? AFTER_TIMEOUT_MS : (pace.find((p) => age < p.until)?.every ?? JOINING_MS);
  return joined && age >= HOLD_UNANSWERED_MS ? Math.max(every, JOINING_MS) : every;
};
