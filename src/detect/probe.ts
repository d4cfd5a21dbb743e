import type { Engine } from '../docker/engine.ts';
import { classify } from './classify.ts';
import {
  type Endpoint,
  type Heard,
  HTTP2_PREFACE,
  interpret,
  type ProbeAnswer,
  type Question,
  requestFor,
  urlOf,
} from './probe-exchange.ts';
import { askPlain } from './probe-plain.ts';

/** Seconds that one endpoint has for its answer. */
const TIMEOUT_SECONDS = 2;
/** Endpoints asked by one command, all at once; bounds the processes in the container. */
const BATCH = 100;
/** Go's net/http stops after as many. */
const MAX_REDIRECTS = 10;

export interface ProbeOptions {
  /** That one endpoint has for its answer; 2 where absent. */
  seconds?: number;
  /** Of Prometheus, as which is asked; the newest where absent. */
  version?: string;
}

/**
 * Asks every endpoint for its metrics from inside a container, over the networks that it is on, as Prometheus does. All of
 * a batch are asked at once by one command; redirects are followed as Prometheus follows them; what may check the Host header
 * or speak HTTP/2 alone is asked a second time. Fails with `no-shell` where the image has no shell to ask with.
 */
export const probe = async (
  engine: Engine,
  container: string,
  endpoints: readonly Endpoint[],
  { seconds = TIMEOUT_SECONDS, version }: ProbeOptions = {},
): Promise<ProbeAnswer[]> => {
  const ask: Ask = (questions) => askAll(engine, container, questions, seconds);
  const askPlainly: AskEndpoints = (asked) =>
    ask(asked.map((endpoint) => ({ endpoint, request: requestFor(endpoint, version) })));
  const first = endpoints.map((endpoint): Hop => ({ endpoint, seen: new Set([urlOf(endpoint)]) }));
  const answers = await followRedirects(askPlainly, first, await askPlainly(endpoints));
  const sure = await askAgain(ask, endpoints, answers, version);
  return sure.map((answer) => (answer.error === 'timeout' ? { ...answer, waited: seconds } : answer));
};

type Ask = (questions: readonly Question[]) => Promise<ProbeAnswer[]>;
type AskEndpoints = (endpoints: readonly Endpoint[]) => Promise<ProbeAnswer[]>;

const askAll = async (
  engine: Engine,
  container: string,
  questions: readonly Question[],
  seconds: number,
): Promise<ProbeAnswer[]> => {
  const plain = questions.filter(({ endpoint }) => endpoint.scheme === 'http');
  const secure = questions.filter(({ endpoint }) => endpoint.scheme === 'https');
  const [overTcp, overTls] = await Promise.all([
    askInBatches(engine, container, plain, seconds),
    secure.length === 0 ? [] : askAllOverTls(engine, container, secure, seconds),
  ]);
  const heard = new Map([
    ...plain.map((q, n) => [q, overTcp[n]] as const),
    ...secure.map((q, n) => [q, overTls[n]] as const),
  ]);
  return Promise.all(
    questions.map((q) => interpret(q.endpoint, heard.get(q) ?? { bytes: Buffer.alloc(0), code: 1, words: '' })),
  );
};

/** Node's TLS takes as long to load as all of an answer, and is seldom needed. */
const askAllOverTls = async (
  engine: Engine,
  container: string,
  questions: readonly Question[],
  seconds: number,
): Promise<Heard[]> => {
  const { askTls } = await import('./probe-tls.ts');
  return Promise.all(questions.map((question) => askTls(engine, container, question, seconds)));
};

const askInBatches = async (
  engine: Engine,
  container: string,
  questions: readonly Question[],
  seconds: number,
): Promise<Heard[]> => {
  const heard: Heard[] = [];
  for (let i = 0; i < questions.length; i += BATCH) {
    heard.push(...(await askPlain(engine, container, questions.slice(i, i + BATCH), seconds)));
  }
  return heard;
};

/** The second question that settles what an answer leaves open; of most answers there is none. */
const askAgain = async (
  ask: Ask,
  endpoints: readonly Endpoint[],
  answers: readonly ProbeAnswer[],
  version: string | undefined,
): Promise<ProbeAnswer[]> => {
  const open = answers.map((answer, n): Question | undefined => {
    const endpoint = endpoints[n];
    if (endpoint === undefined) return undefined;
    if (mayBeHttp2(answer, endpoint)) return { endpoint, request: HTTP2_PREFACE };
    if (mayCheckHost(answer, endpoint, version))
      return { endpoint, request: requestFor(endpoint, version, 'localhost') };
    return undefined;
  });
  const questions = open.filter((question) => question !== undefined);
  const second = questions.length === 0 ? [] : await ask(questions);
  const told = new Map(questions.map((question, n) => [question, second[n]]));
  return answers.map((answer, n) => {
    const question = open[n];
    const again = question === undefined ? undefined : told.get(question);
    if (again === undefined) return answer;
    if (question?.request === HTTP2_PREFACE) return again.error === 'http2' ? { ...answer, error: 'http2' } : answer;
    return { ...answer, asLocalhost: again };
  });
};

/** It hung up without a byte. */
const mayBeHttp2 = ({ error, status, body }: ProbeAnswer, { scheme }: Endpoint): boolean =>
  scheme === 'http' && error === 'reset' && status === undefined && body.length === 0;

/** What servers answer to a Host that they do not know; a WWW-Authenticate says what else is missing. */
const HOST_STATUSES: ReadonlySet<number> = new Set([400, 401, 403, 404, 421]);

const mayCheckHost = (answer: ProbeAnswer, { address }: Endpoint, version: string | undefined): boolean => {
  const { status, error, redirectedTo, authenticate } = answer;
  if (status === undefined || error !== undefined || redirectedTo !== undefined) return false;
  if (authenticate !== undefined || /^localhost:/i.test(address)) return false;
  return status === 200 ? !classify(answer, { version }).ok : HOST_STATUSES.has(status);
};

/** An endpoint where a question has got to, and all on the way there. */
interface Hop {
  endpoint: Endpoint;
  seen: ReadonlySet<string>;
}

const followRedirects = async (
  ask: AskEndpoints,
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
  const there = moved.length === 0 ? [] : await ask(moved.map((hop) => hop.endpoint));
  const followed = moved.length === 0 ? [] : await followRedirects(ask, moved, there);
  return answers.map((answer, n) => {
    const hop = next[n];
    if (hop === 'loops') return { ...answer, error: 'redirect-loop' };
    if (typeof hop !== 'object') return answer;
    return { redirectedTo: urlOf(hop.endpoint), ...(followed.shift() ?? answer), url: answer.url };
  });
};

/** Those that Go's net/http follows. */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

const redirectOf = (answer: ProbeAnswer | undefined, from: Endpoint): Endpoint | undefined => {
  if (answer?.status === undefined || !REDIRECTS.has(answer.status) || answer.error !== undefined) return undefined;
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
