import type { RefusalCode } from '../detect/classify.ts';
import type { Evidence } from './evidence.ts';
import { readScrapeError, type ScrapeErrorKind } from './scrape-error.ts';

export type Kind = RefusalCode | ScrapeErrorKind;

/** What is wrong with a target, in one word, and what of Prometheus's words matters. */
export interface Wrong {
  kind: Kind;
  detail?: string;
}

/** What may have passed since the last scrape. Whatever else Prometheus says holds until something is changed. */
const PASSING: ReadonlySet<Kind> = new Set([
  'no-such-host',
  'dns',
  'refused',
  'timeout',
  'unreachable',
  'reset',
  'redirect-loop',
  'unauthorized',
  'not-found',
  'http-status',
]);

export const passes = (kind: Kind): boolean => PASSING.has(kind);

/** Prometheus could not read the answer; what a fresh one shows beyond that is more exact. */
const UNREAD: ReadonlySet<Kind> = new Set([
  'content-type',
  'repeated-label',
  'no-eof',
  'not-utf8',
  'bom',
  'compressed',
  'http2',
  'bad-headers',
  'not-http',
  'not-metrics',
]);
const MORE_EXACT: ReadonlySet<Kind> = new Set([
  ...[...UNREAD].filter((kind) => kind !== 'not-http'),
  'host-refused',
  'html',
  'json-string',
  'empty',
  'broken-metrics',
  'tls',
]);

/**
 * What is wrong: Prometheus's own word where that is about the answer, a header or a file, whatever a fresh request brought;
 * else the fresh request's, which is newer. `undefined`: the fresh request went well, or nothing is known. Pure.
 */
export const wrongOf = ({ answer, error }: Pick<Evidence, 'answer' | 'error'>): Wrong | undefined => {
  const said = readScrapeError(error ?? '');
  const heard = answer?.ok === false ? answer.code : undefined;
  if (said !== undefined && !passes(said.kind)) {
    const isMoreExact = heard !== undefined && UNREAD.has(said.kind) && MORE_EXACT.has(heard);
    return isMoreExact ? { kind: heard, detail: said.detail } : said;
  }
  if (heard !== undefined) return { kind: heard, detail: said?.kind === heard ? said.detail : undefined };
  return answer?.ok === true ? undefined : said;
};

const CREDENTIALS = ['basic_auth', 'authorization', 'oauth2', 'bearer_token', 'bearer_token_file', 'http_headers'];

/** Whether Prometheus has credentials for a job, which a fresh request has not. */
export const hasCredentials = (scrapeConfig: Evidence['scrapeConfig']): boolean =>
  CREDENTIALS.some((key) => scrapeConfig?.[key] !== undefined);
