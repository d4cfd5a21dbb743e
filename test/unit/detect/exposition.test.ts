import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ParseOptions, parseExposition } from '../../../src/detect/exposition.ts';
import { wildText } from '../../support/wild-text.ts';

const TEXT = 'text/plain; version=0.0.4; charset=utf-8';
const parse = (body: string, contentType: string | undefined, options: ParseOptions = {}) =>
  parseExposition(Buffer.from(body), contentType, options);
const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

const HTTP_REQUESTS = `# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363000

# A comment, and escapes:
msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find:\\n\\"FILE.TXT\\""} 1.458255915e9
metric_without_timestamp_and_labels 12.47
something_weird{problem="division by zero"} +Inf -0

# TYPE rpc histogram
rpc_bucket{le="0.05"} 24054
rpc_bucket{le="+Inf"} 144320
rpc_sum 53423
rpc_count 144320
# TYPE latency summary
latency{quantile="0.5"} 4773
latency_sum 1.7560473e+07
latency_count 2693
`;

describe('the Prometheus text format', () => {
  test('samples and metrics are counted, a histogram as one', () => {
    const parsed = parse(HTTP_REQUESTS.replace(' -0\n', '\n'), TEXT);
    expect(parsed).toMatchObject({ ok: true, format: 'text', samples: 12, metrics: 6 });
  });

  test.each([
    ['', 0],
    ['\n\n', 0],
    ['# only a comment', 0],
    ['#HELP is a comment without its blank', 0],
    ['# TYPE', 0],
    ['a 1', 1],
    ['a 1\n', 1],
    ['  a\t1\t2  \n', 1],
    ['a{}1', 1],
    ['a{b="c"}1', 1],
    ['a { b = "c" , } 1', 1],
    ['a{b="c"d="e"} 1', 1],
    ['a{b="}{,"} 1', 1],
    ['a{b=""} 1', 1],
    ['a{b="\\"\\\\\\n"} 1', 1],
    ['a{b="日本\u0000"} 1', 1],
    ['{"my.metric"} 1', 1],
    ['{"my.metric",a="b"} 1', 1],
    ['{a="b","my.metric"} 1', 1],
    ['a{"my.label"="b"} 1', 1],
    ['a:b 1', 1],
    ['a-1', 1],
    ['a NaN', 1],
    ['a +Inf', 1],
    ['a -infinity', 1],
    ['a .5e-3', 1],
    ['a 5.', 1],
    ['a 1e-400', 1],
    ['a 1 9223372036854775807', 1],
    ['# HELP a', 0],
    ['# TYPE a counter\na 1\n# TYPE a gauge\na 2', 2],
    ['a 1\na 1', 2],
    ['a{b="x\ny"} 1', 1],
    ['a{b="",b="c"} 1', 1],
    ['# HELP a-b\na 1', 1],
    ['\u0000', 0],
    ['a 1\n\u0000b one', 1],
  ])('%j is good, with %i samples', (body, samples) => {
    expect(parse(body, TEXT)).toMatchObject({ ok: true, samples });
  });

  test.each([
    ['a', 'a value is missing'],
    ['a 1\r\n', 'CR LF'],
    ['# TYPE a counter\r\na 1\r\n', 'CR LF'],
    ['1a 1', 'no metric name'],
    ['é 1', 'no metric name'],
    ['\ufeffa 1', 'no metric name'],
    ['a.b 1', '".b" is not a value'],
    ['a one', '"one" is not a value'],
    ['a 0x10', 'is not a value'],
    ['a 1_0', 'is not a value'],
    ['a 1e400', 'is not a value'],
    ['a +NaN', 'is not a value'],
    ['a 1 1.5', 'not a timestamp'],
    ['a 1 -1', 'not a timestamp'],
    ['a 1 9223372036854775808', 'too large for a timestamp'],
    ['a 1 2 3', 'follows the timestamp'],
    ['a 1 # {t="1"} 1', 'only OpenMetrics'],
    ['a{b="c" 1', 'label'],
    ['a{b="c} 1', 'quote is not closed'],
    ['a{b=c} 1', 'quote is missing'],
    ['a{b} 1', 'no value'],
    ['a{,} 1', 'label name'],
    ['a{b="c",,} 1', 'label name'],
    ['a{b="c",b="d"} 1', 'comes twice'],
    ['a{__name__="b"} 1', '__name__'],
    ['a{"b"} 1', 'two metric names'],
    ['{} 1', 'no metric name'],
    ['{a="b"} 1', 'no metric name'],
    ['{""} 1', 'no metric name'],
    ['a{""="b"} 1', 'no name'],
    ['# TYPE a number', 'not a metric type'],
    ['# TYPE a', 'not a metric type'],
    ['# TYPE a  counter', 'not a metric type'],
    ['# TYPE a unknown', 'not a metric type'],
    ['# HELP 1a text', 'name is missing'],
    ['# HELP \n', 'name is missing'],
  ])('%j is refused: %s', (body, reason) => {
    expect(parse(body, TEXT)).toEqual({ ok: false, line: 1, reason: expect.stringContaining(reason) });
  });

  test('the line at fault is named', () => {
    expect(parse('a 1\n\nb 2\nc\nd 4\n', TEXT)).toMatchObject({ ok: false, line: 4 });
  });
});

