import type { Engine } from '../docker/engine.ts';
import { classify, type Verdict } from './classify.ts';
import { splitAddress } from './place.ts';
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
/** Endpoints asked at once; bounds the processes in the container. */
const BATCH = 100;
/** Go's net/http stops after as many. */
const MAX_REDIRECTS = 10;

export interface ProbeOptions {
  /** That one endpoint has for its answer; 2 where absent. */
  seconds?: number;
  /** Of Prometheus, as which is asked; the newest where absent. */
  version?: string;
}

/** An answer, and what that version of Prometheus makes of it. */
export interface Probed extends ProbeAnswer {
  verdict: Verdict;
}

/**
 * Asks every endpoint for its metrics from inside a container, over the networks that it is on, as Prometheus does. All of
 * a batch are asked at once by one command; redirects are followed as Prometheus follows them; what may check the Host header
 * or speak HTTP/2 alone is asked a second time. Fails with `no-shell` where the image has no shell to ask with.
 */
export const probe = (
  engine: Engine,
  container: string,
  endpoints: readonly Endpoint[],
  { seconds = TIMEOUT_SECONDS, version }: ProbeOptions = {},
): Promise<Probed[]> => {
  const hear = gathered(async (questions) => {
    const heard: Heard[] = [];
    for (let n = 0; n < questions.length; n += BATCH)
      heard.push(...(await hearAll(engine, container, questions.slice(n, n + BATCH), seconds)));
    return heard;
  });
  const ask: Ask = async (question) => {
    const answer = interpret(question.endpoint, await hear(question));
    return answer.error === 'timeout' ? { ...answer, waited: seconds } : answer;
  };
  return Promise.all(endpoints.map((endpoint) => probeOne(ask, endpoint, version)));
};

type Ask = (question: Question) => Promise<ProbeAnswer>;

const NOTHING: Heard = { bytes: Buffer.alloc(0), code: 1, words: '' };

/** All questions that come up in one turn of the event loop are asked together. */
const gathered = (askAll: (questions: readonly Question[]) => Promise<Heard[]>) => {
  let questions: Question[] = [];
  let heard: Promise<Heard[]> | undefined;
  const flush = (): Promise<Heard[]> => {
    const all = questions;
    [questions, heard] = [[], undefined];
    return askAll(all);
  };
  return async (question: Question): Promise<Heard> => {
    const n = questions.push(question) - 1;
    heard ??= new Promise(setImmediate).then(flush);
    return (await heard)[n] ?? NOTHING;
  };
};

const hearAll = (
  engine: Engine,
  container: string,
  questions: readonly Question[],
  seconds: number,
): Promise<Heard[]> => {
  const plain = questions.filter(({ endpoint }) => endpoint.scheme === 'http');
  const overTcp = plain.length === 0 ? [] : askPlain(engine, container, plain, seconds);
  return Promise.all(
    questions.map(async (question) => {
      if (question.endpoint.scheme === 'http') return (await overTcp)[plain.indexOf(question)] ?? NOTHING;
      // Node's TLS takes as long to load as all of an answer, and is seldom needed.
      const { askTls } = await import('./probe-tls.ts');
      return askTls(engine, container, question, seconds);
    }),
  );
};

const probeOne = async (ask: Ask, endpoint: Endpoint, version: string | undefined): Promise<Probed> => {
  const answer = await followRedirects(ask, endpoint, version);
  const verdict = classify(answer, { version });
  if (mayBeHttp2(answer, endpoint)) {
    const { error } = await ask({ endpoint, request: HTTP2_PREFACE });
    if (error !== 'http2') return { ...answer, verdict };
    return { ...answer, error, verdict: classify({ ...answer, error }, { version }) };
  }
  if (verdict.ok || !mayCheckHost(answer, endpoint)) return { ...answer, verdict };
  const asLocalhost = await ask({ endpoint, request: requestFor(endpoint, version, 'localhost') });
  return { ...answer, asLocalhost, verdict: classify({ ...answer, asLocalhost }, { version }) };
};

/** It hung up without a byte. */
const mayBeHttp2 = ({ error, status, body }: ProbeAnswer, { scheme }: Endpoint): boolean =>
  scheme === 'http' && error === 'reset' && status === undefined && body.length === 0;

/** What servers answer to a Host that they do not know; a WWW-Authenticate says what else is missing. */
const HOST_STATUSES: ReadonlySet<number | undefined> = new Set([200, 400, 401, 403, 404, 421]);

const mayCheckHost = ({ status, error, redirectedTo, authenticate }: ProbeAnswer, { address }: Endpoint): boolean =>
  HOST_STATUSES.has(status) &&
  error === undefined &&
  redirectedTo === undefined &&
  authenticate === undefined &&
  !/^localhost:/i.test(address);

const followRedirects = async (ask: Ask, first: Endpoint, version: string | undefined): Promise<ProbeAnswer> => {
  const visited = new Set([urlOf(first)]);
  let answer = await ask({ endpoint: first, request: requestFor(first, version) });
  for (let at = first; ; ) {
    const to = redirectOf(answer, at);
    if (to === undefined) return answer;
    const redirectedTo = urlOf(to);
    if (visited.size > MAX_REDIRECTS || visited.has(redirectedTo)) return { ...answer, error: 'redirect-loop' };
    visited.add(redirectedTo);
    answer = { ...(await ask({ endpoint: to, request: requestFor(to, version) })), redirectedTo, url: urlOf(first) };
    at = to;
  }
};

/** Those that Go's net/http follows. */
const REDIRECTS: ReadonlySet<number | undefined> = new Set([301, 302, 303, 307, 308]);

const redirectOf = ({ status, error, detail }: ProbeAnswer, from: Endpoint): Endpoint | undefined => {
  if (!REDIRECTS.has(status) || error !== undefined || detail === undefined) return undefined;
  if (!URL.canParse(detail, urlOf(from))) return undefined;
  const to = new URL(detail, urlOf(from));
  if (to.protocol !== 'http:' && to.protocol !== 'https:') return undefined;
  const scheme = to.protocol === 'http:' ? 'http' : 'https';
  const port = to.port || (scheme === 'http' ? '80' : '443');
  // URL makes a host small, and the engine tells capital letters in names apart.
  const isSameHost = to.hostname === new URL(urlOf(from)).hostname;
  const host = isSameHost ? splitAddress(from.address).host : to.hostname;
  return { address: `${host}:${port}`, scheme, metrics_path: `${to.pathname}${to.search}` };
};
