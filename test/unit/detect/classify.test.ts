import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classify as classifyBytes } from '../../../src/detect/classify.ts';
import { declaredFormat } from '../../../src/detect/exposition.ts';
import type { ProbeAnswer } from '../../../src/detect/probe-exchange.ts';
import { wildText } from '../../support/wild-text.ts';

type Answer = Omit<ProbeAnswer, 'body' | 'asLocalhost'> & { body: string | Buffer; asLocalhost?: Answer };
const inBytes = ({ body, asLocalhost, ...rest }: Answer): ProbeAnswer => ({
  ...rest,
  body: Buffer.from(body),
  asLocalhost: asLocalhost && inBytes(asLocalhost),
});
const classify = (answer: Answer, options?: { version?: string }) => classifyBytes(inBytes(answer), options);

const TEXT = 'text/plain; version=0.0.4';

const answer = (changes: Partial<Answer>): Answer => ({
  status: 200,
  contentType: TEXT,
  body: '# TYPE a counter\na 1\n',
  truncated: false,
  ...changes,
});

const { contentType: _, ...untyped } = answer({});

describe('a good answer', () => {
  test('is counted', () => {
    expect(classify(answer({ body: 'a 1\nb{x="1"} 1\nb{x="2"} 1\n' }))).toMatchObject({
      ok: true,
      format: 'text',
      metrics: 2,
      samples: 3,
    });
    expect(classify(answer({}))).not.toHaveProperty('fallback');
  });

  test('cut off is good as far as it goes', () => {
    expect(classify(answer({ body: 'a 1\nb{x', truncated: true }))).toMatchObject({ ok: true, samples: 1 });
  });

  test('with metrics that have no samples yet is good', () => {
    expect(classify(answer({ body: '# TYPE a counter\n' }))).toMatchObject({ ok: true, metrics: 1, samples: 0 });
  });

  test.each(['', 'text/html', 'application/json', 'text/plain; charset', 'nonsense'])(
    'under the Content-Type %j needs a fallback protocol',
    (contentType) => {
      expect(classify(answer({ contentType }))).toMatchObject({ ok: true, fallback: 'PrometheusText0.0.4' });
    },
  );

  test('without any Content-Type too, and the protocol is the one that reads it', () => {
    expect(classify(untyped)).toMatchObject({ ok: true, fallback: 'PrometheusText0.0.4' });
    const body = 'a_total 1 # {t="1"} 1 1.5\n# EOF\n';
    expect(classify({ ...untyped, body })).toMatchObject({ ok: true, fallback: 'OpenMetricsText1.0.0' });
  });
});