describe('OpenMetrics', () => {
  const good = `# HELP foo A counter.
# TYPE foo counter
# UNIT foo_seconds seconds
foo_total{a="b"} 17.0 1520879607.789 # {trace_id="KOO5S4vxi0o"} 0.67 1520879607.7
foo_created{a="b"} 1520430000.123
# TYPE h histogram
h_bucket{le="+Inf"} 1 # {} 1
h_count 1
h_sum 1
# TYPE build info
build_info{version="1"} 1
# TYPE odd unknown
{"my.metric",a="b"} 1
# EOF`;

  test.each(['', '\n'])('exemplars, units and the types of its own are read, whole with %j at its end', (end) => {
    const parsed = parse(good + end, OPENMETRICS);
    expect(parsed).toMatchObject({ ok: true, format: 'openmetrics', samples: 7, metrics: 6 });
  });

  test.each([
    ['a 1\n', 'does not end'],
    ['a 1\n# EOF\n\n', 'follows # EOF'],
    ['a 1 # EOF', 'is not a timestamp'],
    ['# EOF\na 1\n# EOF\n', 'follows # EOF'],
    ['# a comment\n# EOF\n', 'no comments'],
    ['\n# EOF\n', 'no metric name'],
    [' a 1\n# EOF\n', 'no metric name'],
    ['a  1\n# EOF\n', 'value is missing'],
    ['a 1 \n# EOF\n', 'follows the sample'],
    ['a\t1\n# EOF\n', 'value is missing'],
    ['a{b="c"}1\n# EOF\n', 'value is missing'],
    ['a{ b="c"} 1\n# EOF\n', 'label name'],
    ['a{b="c"d="e"} 1\n# EOF\n', 'comma'],
    ['a 1 NaN\n# EOF\n', 'not finite'],
    ['a 1 2 3\n# EOF\n', 'follows the sample'],
    ['a 1 # {t="1"} 1 2 3\n# EOF\n', 'follows the sample'],
    ['a 1 # {"x"} 1\n# EOF\n', 'no value'],
    ['a 1 # {t="1"}\n# EOF\n', 'value is missing'],
    ['# HELP a\n# EOF\n', 'space is missing'],
    ['# TYPE a untyped\n# EOF\n', 'not a metric type'],
    ['# UNIT a_bytes seconds\n# EOF\n', 'unit'],
  ])('%j is refused: %s', (body, reason) => {
    expect(parse(body, OPENMETRICS)).toMatchObject({ ok: false, reason: expect.stringContaining(reason) });
  });
});

describe('which format', () => {
  test.each([
    ['a 1\n# EOF\n', undefined, 'text'],
    ['a 1 # {t="1"} 1\n# EOF\n', undefined, 'openmetrics'],
    ['a 1 # {t="1"} 1\n# EOF\n', 'text/html', 'openmetrics'],
    ['a 1', 'application/json', 'text'],
    ['a 1', 'text/plain', 'text'],
    ['a 1', 'TEXT/PLAIN', 'text'],
  ])('%j as %s is %s', (body, contentType, format) => {
    expect(parse(body, contentType)).toMatchObject({ ok: true, format });
  });

  test('a declared format is not second-guessed, as Prometheus does not either', () => {
    expect(parse('a 1 # {t="1"} 1\n# EOF\n', TEXT).ok).toBe(false);
    expect(parse('a 1\n', OPENMETRICS).ok).toBe(false);
    expect(parse('a 1\n', 'application/vnd.google.protobuf; proto=x; encoding=delimited')).toEqual({
      ok: false,
      reason: 'protobuf, although text was asked for',
    });
  });
});

