/** What Prometheus's `lastError` says of a scrape, in one word; stable. */
export type ScrapeErrorKind =
  | 'no-such-host'
  | 'dns'
  | 'refused'
  | 'timeout'
  | 'proxy'
  | 'unreachable'
  | 'reset'
  | 'redirect-loop'
  | 'plain-http'
  | 'certificate'
  | 'tls'
  | 'http2'
  | 'bad-headers'
  | 'not-http'
  | 'file'
  | 'unauthorized'
  | 'not-found'
  | 'unfollowed-redirect'
  | 'http-status'
  | 'content-type'
  | 'sample-limit'
  | 'body-size-limit'
  | 'label-limit'
  | 'target-limit'
  | 'repeated-label'
  | 'no-eof'
  | 'not-utf8'
  | 'bom'
  | 'compressed'
  | 'not-metrics';

export interface ScrapeError {
  kind: ScrapeErrorKind;
  /** The HTTP status, the Content-Type, the certificate's fault, the limit's numbers, the file: what of the words matters. */
  detail?: string;
}

type Rule = readonly [words: RegExp, kind: ScrapeErrorKind];

/**
 * The first that matches counts; a group is the detail. Sources: what Prometheus 2.42.0 and 3.13.2 answered at
 * `/api/v1/targets` to servers that were broken on purpose; their words come from scrape/scrape.go ("server returned HTTP
 * status", the limits), model/textparse/interface.go (the Content-Type) and Go's net, net/http, crypto/tls and crypto/x509.
 */
const RULES: readonly Rule[] = [
  [/label name "(.*)" is not unique/i, 'repeated-label'],
  [/data does not end with # EOF/i, 'no-eof'],
  [/(invalid UTF-8 .*|.* is not a valid utf8 string)/i, 'not-utf8'],
  [/got "\\x(?:ef|ff|fe)" \("INVALID"\)/, 'bom'],
  [/got "\\x1f" \("INVALID"\)|(gzip: .*|flate: .*)/, 'compressed'],
  // The bytes that follow are the endpoint's, and may be any words.
  [/(.*while parsing: ".*)/, 'not-metrics'],
  [/sample limit exceeded|sample_limit exceeded/i, 'sample-limit'],
  [/body size limit exceeded/i, 'body-size-limit'],
  [/((?:label_limit|label_name_length_limit|label_value_length_limit) exceeded.*)/i, 'label-limit'],
  [/(target_limit exceeded.*)/i, 'target-limit'],
  [/unsupported Content-Type "((?:[^"\\]|\\.)*)"/i, 'content-type'],
  [/sending blank Content-Type|cannot parse Content-Type/i, 'content-type'],
  [
    /unable to (?:read|load|use) .*?(?:open|stat|read) (\/?[^:]+): (?:no such file|permission denied|is a directory)/i,
    'file',
  ],
  [/server returned HTTP status (40[137] .*)/i, 'unauthorized'],
  [/server returned HTTP status (4(?:04|10) .*)/i, 'not-found'],
  [/server returned HTTP status (3\d\d .*)/i, 'unfollowed-redirect'],
  [/server returned HTTP status (\d{3}.*)/i, 'http-status'],
  [/(proxyconnect .*)/, 'proxy'],
  [/no such host/i, 'no-such-host'],
  [/lookup \S+.*(?:server misbehaving|i\/o timeout|connection refused)/i, 'dns'],
  [/connection refused/i, 'refused'],
  [/no route to host|network is unreachable|host is down/i, 'unreachable'],
  [/context deadline exceeded|Client\.Timeout|i\/o timeout/i, 'timeout'],
  [/server gave HTTP response to HTTPS client|first record does not look like a TLS handshake/i, 'plain-http'],
  [/x509: (.*)/, 'certificate'],
  [/(tls: .*)/, 'tls'],
  [/stopped after \d+ redirects/i, 'redirect-loop'],
  // Go writes the bytes of HTTP/2's SETTINGS frame as escapes.
  [/malformed HTTP response "\\x00\\x00/, 'http2'],
  [
    /(malformed MIME header.*|(?:too many|unsupported) transfer encodings?.*|invalid byte in chunk.*|malformed chunked.*|chunk .*too large)/i,
    'bad-headers',
  ],
  // A TLS alert, likewise; whatever else Go refuses of a response is in its headers.
  [/malformed HTTP response "\\x15\\x03/, 'tls'],
  [/transport connection broken: (?!malformed HTTP|.*(?:EOF|reset|broken pipe))(.*)/, 'bad-headers'],
  // Go's io.EOF and io.ErrUnexpectedEOF: the connection ended before the answer did.
  [/(?:^|[ :])(?:unexpected )?EOF$|connection reset|broken pipe/i, 'reset'],
  [/malformed HTTP|transport connection broken/i, 'not-http'],
];

/** Reads a `lastError`; what no rule knows is a body that does not parse, of which Prometheus has many words. Pure. */
export const readScrapeError = (text: string): ScrapeError | undefined => {
  if (text === '') return undefined;
  for (const [words, kind] of RULES) {
    const match = words.exec(text);
    if (match !== null) return match[1] === undefined ? { kind } : { kind, detail: match[1] };
  }
  return { kind: 'not-metrics', detail: text };
};
