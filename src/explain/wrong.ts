import type { RefusalCode } from '../detect/classify.ts';
import type { Evidence, Finding } from './evidence.ts';

/** What is wrong with a target, in one word, and what of Prometheus's words matters. */
export interface Wrong {
  kind: Kind;
  /** The HTTP status, the Content-Type, the certificate's fault, the limit's numbers, the file. */
  detail?: string;
}

/** By a fresh request, or by what Prometheus's `lastError` says; stable. */
export type Kind = RefusalCode | (typeof WORDS)[number][1];

/**
 * What follows from one kind of fault, whose name is the code where there is no other; `undefined` where it explains nothing
 * by itself. `detail`: of Prometheus's words.
 */
export type Cause = (
  evidence: Evidence,
  detail: string | undefined,
) => (Omit<Finding, 'code'> & { code?: string }) | undefined;

export type Causes = Partial<Record<Kind, Cause>>;

/**
 * How far Prometheus's word holds against what a fresh request brings: `passing`, it may be over since the last scrape;
 * `unread`, it could not read the answer, of which a fresh one may show more; `lasting`, until something is changed.
 */
type Holds = 'passing' | 'unread' | 'lasting';

/**
 * The first that matches counts; a group is the detail. Sources: what Prometheus 2.42.0 and 3.13.2 answered at
 * `/api/v1/targets` to servers that were broken on purpose; their words come from scrape/scrape.go ("server returned HTTP
 * status", the limits), model/textparse/interface.go (the Content-Type) and Go's net, net/http, crypto/tls and crypto/x509.
 */
const WORDS = [
  [/label name "(.*)" is not unique/i, 'repeated-label', 'unread'],
  [/data does not end with # EOF/i, 'no-eof', 'unread'],
  [/(invalid UTF-8 .*|.* is not a valid utf8 string)/i, 'not-utf8', 'unread'],
  [/got "\\x(?:ef|ff|fe)" \("INVALID"\)/, 'bom', 'unread'],
  [/got "\\x1f" \("INVALID"\)|(gzip: .*|flate: .*)/, 'compressed', 'unread'],
  // The bytes that follow are the endpoint's, and may be any words.
  [/(.*while parsing: ".*)/, 'not-metrics', 'unread'],
  [/sample limit exceeded|sample_limit exceeded/i, 'sample-limit', 'lasting'],
  [/body size limit exceeded/i, 'body-size-limit', 'lasting'],
  [/((?:label_limit|label_name_length_limit|label_value_length_limit) exceeded.*)/i, 'label-limit', 'lasting'],
  [/(target_limit exceeded.*)/i, 'target-limit', 'lasting'],
  [/unsupported Content-Type "((?:[^"\\]|\\.)*)"/i, 'content-type', 'unread'],
  [/sending blank Content-Type|cannot parse Content-Type/i, 'content-type', 'unread'],
  [
    /unable to (?:read|load|use) .*?(?:open|stat|read) (\/?[^:]+): (?:no such file|permission denied|is a directory)/i,
    'file',
    'lasting',
  ],
  [/server returned HTTP status (40[137] .*)/i, 'unauthorized', 'passing'],
  [/server returned HTTP status (4(?:04|10) .*)/i, 'not-found', 'passing'],
  [/server returned HTTP status (3\d\d .*)/i, 'unfollowed-redirect', 'lasting'],
  [/server returned HTTP status (\d{3}.*)/i, 'http-status', 'passing'],
  [/(proxyconnect .*)/, 'proxy', 'lasting'],
  [/no such host/i, 'no-such-host', 'passing'],
  [/lookup \S+.*(?:server misbehaving|i\/o timeout|connection refused)/i, 'dns', 'passing'],
  [/connection refused/i, 'refused', 'passing'],
  [/no route to host|network is unreachable|host is down/i, 'unreachable', 'passing'],
  [/context deadline exceeded|Client\.Timeout|i\/o timeout/i, 'timeout', 'passing'],
  [
    /server gave HTTP response to HTTPS client|first record does not look like a TLS handshake/i,
    'plain-http',
    'lasting',
  ],
  [/x509: (.*)/, 'certificate', 'lasting'],
  [/(tls: .*)/, 'tls', 'lasting'],
  [/stopped after \d+ redirects/i, 'redirect-loop', 'passing'],
  // Go writes the bytes of HTTP/2's SETTINGS frame as escapes.
  [/malformed HTTP response "\\x00\\x00/, 'http2', 'unread'],
  [
    /(malformed MIME header.*|(?:too many|unsupported) transfer encodings?.*|invalid byte in chunk.*|malformed chunked.*|chunk .*too large)/i,
    'bad-headers',
    'unread',
  ],
  // A TLS alert, likewise; whatever else Go refuses of a response is in its headers.
  [/malformed HTTP response "\\x15\\x03/, 'tls', 'lasting'],
  [/transport connection broken: (?!malformed HTTP|.*(?:EOF|reset|broken pipe))(.*)/, 'bad-headers', 'unread'],
  // Go's io.EOF and io.ErrUnexpectedEOF: the connection ended before the answer did.
  [/(?:^|[ :])(?:unexpected )?EOF$|connection reset|broken pipe/i, 'reset', 'passing'],
  [/malformed HTTP|transport connection broken/i, 'not-http', 'unread'],
] as const satisfies readonly (readonly [words: RegExp, kind: string, holds: Holds])[];

/** Reads a `lastError`; what no rule knows is a body that does not parse, of which Prometheus has many words. Pure. */
export const readScrapeError = (text = ''): (Wrong & { holds: Holds }) | undefined => {
  if (text === '') return undefined;
  for (const [words, kind, holds] of WORDS) {
    const match = words.exec(text);
    if (match !== null) return { kind, holds, detail: match[1] };
  }
  return { kind: 'not-metrics', holds: 'unread', detail: text };
};

/** What a fresh request says of an answer that Prometheus could not read, more exactly than Prometheus. */
const MORE_EXACT: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'no-eof',
  'not-utf8',
  'bom',
  'compressed',
  'http2',
  'bad-headers',
  'not-metrics',
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
export const wrongOf = ({ served, refusal, error }: Evidence): Wrong | undefined => {
  const said = readScrapeError(error);
  const heard = refusal?.code;
  const isMoreExact = said?.holds === 'unread' && heard !== undefined && MORE_EXACT.has(heard);
  if (isMoreExact) return { kind: heard, detail: said.detail };
  if (said !== undefined && said.holds !== 'passing') return said;
  if (heard !== undefined) return { kind: heard, detail: said?.kind === heard ? said.detail : undefined };
  return served === undefined ? said : undefined;
};

const CREDENTIALS = ['basic_auth', 'authorization', 'oauth2', 'bearer_token', 'bearer_token_file', 'http_headers'];

/** Whether Prometheus has credentials for a job, which a fresh request has not. */
export const hasCredentials = (scrapeConfig: Evidence['scrapeConfig']): boolean =>
  CREDENTIALS.some((key) => scrapeConfig?.[key] !== undefined);