describe('what Prometheus may drop of a good answer', () => {
  test('timestamps are in milliseconds, in both formats', () => {
    const timestamps = { samples: 2, oldest: 1000, newest: 2500 };
    expect(parse('a 1 1000\nb 1\na 1 2500\n', TEXT)).toMatchObject({ timestamps });
    expect(parse('a 1 2.5\nb 1 1\n# EOF\n', OPENMETRICS)).toMatchObject({ timestamps });
    expect(parse('a 1\n', TEXT)).toMatchObject({ timestamps: undefined });
  });

  test.each([
    ['a 1\na 2\n', 'a', 2],
    ['a{x="1",y="2"} 1\na{y="2", x="1"} 2\na{x="1",y="2"} 3\n', 'a{x="1",y="2"}', 3],
    ['a{x="}"} 1\na{x="}"} 1\n', 'a{x="}"}', 2],
    ['a{x="é"} 1\na{x="é"} 1\n', 'a{x="é"}', 2],
    ['a 1 1000\nb 1\na 2 1000\n', 'a', 2],
  ])('a series that comes twice: %j', (body, series, times) => {
    expect(parse(body, TEXT)).toMatchObject({ duplicates: [{ series, times }] });
  });

  test.each(['a 1\nb 1\n', 'a{x="1"} 1\na{x="2"} 1\n', 'a 1 1000\na 2 2000\n', ''])('none in %j', (body) => {
    expect(parse(body, TEXT)).toMatchObject({ duplicates: [] });
  });
});

describe('a body cut off', () => {
  test('is judged by its whole lines', () => {
    expect(parse('a 1\nb{x="', TEXT, { truncated: true })).toMatchObject({ ok: true, samples: 1 });
    expect(parse('a 1\nb{x="', TEXT)).toMatchObject({ ok: false, line: 2 });
    expect(parse('a 1\nb 2\nc', OPENMETRICS, { truncated: true })).toMatchObject({ ok: true, samples: 2 });
    expect(parse('a 1\n# EOF\n', OPENMETRICS, { truncated: true })).toMatchObject({ ok: true, samples: 1 });
  });

  test('within its first line says nothing', () => {
    expect(parse('a{b="', TEXT, { truncated: true })).toEqual({
      ok: false,
      reason: 'its first line is longer than what is read',
    });
  });
});

describe('any input', () => {
  const piece = fc.constantFrom(
    'a',
    'b_total',
    '{',
    '}',
    '"',
    '=',
    ',',
    ' ',
    '\t',
    '\n',
    '#',
    '# ',
    'HELP',
    'TYPE',
    ' counter',
    '1',
    '.5',
    'NaN',
    '\\',
    '# EOF',
    '\r',
    'é',
  );
  const body = fc.oneof(
    fc.array(piece, { maxLength: 60 }).map((p) => p.join('')),
    wildText(),
  );
  const type = fc.constantFrom(undefined, TEXT, OPENMETRICS, 'text/html', '');

  test('never throws, and says why it refuses', () => {
    fc.assert(
      fc.property(body, type, fc.boolean(), (text, contentType, truncated) => {
        const parsed = parse(text, contentType, { truncated });
        if (!parsed.ok) expect(parsed.reason.length).toBeLessThan(150);
      }),
      { numRuns: 500 },
    );
  });

  test('two valid bodies in a row are valid', () => {
    fc.assert(
      fc.property(body, (text) => {
        const alone = parse(text, TEXT);
        const twice = parse(`${text}\n${HTTP_REQUESTS}`.replace(' -0\n', '\n'), TEXT);
        expect(twice.ok).toBe(alone.ok);
      }),
    );
  });

  test.each([
    ['samples', (n: number) => 'http_requests_total{method="post",code="200"} 1027 1395066363000\n'.repeat(n)],
    ['digits of one value', (n: number) => `a ${'1'.repeat(n)}x`],
    [
      'labels of one sample',
      (n: number) => `a{${Array.from({ length: n }, (_, i) => `l${String(i).padStart(5, '0')}="v"`).join(',')}} 1`,
    ],
    ['characters of one label', (n: number) => `a{b="${'\\\\'.repeat(n)}"} 1`],
    ['labels without a value', (n: number) => `a{${Array.from({ length: n }, (_, i) => `l${i}=""`).join(',')}} 1`],
    ['blanks', (n: number) => `a${' '.repeat(n)}1`],
    ['braces', (n: number) => `a${'{'.repeat(n)}`],
  ])('a MiB of %s is read at once', (_, make) => {
    const body = Buffer.from(make(2 ** 20 / make(1).length));
    const start = performance.now();
    parseExposition(body, TEXT);
    expect(performance.now() - start).toBeLessThan(3000);
  });
});
