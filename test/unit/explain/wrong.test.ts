import { describe, expect, test } from 'vitest';
import { readScrapeError } from '../../../src/explain/wrong.ts';

describe('what Prometheus says of a scrape', () => {
  // As 3.13.2 and 2.42.0 said it of servers that were broken on purpose.
  test.each([
    ['Get "http://t:9000/metrics": dial tcp: lookup t on 127.0.0.11:53: no such host', 'no-such-host'],
    ['Get "http://t:9000/metrics": dial tcp: lookup t on 127.0.0.11:53: server misbehaving', 'dns'],
    ['Get "http://t:9001/metrics": dial tcp 192.168.32.2:9001: connect: connection refused', 'refused'],
    ['Get "http://t:9001/metrics": dial tcp 192.168.32.2:9001: connect: no route to host', 'unreachable'],
    ['Get "http://t:9003/metrics": context deadline exceeded', 'timeout'],
    ['Get "http://t:9014/metrics": EOF', 'reset'],
    ['unexpected EOF', 'reset'],
    ['Get "/metrics": stopped after 10 redirects', 'redirect-loop'],
    ['Get "https://t:9000/metrics": http: server gave HTTP response to HTTPS client', 'plain-http'],
    ['Get "https://t:9009/metrics": x509: certificate is valid for elsewhere.example, not t', 'certificate'],
    [
      'Get "https://t:9/m": tls: failed to verify certificate: x509: certificate signed by unknown authority',
      'certificate',
    ],
    ['Get "https://t:9009/metrics": remote error: tls: certificate required', 'tls'],
    [
      'Get "http://t:9/m": net/http: HTTP/1.x transport connection broken: malformed HTTP status code "smtp"',
      'not-http',
    ],
    ['server returned HTTP status 401 Unauthorized', 'unauthorized'],
    ['server returned HTTP status 403 Forbidden', 'unauthorized'],
    ['server returned HTTP status 404 Not Found', 'not-found'],
    ['server returned HTTP status 500 Internal Server Error', 'http-status'],
    ['received unsupported Content-Type "text/html" and no fallback_scrape_protocol specified', 'content-type'],
    ['non-compliant scrape target sending blank Content-Type and no fallback_scrape_protocol', 'content-type'],
    ['sample limit exceeded', 'sample-limit'],
    ['body size limit exceeded', 'body-size-limit'],
    ['label_limit exceeded (metric: z, number of labels: 43, limit: 10)', 'label-limit'],
    ['label_value_length_limit exceeded (metric: a, label name: b, value: "x", length: 11, limit: 3)', 'label-limit'],
    ['label name "l" is not unique: invalid sample', 'repeated-label'],
    ['data does not end with # EOF', 'no-eof'],
    [
      'Get "http://t:1/m": net/http: HTTP/1.x transport connection broken: malformed HTTP response "\\x00\\x00\\x00"',
      'http2',
    ],
    [
      'Get "http://t:1/m": net/http: HTTP/1.x transport connection broken: malformed MIME header: missing colon: "x"',
      'bad-headers',
    ],
    [
      'Get "http://t:1/m": net/http: HTTP/1.x transport connection broken: too many transfer encodings: ["chunked"]',
      'bad-headers',
    ],
    ['Get "http://t:1/m": proxyconnect tcp: dial tcp 172.16.8.2:4: connect: connection refused', 'proxy'],
    ['invalid byte in chunk length', 'bad-headers'],
    ['Get "http://t:1/m": net/http: HTTP/1.x transport connection broken: bad Content-Length "x"', 'bad-headers'],
    [
      'Get "http://t:1/m": net/http: HTTP/1.x transport connection broken: malformed HTTP response "\\x15\\x03\\x01"',
      'tls',
    ],
    ['Get "http://t:1/m": net/http: HTTP/1.x transport connection broken: unexpected EOF', 'reset'],
    ['server returned HTTP status 302 Found', 'unfollowed-redirect'],
    ['invalid UTF-8 label value: "\\"caf\\xe9\\""', 'not-utf8'],
    ['help text is not a valid utf8 string', 'not-utf8'],
    ['expected a valid start token, got "\\xef" ("INVALID") while parsing: "\\xef"', 'bom'],
    ['expected a valid start token, got "\\xff" ("INVALID") while parsing: "\\xff"', 'bom'],
    ['expected a valid start token, got "\\x1f" ("INVALID") while parsing: "\\x1f"', 'compressed'],
    // The endpoint's bytes may be any words.
    ['strconv.ParseFloat: invalid syntax while parsing: "connection refused"', 'not-metrics'],
    ['"INVALID" is not a valid start token', 'not-metrics'],
    ['expected equal, got ":" ("INVALID") while parsing: "{\\"a\\":"', 'not-metrics'],
    ['strconv.ParseFloat: parsing "is": invalid syntax while parsing: "this is"', 'not-metrics'],
  ])('%s', (words, kind) => {
    expect(readScrapeError(words)?.kind).toBe(kind);
  });

  test('with what of it matters', () => {
    expect(readScrapeError('server returned HTTP status 503 Service Unavailable')?.detail).toBe(
      '503 Service Unavailable',
    );
    expect(readScrapeError('received unsupported Content-Type "text/html" and no')?.detail).toBe('text/html');
    for (const words of [
      'Get "http://t/m": unable to read basic auth password: unable to read file /home/pw: open /home/pw: no such file or directory',
      'Get "http://t/m": unable to read basic auth password file /home/pw: open /home/pw: no such file or directory',
      'error creating HTTP client: unable to load specified CA cert /home/pw: open /home/pw: permission denied',
    ]) {
      expect(readScrapeError(words)).toMatchObject({ kind: 'file', detail: '/home/pw' });
    }
    expect(readScrapeError('')).toBeUndefined();
  });
});
