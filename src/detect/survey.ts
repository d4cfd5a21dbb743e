import type { Engine } from '../docker/engine.ts';
import { classify, type Verdict } from './classify.ts';
import { probe } from './probe.ts';
import type { Endpoint } from './probe-exchange.ts';
import { type Reach, type Reachable, reach } from './reach.ts';
import type { Candidate } from './types.ts';

/** Where Prometheus stands: a container in which its image's shell can ask, and the networks that it is on. */
export interface Vantage {
  container: string;
  networks: ReadonlySet<string>;
}

/** A candidate, how it is reached, and what it answered; no verdict where it was not asked. */
export interface Surveyed {
  candidate: Candidate;
  reach: Reach;
  verdict?: Verdict;
}

export interface Survey {
  surveyed: Surveyed[];
  /** Networks that the vantage was joined to for this. */
  joined: string[];
}

/** What distinguishes a candidate from all others, as long as its container lives. */
export const candidateKey = ({ container, scheme, port, metrics_path }: Candidate): string =>
  `${container.id} ${scheme} ${port} ${metrics_path}`;

/** Verdicts that still hold, for one who asks again and again: what is recalled is not asked. */
export interface VerdictMemory {
  recall: (candidate: Candidate) => Verdict | undefined;
  /** Told of each new verdict, and whether a network was joined for it; what it makes of it is its own business. */
  remember: (candidate: Candidate, verdict: Verdict, joined: boolean) => void;
}

export interface SurveyOptions {
  stackNetwork: string;
  memory?: VerdictMemory;
  /** `false`: candidates on networks that the vantage is not on are not asked. */
  join: boolean;
}

/** How each candidate is reached. Pure. */
export const reachAll = (candidates: readonly Candidate[], engine: Reachable, stackNetwork: string): Surveyed[] =>
  candidates.map((candidate) => ({ candidate, reach: reach(candidate.container, engine, stackNetwork) }));

/** Asks all candidates at once from where Prometheus stands, joining the networks that they are on. */
export const survey = async (
  engine: Engine,
  vantage: Vantage,
  candidates: readonly Candidate[],
  observed: Reachable,
  { stackNetwork, memory, join }: SurveyOptions,
): Promise<Survey> => {
  const reached = reachAll(candidates, observed, stackNetwork).map((s): Surveyed => {
    const verdict = memory?.recall(s.candidate);
    return verdict === undefined ? s : { ...s, verdict };
  });
  const open = reached.filter((s) => s.verdict === undefined && s.reach.ok);
  const missing = [...new Set(open.flatMap((s) => networkOf(s.reach) ?? []))].filter((n) => !vantage.networks.has(n));
  const joined = join ? await joinAll(engine, vantage.container, missing) : [];
  const reachable = new Set([...vantage.networks, ...joined]);
  const asked = open.filter((s) => networkOf(s.reach) === undefined || reachable.has(networkOf(s.reach) ?? ''));
  const answers = asked.length === 0 ? [] : await probe(engine, vantage.container, asked.flatMap(endpointOf));
  const verdicts = new Map(
    asked.map((s, i) => [s, classify(answers[i] ?? { body: Buffer.alloc(0), truncated: false })]),
  );
  const wanted = new Set(open);
  for (const s of open) {
    const verdict = verdicts.get(s) ?? (join ? UNJOINED : undefined);
    if (verdict !== undefined) memory?.remember(s.candidate, verdict, joined.includes(networkOf(s.reach) ?? ''));
  }
  return {
    surveyed: reached.map((s) => {
      const verdict = s.verdict ?? verdicts.get(s);
      if (verdict !== undefined) return { ...s, verdict };
      return join && wanted.has(s) ? { ...s, reach: GONE } : s;
    }),
    joined,
  };
};

const reason = 'its network is gone';
/** What could not be joined. */
const GONE: Reach = { ok: false, code: 'network-gone', reason };
/** The same for a memory: it is tried again like one that was asked. */
const UNJOINED: Verdict = { ok: false, code: 'unreachable', reason };

const networkOf = (reached: Reach): string | undefined => (reached.ok ? reached.network : undefined);

const endpointOf = ({ candidate, reach: reached }: Surveyed): Endpoint[] =>
  reached.ok
    ? [{ address: `${reached.host}:${candidate.port}`, scheme: candidate.scheme, metrics_path: candidate.metrics_path }]
    : [];

/** A network that went away in the meantime costs its candidates, and no others. */
const joinAll = async (engine: Engine, container: string, networks: readonly string[]): Promise<string[]> => {
  const joined: string[] = [];
  for (const network of networks) {
    const ok = await engine.connectNetwork(network, container, []).then(
      () => true,
      () => false,
    );
    if (ok) joined.push(network);
  }
  return joined;
};