describe('a refused answer', () => {
  const html = '<!DOCTYPE html>\n<html><body>hello</body></html>';

  test.each<[string, Partial<Answer>, string, string]>([
    ['401', { status: 401 }, 'unauthorized', 'asks for credentials (HTTP 401)'],
    ['403', { status: 403, body: html }, 'unauthorized', 'asks for credentials (HTTP 403)'],
    ['404', { status: 404, body: html }, 'not-found', 'has nothing at this path (HTTP 404)'],
    ['500', { status: 500 }, 'http-status', 'answers with HTTP status 500'],
    ['204', { status: 204, body: '' }, 'http-status', 'answers with HTTP status 204'],
    ['302', { status: 302 }, 'http-status', 'answers with HTTP status 302'],
    ['HTML', { body: html }, 'html', 'answers with HTML, not metrics'],
    ['HTML, shouted, behind blanks', { body: `\n  <HTML>` }, 'html', 'answers with HTML, not metrics'],
    ['HTML as text/html', { contentType: 'text/html', body: html }, 'html', 'answers with HTML, not metrics'],
    ['XML', { body: '<?xml version="1.0"?><a/>' }, 'not-metrics', 'answers with XML or HTML, not metrics'],
    [
      'JSON',
      { contentType: 'application/json', body: '{"status":"ok"}' },
      'not-metrics',
      'answers with JSON, not metrics',
    ],
    ['a JSON list', { body: '[ {"a":1}]' }, 'not-metrics', 'answers with JSON, not metrics'],
    ['an empty JSON object', { body: '{}' }, 'not-metrics', 'answers with JSON, not metrics'],
    [
      'plain words',
      { body: 'hello world\n' },
      'not-metrics',
      'answers with something that Prometheus cannot read (line 1): "world" is not a value',
    ],
    [
      'one word',
      { body: 'OK' },
      'not-metrics',
      'answers with something that Prometheus cannot read (line 1): a value is missing',
    ],
    ['binary', { body: 'ab\u0000\u0001' }, 'not-metrics', 'answers with binary data, not metrics'],
    ['a byte order mark', { body: '\ufeffa 1\n' }, 'bom', 'starts with a byte order mark, which Prometheus refuses'],
    [
      'text as a JSON string',
      { body: JSON.stringify('# TYPE a counter\na 1\n') },
      'json-string',
      'answers with its text as one JSON string, in quotes',
    ],
    [
      'Latin-1 in a label value',
      { body: Buffer.from('a{b="k\xf6ln"} 1\n', 'latin1') },
      'not-utf8',
      'answers with something that Prometheus cannot read (line 1): a label value has bytes that are not UTF-8',
    ],
    [
      'gzip that is none',
      { contentEncoding: 'gzip' },
      'compressed',
      'says that its answer is gzip, and it is not, or is too large once unpacked',
    ],
    ['nothing', { body: '' }, 'empty', 'answers with an empty body'],
    ['comments', { body: '# robots\n' }, 'empty', 'answers without a single metric'],
    [
      'gzip by its header',
      { contentEncoding: 'GZIP', body: gzipSync('a 1\n') },
      'compressed',
      'answers in gzip, which Prometheus reads only where the header says just "gzip"',
    ],
    [
      'gzip by its bytes',
      { body: gzipSync('a 1\n') },
      'compressed',
      'answers in gzip without the header Content-Encoding, so Prometheus cannot read it',
    ],
    [
      'zstd by its bytes',
      { body: Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 1]) },
      'compressed',
      'answers in zstd without the header Content-Encoding, so Prometheus cannot read it',
    ],
    [
      'zlib as it unpacks',
      { body: deflateSync('a 1\n') },
      'compressed',
      'answers in deflate without the header Content-Encoding, so Prometheus cannot read it',
    ],
    [
      'Brotli as it unpacks',
      { body: brotliCompressSync('a 1\n') },
      'compressed',
      'answers in br without the header Content-Encoding, so Prometheus cannot read it',
    ],
    [
      'UTF-16',
      { body: Buffer.from('\ufeffa 1\n', 'utf16le') },
      'bom',
      'starts with a byte order mark, which Prometheus refuses',
    ],
    [
      'OpenMetrics without its end',
      { contentType: 'application/openmetrics-text; version=1.0.0', body: 'a 1\n' },
      'no-eof',
      'answers with something that Prometheus cannot read (line 1): OpenMetrics that does not end with # EOF',
    ],
    [
      'a name with a dash',
      { body: 'my-metric 1\n' },
      'not-metrics',
      'answers with something that Prometheus cannot read (line 1): "-metric" is not a value: names have letters, digits, _ and : only',
    ],
    [
      'an error of client_golang',
      { status: 500, body: 'An error has occurred while serving metrics:\n\n1 error(s) occurred:\n* x\n' },
      'http-status',
      'answers with HTTP status 500: An error has occurred while serving metrics: 1 error(s) occurred: * x',
    ],
    [
      'a TLS server of Go',
      { status: 400, body: 'Client sent an HTTP request to an HTTPS server.\n' },
      'tls',
      'speaks TLS, and was asked in plain HTTP',
    ],
    [
      'a TLS server of nginx',
      { status: 400, body: '<h1>400</h1>The plain HTTP request was sent to HTTPS port' },
      'tls',
      'speaks TLS, and was asked in plain HTTP',
    ],
  ])('%s', (__, changes, code, reason) => {
    expect(classify(answer(changes))).toEqual({ ok: false, code, reason, status: changes.status ?? 200 });
  });

  test.each([
    ['no-such-host', 'no-such-host', 'its name does not resolve'],
    ['refused', 'refused', 'refuses the connection'],
    ['timeout', 'timeout', 'does not answer in time'],
    ['unreachable', 'unreachable', 'cannot be reached'],
    ['reset', 'reset', 'closes the connection'],
    ['redirect-loop', 'redirect-loop', 'redirects without end'],
    ['tls', 'tls', 'speaks TLS'],
    ['not-http', 'not-http', 'does not speak HTTP'],
    ['http2', 'http2', 'speaks HTTP/2 only, as gRPC does; without TLS, Prometheus speaks HTTP/1.1'],
    ['bad-headers', 'bad-headers', 'headers that Prometheus refuses'],
    ['other', 'no-answer', 'gave no answer'],
  ] as const)('no answer at all: %s', (error, code, reason) => {
    expect(classify({ body: '', truncated: false, error })).toMatchObject({
      ok: false,
      code,
      reason: expect.stringContaining(reason),
    });
  });

  test('an answer that never ends is a timeout, good as it begins', () => {
    expect(classify(answer({ error: 'timeout', truncated: true }))).toEqual({
      ok: false,
      code: 'timeout',
      reason: 'starts to answer and does not end in time',
      status: 200,
    });
  });

  test('a timeout says how long was waited, an answer that was cut short that it is, a redirect where it led', () => {
    const at = (changes: object) => classify(answer(changes));
    expect(at({ error: 'timeout', waited: 2, truncated: true })).toMatchObject({
      reason: 'starts to answer and does not end within 2 s',
    });
    expect(classify({ body: '', truncated: false, error: 'timeout', waited: 2 })).toMatchObject({
      reason: 'does not answer within 2 s',
    });
    expect(at({ error: 'reset' })).toMatchObject({ code: 'reset', reason: 'ends its answer before it is whole' });
    expect(classify({ body: '', truncated: false, error: 'refused', redirectedTo: 'https://web:9443/' })).toEqual({
      ok: false,
      code: 'refused',
      reason: expect.stringMatching(/^redirects to https:\/\/web:9443\/, which refuses the connection/),
      redirectedTo: 'https://web:9443/',
    });
    expect(at({ redirectedTo: 'http://web/new' })).toMatchObject({ ok: true });
    expect(at({ truncated: true, body: 'up 1\nup' })).toMatchObject({ ok: true, truncated: true });
  });

  test('the words of a failure are kept short and on one line', () => {
    const verdict = classify({
      body: '',
      truncated: false,
      error: 'other',
      detail: `\u001b[31mnc: bad\n${'x'.repeat(100_000)}`,
    });
    expect(verdict).toMatchObject({
      code: 'no-answer',
      reason: expect.stringMatching(/^gave no answer \(\[31mnc: bad x{1,200}\)$/),
    });
  });

  test.each([
    [undefined, 'speaks TLS, and was asked in plain HTTP'],
    ['0A00010B:SSL routines:ssl3_get_record:wrong version number', 'speaks plain HTTP, and was asked over TLS'],
    ['self-signed certificate', 'fails to speak TLS (self-signed certificate)'],
  ])('in the wrong scheme says which one it speaks (%s)', (detail, reason) => {
    const given = { body: '', truncated: false, error: 'tls', detail } as const;
    expect(classify(given)).toMatchObject({ code: 'tls', reason });
  });
});

