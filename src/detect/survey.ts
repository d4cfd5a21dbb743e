import type { Engine } from '../docker/engine.ts';
import type { Verdict } from './classify.ts';
import { probe } from './probe.ts';
import type { Endpoint } from './probe-exchange.ts';
import { type Reach, type Reachable, reach } from './reach.ts';
import type { Candidate } from './types.ts';

/** Where endpoints are asked from: a container with a shell, and the networks that it is on. */
export interface Vantage {
  container: string;
  networks: ReadonlySet<string>;
  /** Networks that the engine does not connect it to, with the engine's words. */
  refused: ReadonlyMap<string, string>;
}

/** A candidate, how it is reached, and what is known of it: neither verdict nor `known` where it was not asked. */
export interface Surveyed {
  candidate: Candidate;
  reach: Reach;
  verdict?: Verdict;
  /** Prometheus scrapes this very container there already: it is not asked. */
  known?: Known;
}

export interface Known {
  /** The `fallback_scrape_protocol` that it is scraped with. */
  fallback?: string;
}

/** What distinguishes a candidate from all others, as long as its container lives. */
export const candidateKey = ({ container, scheme, port, metrics_path }: Candidate): string =>
  `${container.id} ${scheme} ${port} ${metrics_path}`;

/** Verdicts that still hold, for one who asks again and again: what is recalled is not asked. */
export interface VerdictMemory {
  recall: (candidate: Candidate) => Verdict | undefined;
  /** Told of each new verdict. */
  remember: (candidate: Candidate, verdict: Verdict) => void;
}

/** How each candidate is reached, and what is known of it without asking. Pure, but for the memory's clock. */
export const beforeAsking = (
  candidates: readonly Candidate[],
  engine: Reachable,
  stackNetwork: string,
  knownOf: (candidate: Candidate, address: string) => Known | undefined = () => undefined,
  memory?: VerdictMemory,
): Surveyed[] =>
  candidates.map((candidate) => {
    const reached = reach(candidate.container, engine, stackNetwork);
    const known = reached.ok ? knownOf(candidate, addressOf(candidate, reached)) : undefined;
    return known === undefined
      ? { candidate, reach: reached, verdict: memory?.recall(candidate) }
      : { candidate, reach: reached, known };
  });

/** Those that have to be asked. */
export const unanswered = (surveyed: readonly Surveyed[]): Surveyed[] =>
  surveyed.filter((s) => s.reach.ok && s.verdict === undefined && s.known === undefined);

/** The networks on which these can be asked. */
export const networksFor = (surveyed: readonly Surveyed[]): string[] => [
  ...new Set(surveyed.flatMap((s) => (s.reach.ok ? (s.reach.network ?? []) : []))),
];

/**
 * Asks all that are not answered at once; those on a network that could not be joined come back as not reached.
 * `version`: of the Prometheus that will scrape; absent: the newest.
 */
export const survey = async (
  engine: Engine,
  { container, networks, refused }: Vantage,
  surveyed: readonly Surveyed[],
  { version, memory }: { version?: string; memory?: VerdictMemory } = {},
): Promise<Surveyed[]> => {
  const open = unanswered(surveyed);
  const asked = open.filter((s) => networksFor([s]).every((n) => networks.has(n)));
  const answers = asked.length === 0 ? [] : await probe(engine, container, asked.map(endpointOf), { version });
  const verdicts = new Map(asked.map((s, i) => [s, answers[i]?.verdict]));
  for (const s of open) memory?.remember(s.candidate, verdicts.get(s) ?? UNJOINED);
  return surveyed.map((s) => {
    const verdict = verdicts.get(s);
    if (verdict !== undefined) return { ...s, verdict };
    const [network = ''] = networksFor([s]);
    return open.includes(s) ? { ...s, reach: unjoined(network, refused.get(network)) } : s;
  });
};

const unjoined = (network: string, words: string | undefined): Reach =>
  words === undefined || /not found|no such network/i.test(words)
    ? { ok: false, code: 'network-gone', reason: 'its network does not exist any more' }
    : { ok: false, code: 'network-refused', reason: `its network ${network} cannot be joined: ${words}` };

/** For a memory: what could not be joined is tried again like one that did not answer. */
const UNJOINED: Verdict = { ok: false, code: 'unreachable', reason: 'its network cannot be joined' };

const addressOf = ({ port }: Candidate, { host }: Extract<Reach, { ok: true }>): string => `${host}:${port}`;

const endpointOf = ({ candidate, reach: reached }: Surveyed): Endpoint => ({
  address: reached.ok ? addressOf(candidate, reached) : '',
  scheme: candidate.scheme,
  metrics_path: candidate.metrics_path,
});
