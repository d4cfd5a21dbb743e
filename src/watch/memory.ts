import type { RefusalCode, Verdict } from '../detect/classify.ts';
import { candidateKey, type Surveyed, type VerdictMemory } from '../detect/survey.ts';
import type { Candidate } from '../detect/types.ts';

type Refused = Extract<Verdict, { ok: false }>;

/** A program that starts may answer like this; any other answer is likely to stay. */
const MAY_STILL_START: ReadonlySet<RefusalCode> = new Set([
  'refused',
  'reset',
  'timeout',
  'no-such-host',
  'no-answer',
  'unreachable',
  'empty',
]);

/** How often an endpoint is asked (`every`), by the milliseconds since it was asked first. */
type Pace = readonly { until: number; every: number }[];

/** While nothing answers: it may start to at any moment. */
const UNANSWERED: Pace = [
  { until: 15_000, every: 150 },
  { until: 300_000, every: 500 },
  { until: Number.POSITIVE_INFINITY, every: 60_000 },
];
/** While something else than metrics is answered: a proxy's 503, or a 404 before the routes are there, ends once the program has started. */
const ANSWERED: Pace = [
  { until: 60_000, every: 500 },
  { until: 300_000, every: 5000 },
  { until: Number.POSITIVE_INFINITY, every: 60_000 },
];
/** An endpoint that times out holds up the others of its round, so it is asked seldom. */
const AFTER_TIMEOUT_MS = 10_000;
/** How long the network of an endpoint is kept that does not answer, or answers something else. */
const WAIT_UNANSWERED_MS = 300_000;
const WAIT_ANSWERED_MS = 60_000;
/** How long the others of a burst are waited for, and how often they are asked. */
const BURST_MS = 1000;
const BURST_PAUSE_MS = 160;

interface Remembered {
  verdict: Verdict;
  /** Unix milliseconds; the verdict holds until then. */
  until: number;
}

export type WatchMemory = ReturnType<typeof newWatchMemory>;

/** What a watch remembers between its rounds: which endpoints answered with metrics, and which may yet. */
export const newWatchMemory = () => {
  const verdicts = new Map<string, Remembered>();
  const firstAsked = new Map<string, number>();
  const ageOf = ({ container }: Candidate): number => Date.now() - (firstAsked.get(container.id) ?? Date.now());
  const known: VerdictMemory = {
    recall: (candidate) => {
      const found = verdicts.get(candidateKey(candidate));
      return found !== undefined && found.until > Date.now() ? found.verdict : undefined;
    },
    remember: (candidate, verdict) => {
      if (!firstAsked.has(candidate.container.id)) firstAsked.set(candidate.container.id, Date.now());
      const until = verdict.ok ? Number.POSITIVE_INFINITY : Date.now() + pause(verdict, ageOf(candidate));
      verdicts.set(candidateKey(candidate), { verdict, until });
    },
  };
  return {
    ...known,
    /** Something happened to a container: it is asked again. */
    forget: (containerId: string): void => {
      firstAsked.delete(containerId);
      for (const key of verdicts.keys()) if (key.startsWith(`${containerId} `)) verdicts.delete(key);
    },
    /** Anything may have happened: all are asked again. */
    forgetAll: (): void => {
      firstAsked.clear();
      verdicts.clear();
    },
    /** Only these are remembered from now on, without those that Prometheus scrapes: all others have gone. */
    retain: (surveyed: readonly Surveyed[]): void => {
      const left = new Set(surveyed.filter((s) => s.known === undefined).map((s) => candidateKey(s.candidate)));
      for (const key of verdicts.keys()) if (!left.has(key)) verdicts.delete(key);
    },
    /** Milliseconds until an endpoint is to be asked again; `undefined` where none is. */
    nextRetryMs: (): number | undefined => {
      const next = Math.min(...[...verdicts.values()].map((v) => v.until));
      return next === Number.POSITIVE_INFINITY ? undefined : Math.max(0, next - Date.now());
    },
    /** The networks of endpoints that may still begin to answer. */
    waitedFor: (surveyed: readonly Surveyed[]): Set<string> =>
      new Set(
        surveyed.flatMap(({ candidate, reach, verdict }) =>
          verdict?.ok === false && reach.ok && ageOf(candidate) < waitMs(verdict) ? (reach.network ?? []) : [],
        ),
      ),
    /**
     * Milliseconds after which those that do not answer yet are to be asked again before anything is done: where several
     * containers start at once, the last of them is not worth a reload of its own. `undefined`: at once.
     */
    again: (surveyed: readonly Surveyed[]): number | undefined => {
      const young = surveyed.filter(({ candidate }) => ageOf(candidate) < BURST_MS);
      const containers = new Set(young.map(({ candidate }) => candidate.container.id));
      return containers.size > 1 && young.some(mayStillAnswer) ? BURST_PAUSE_MS : undefined;
    },
  };
};

const mayStillAnswer = ({ verdict }: Surveyed): boolean =>
  verdict?.ok === false && verdict.code !== 'timeout' && MAY_STILL_START.has(verdict.code);

const waitMs = ({ code }: Refused): number => (MAY_STILL_START.has(code) ? WAIT_UNANSWERED_MS : WAIT_ANSWERED_MS);

const pause = ({ code }: Refused, age: number): number => {
  if (code === 'timeout') return AFTER_TIMEOUT_MS;
  const pace = MAY_STILL_START.has(code) ? UNANSWERED : ANSWERED;
  return pace.find((p) => age < p.until)?.every ?? 0;
};