describe('a server that checks the Host header', () => {
  const url = 'http://my_app:8000/metrics';

  test.each([400, 401, 403, 404, 421])('is told by what localhost gets: HTTP %i', (status) => {
    const asked = answer({ url, status, body: 'no', asLocalhost: answer({}) });
    expect(classify(asked)).toEqual({
      ok: false,
      code: 'host-refused',
      status,
      reason: expect.stringMatching(/Host header my_app .*allowed hosts.* alias without "_"/),
    });
  });

  test('may answer with a page of its own', () => {
    const asked = answer({ url: 'http://web:80/metrics', body: 'unknown site', asLocalhost: answer({}) });
    expect(classify(asked)).toMatchObject({ code: 'host-refused', reason: expect.not.stringContaining('alias') });
  });

  test('differs from an endpoint that asks for credentials', () => {
    const of = (asLocalhost: Partial<Answer>) => classify(answer({ status: 403, asLocalhost: answer(asLocalhost) }));
    expect(of({ status: 403 })).toMatchObject({ code: 'unauthorized' });
    expect(of({ status: 404 })).toMatchObject({ code: 'http-status' });
    expect(classify(answer({ status: 403, authenticate: 'Basic' }))).toMatchObject({ code: 'unauthorized' });
  });
});

describe('an older Prometheus', () => {
  test('takes any Content-Type for text, and no names but its own', () => {
    const old = { version: '2.42.0' };
    expect(classify(answer({ contentType: 'text/html' }), old)).not.toHaveProperty('fallback');
    expect(classify(answer({ body: '{"my.metric"} 1\n' }), old)).toMatchObject({ ok: false });
    expect(classify(answer({ body: ' a 1\n' }), old)).toMatchObject({ ok: false });
  });
});

test('a quoted metric name is not taken for JSON', () => {
  expect(classify(answer({ body: '{"my.metric",a="b"} 1\n' }))).toMatchObject({ ok: true });
});

test('any answer has a verdict', () => {
  const any = fc.record({
    status: fc.integer({ min: 100, max: 599 }),
    contentType: wildText(),
    contentEncoding: fc.constantFrom('', 'identity', 'gzip'),
    body: wildText(200),
    truncated: fc.boolean(),
  });
  fc.assert(
    fc.property(any, (a) => {
      const verdict = classify(a);
      if (!verdict.ok) expect(verdict.reason).not.toMatch(/\p{Cc}/u);
    }),
  );
});

describe('Content-Type', () => {
  test.each([
    ['text/plain', 'text'],
    ['Text/Plain; Version=0.0.4', 'text'],
    ['text/plain;version=0.0.4;charset=utf-8;escaping=values', 'text'],
    ['text/plain; charset="utf-8";', 'text'],
    ['text/plain; version=9.9', 'text'],
    ['application/openmetrics-text;version=1.0.0', 'openmetrics'],
    ['application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited', 'protobuf'],
    ['text/html', undefined],
    ['application/json', undefined],
    ['text/plain; charset', undefined],
    ['text/plain; charset=a; charset=b', undefined],
    ['text/plain charset=a', undefined],
    ['text', undefined],
    ['', undefined],
    [undefined, undefined],
    [`text/plain; a="${'\\"'.repeat(100_000)}`, undefined],
  ])('%j declares %s', (contentType, format) => {
    expect(declaredFormat(contentType)).toBe(format);
  });
});
