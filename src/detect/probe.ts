import type { Engine } from '../docker/engine.ts';
import { type Endpoint, type ProbeAnswer, requestFor, urlOf } from './probe-exchange.ts';
import { askPlain } from './probe-plain.ts';
import { probeTls } from './probe-tls.ts';

/** Seconds that one endpoint has for its answer. */
const TIMEOUT_SECONDS = 2;
/** Endpoints asked by one command, all at once; bounds the processes in the Prometheus container. */
const BATCH = 100;
const MAX_REDIRECTS = 5;

/**
 * Asks every endpoint for its metrics from inside the Prometheus container, over the network that it will be scraped on.
 * All of a batch are asked at once by one command; an answer that redirects is followed as Prometheus would.
 * Fails with `no-shell` where the image has no shell to ask with.
 */
export const probe = async (
  engine: Engine,
  container: string,
  endpoints: readonly Endpoint[],
  seconds = TIMEOUT_SECONDS,
): Promise<ProbeAnswer[]> => {
  const askAll: Ask = (asked) => ask(engine, container, asked, seconds);
  const first = endpoints.map((endpoint): Hop => ({ endpoint, seen: new Set([urlOf(endpoint)]) }));
  const answers = await followRedirects(askAll, first, await askAll(endpoints));
  return answers.map((answer) => (answer.error === 'timeout' ? { ...answer, waited: seconds } : answer));
};

type Ask = (endpoints: readonly Endpoint[]) => Promise<ProbeAnswer[]>;

const ask = async (
  engine: Engine,
  container: string,
  endpoints: readonly Endpoint[],
  seconds: number,
): Promise<ProbeAnswer[]> => {
  const [plain, secure] = await Promise.all([
    askInBatches(
      engine,
      container,
      endpoints.filter((e) => e.scheme === 'http'),
      seconds,
    ),
    Promise.all(
      endpoints
        .filter((e) => e.scheme === 'https')
        .map((e) => probeTls(engine, container, e, seconds * 1000, requestFor(e))),
    ),
  ]);
  return endpoints.map(
    (e) =>
      (e.scheme === 'http' ? plain : secure).shift() ?? { url: urlOf(e), body: '', truncated: false, error: 'other' },
  );
};

const askInBatches = async (
  engine: Engine,
  container: string,
  endpoints: readonly Endpoint[],
  seconds: number,
): Promise<ProbeAnswer[]> => {
  const answers: ProbeAnswer[] = [];
  for (let i = 0; i < endpoints.length; i += BATCH) {
    answers.push(...(await askPlain(engine, container, endpoints.slice(i, i + BATCH), seconds)));
  }
  return answers;
};

/** An endpoint where a question has got to, and all on the way there. */
interface Hop {
  endpoint: Endpoint;
  seen: ReadonlySet<string>;
}

const followRedirects = async (
  askAll: Ask,
  hops: readonly Hop[],
  answers: readonly ProbeAnswer[],
): Promise<ProbeAnswer[]> => {
  const next = hops.map(({ endpoint, seen }, n): Hop | 'stays' | 'loops' => {
    const to = redirectOf(answers[n], endpoint);
    if (to === undefined) return 'stays';
    return seen.size > MAX_REDIRECTS || seen.has(urlOf(to))
      ? 'loops'
      : { endpoint: to, seen: new Set([...seen, urlOf(to)]) };
  });
  const moved = next.filter((hop) => typeof hop === 'object');
  const there = moved.length === 0 ? [] : await askAll(moved.map((hop) => hop.endpoint));
  const followed = moved.length === 0 ? [] : await followRedirects(askAll, moved, there);
  return answers.map((answer, n) => {
    const hop = next[n];
    if (hop === 'loops') return { ...answer, error: 'redirect-loop' };
    if (typeof hop !== 'object') return answer;
    return { redirectedTo: urlOf(hop.endpoint), ...(followed.shift() ?? answer), url: answer.url };
  });
};

const redirectOf = (answer: ProbeAnswer | undefined, from: Endpoint): Endpoint | undefined => {
  if (answer?.status === undefined || answer.status < 300 || answer.status > 399 || answer.error !== undefined)
    return undefined;
  if (answer.detail === undefined || !URL.canParse(answer.detail, urlOf(from))) return undefined;
  const to = new URL(answer.detail, urlOf(from));
  if (to.protocol !== 'http:' && to.protocol !== 'https:') return undefined;
  const scheme = to.protocol === 'http:' ? 'http' : 'https';
  const port = to.port || (scheme === 'http' ? '80' : '443');
  // URL makes a host small, and the engine tells capital letters in names apart.
  const isSameHost = to.hostname === new URL(urlOf(from)).hostname;
  const host = isSameHost ? from.address.slice(0, from.address.lastIndexOf(':')) : to.hostname;
  return { address: `${host}:${port}`, scheme, metrics_path: `${to.pathname}${to.search}` };
};
