/** Bodies for Prometheus and for our reader: by hand, of real client libraries, and these with accidents. */
export interface Body {
  bytes: Buffer;
  contentType: string;
}

export const TEXT = 'text/plain; version=0.0.4; charset=utf-8';
export const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

const TEXT_BODIES = [
  '',
  '\n\n',
  'a 1',
  'a 1\n',
  '  a\t1\t2000000000000  \n',
  'a 1\r\n',
  '# TYPE a counter\r\na 1\r\n',
  'a{}1',
  'a{b="c"}1',
  'a { b = "c" , } 1',
  'a{b="c"d="e"} 1',
  'a{b="}{,"} 1',
  'a{b="x\ny"} 1',
  'a{b=""} 1',
  'a{b="",b=""} 1',
  'a{b="",b="c"} 1',
  'a{b="c",b="c"} 1',
  'a{b="c",b="d"} 1',
  'a{__name__="b"} 1',
  'a{__name__=""} 1',
  'a{"b\\n"="1","b\n"="2"} 1',
  'a{b="\\"\\\\\\n\\x"} 1',
  'a{b="\0"} 1',
  'a{"b\0"="1"} 1',
  '{"my.metric"} 1',
  '{"my.metric",a="b"} 1',
  '{"my.metric",a="b",} 1',
  '{a="b","my.metric"} 1',
  '{"my.metric","second"} 1',
  'a{"b"} 1',
  '{a="b"} 1',
  '{} 1',
  '{""} 1',
  '{"",a="b"} 1',
  '{"é"} 1',
  '{"a b"} 1',
  '{legal} 1',
  '{"legal"} 1',
  '{legal,a="b"} 1',
  'a{"my.label"="b"} 1',
  'a{""="b"} 1',
  'a{""=""} 1',
  'a{b="c" 1',
  'a{b="c} 1',
  'a{b=c} 1',
  'a{b} 1',
  'a{,} 1',
  'a{b="c",,} 1',
  'a{b="c"}{d="e"} 1',
  'a-1',
  'a:b 1',
  ':a 1',
  '1a 1',
  'é 1',
  'a.b 1',
  'a',
  'a one',
  'a NaN\nb +Inf\nc -infinity\nd iNf\ne nAn',
  'a +NaN',
  'a infi',
  'a .5e-3\nb 5.\nc 1e-400\nd 1E5\ne +1',
  'a 1e400',
  'a 0x10',
  'a 0x1p4',
  'a 1_0',
  'a .',
  'a 1e',
  'a 1 1.5',
  'a 1 -1',
  'a 1 +1',
  'a 1 9223372036854775807',
  'a 1 9223372036854775808',
  'a 1 0',
  'a 1 2 3',
  'a 1 2{',
  'a 1{',
  'a 1 # {t="1"} 1',
  'a 1 # comment',
  'a 1\na 1\na 2',
  '# HELP',
  '# HELP\n',
  '# HELP \n',
  '# HELP a',
  '# HELP a\n',
  '# HELP a.b text\n',
  '# HELP a-b\n',
  '# HELP 1a text',
  '#  HELP\ta\ttext\n# TYPE\ta\tgauge\n',
  '# HELP "my.metric" text\n# TYPE "my.metric" gauge\n',
  '# HELP "my.metric text\n',
  '# HELP "a\nb" text\n',
  '# HELP a x\0y\n',
  '# TYPE',
  '# TYPE a',
  '# TYPE a number',
  '# TYPE a  counter',
  '# TYPE a counter ',
  '# TYPE a.counter',
  '# TYPE a unknown',
  '# TYPE a COUNTER',
  '# TYPES a b\n',
  '# UNIT a_b b\n',
  '#HELP a',
  '#TYPE a number',
  '# a comment\n#another\n#\n# \n  # third\na 1\n',
  '# x\0y\na 1',
  '#x\0y\na one',
  '\0',
  'a 1\n\0b one',
  'a 1\n \0b one',
  'a\0 1',
  'a 1\0',
  'a 1 5\0',
  '\ufeffa 1',
  'a 1\n\ufeffb 2',
  '"a 1\\n"',
  '<html><body>hello</body></html>',
  '{"status":"ok"}',
  '{"a":1}',
  '[1]',
  'hello world\n',
  '# EOF\n',
  '# TYPE a counter\na 1\n# TYPE a gauge\na 2',
  `a{b="${'x'.repeat(20_000)}"} 1`,
  `a{${Array.from({ length: 300 }, (_, i) => `l${i}="v"`).join(',')}} 1`,
];

const OPENMETRICS_BODIES = [
  '',
  '# EOF',
  '# EOF\n',
  '# EOF\n\n',
  '# EOF \n',
  '#EOF\n',
  'a 1\n',
  'a 1\n# EOF\n',
  'a 1# EOF\n',
  'a 1 # EOF\n',
  'a 1\n# EOF\nb 1\n# EOF\n',
  '\n# EOF\n',
  ' a 1\n# EOF\n',
  'a  1\n# EOF\n',
  'a 1 \n# EOF\n',
  'a\t1\n# EOF\n',
  'a{b="c"}1\n# EOF\n',
  'a {b="c"} 1\n# EOF\n',
  'a{ b="c"} 1\n# EOF\n',
  'a{b="c" } 1\n# EOF\n',
  'a{b="c",} 1\n# EOF\n',
  'a{b="c",,} 1\n# EOF\n',
  'a{,b="c"} 1\n# EOF\n',
  'a{b="c"d="e"} 1\n# EOF\n',
  'a{b="c",b="d"} 1\n# EOF\n',
  'a{} 1\n# EOF\n',
  'a{b="x\ny"} 1\n# EOF\n',
  'a 1 1.5\n# EOF\n',
  'a 1 -5\n# EOF\n',
  'a 1 1e3\n# EOF\n',
  'a 1 1e400\n# EOF\n',
  'a 1 NaN\n# EOF\n',
  'a 1 +Inf\n# EOF\n',
  'a 1 2 3\n# EOF\n',
  'a 1 2  \n# EOF\n',
  'a_total 1 # {t="1"} 1\n# EOF\n',
  'a_total 1 # {t="1",t="2"} 1\n# EOF\n',
  'a_total 1 2 # {t="1",} 1 3\n# EOF\n',
  'a_total 1 # {} 1\n# EOF\n',
  'a_total 1 # {t="1"}\n# EOF\n',
  'a_total 1 # {t="1"}1\n# EOF\n',
  'a_total 1 # {t="1"} 1 2 3\n# EOF\n',
  'a_total 1 # {t="1"} 1 NaN\n# EOF\n',
  'a_total 1 # {"x"} 1\n# EOF\n',
  'a_total 1 # {"x"="1"} 1\n# EOF\n',
  'a_total 1 #{t="1"} 1\n# EOF\n',
  'a_bucket{le="1"} 1 # {t="1"} 1\n# EOF\n',
  'a 1 # {t="1"} 1\n# EOF\n',
  '{"my.metric",a="b"} 1\n# EOF\n',
  '{"my.metric"} 1 # {t="1"} 1\n# EOF\n',
  '{"my\nmetric"} 1\n# EOF\n',
  '{legal} 1\n# EOF\n',
  'a{"my.label"="b"} 1\n# EOF\n',
  '# a comment\n# EOF\n',
  '# HELP a\n# EOF\n',
  '# HELP a \n# EOF\n',
  '# HELP a text\n# EOF\n',
  '# HELP a.b text\n# EOF\n',
  '# HELP  a text\n# EOF\n',
  '# TYPE a counter\n# TYPE b unknown\n# TYPE c stateset\n# TYPE d info\n# TYPE e gaugehistogram\n# EOF\n',
  '# TYPE a untyped\n# EOF\n',
  '# TYPE a counter \n# EOF\n',
  '# UNIT a_bytes bytes\n# EOF\n',
  '# UNIT a_bytes seconds\n# EOF\n',
  '# UNIT a_bytes \n# EOF\n',
  '# UNIT bytes bytes\n# EOF\n',
  '# UNIT _bytes bytes\n# EOF\n',
  '# UNIT "my.metric_bytes" bytes\n# EOF\n',
  'a 1\r\n# EOF\r\n',
  'a{b="\0"} 1\n# EOF\n',
  'a 1\n\0# EOF\n',
  '# HELP a x\0y\n# EOF\n',
  '# HELP a help\n# TYPE a counter\na_total{b="c"} 1 1000 # {t="x"} 0.5 1000.5\na_created{b="c"} 1000.123\n# EOF\n',
];

/** Bytes that are not UTF-8: of no encoding, Latin-1, a surrogate in UTF-8, a character cut short. */
const WRONG = ['\xff', 'k\xf6ln', '\xed\xa0\x80', '\xc3'];
const PLACES = [
  'a{b="@"} 1\n',
  '# HELP a @\na 1\n',
  '# TYPE a @\na 1\n',
  '# HELP "@" text\na 1\n',
  '{"@"} 1\n',
  'a{"@"="b"} 1\n',
  'a{"@"=""} 1\n',
  '# comment @\na 1\n',
  '#@\na 1\n',
  'a@ 1\n',
  'a 1@\n',
  'a_total 1 # {t="@"} 1\n',
];
const NOT_UTF8 = WRONG.flatMap((wrong) => PLACES.map((place) => place.replace('@', wrong)));

const of = (contentType: string, encoding: BufferEncoding) => (text: string) => ({
  bytes: Buffer.from(text, encoding),
  contentType,
});

export const BY_HAND: readonly Body[] = [
  ...TEXT_BODIES.map(of(TEXT, 'utf8')),
  ...OPENMETRICS_BODIES.map(of(OPENMETRICS, 'utf8')),
  ...NOT_UTF8.map(of(TEXT, 'latin1')),
  ...NOT_UTF8.map((text) => `${text}# EOF\n`).map(of(OPENMETRICS, 'latin1')),
  ...['text/html', 'application/json', '', 'text/plain; charset', 'TEXT/plain;a="b"', 'nonsense'].flatMap((type) =>
    ['a 1\n', 'a one\n', 'a_total 1 # {t="1"} 1\n# EOF\n'].map(of(type, 'utf8')),
  ),
];

const PIECES = [
  ...['a', 'b_total', '1', '.5', 'NaN', ' ', '  ', '\t', '\n', '\r', '"', '\\', '{', '}', '=', ',', '#', '# '],
  ...['# HELP ', '# TYPE ', ' counter', '# EOF\n', ' # {', '{"x.y"}', '\xff', '\xc3\xa9', ':', '-', '=""', '\\n'],
];

/**
 * NUL bytes are left out: Prometheus's lexers pass over them in some places, and end at them in others. Bodies with one to four bytes or pieces taken out, put in, doubled or exchanged; the
 * same for the same seed.
 */
export const withAccidents = (bodies: readonly Body[], count: number, seed: number): Body[] => {
  const random = generator(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const accident = (text: string): string => {
    const [at, length] = [below(text.length + 1), below(4)];
    const piece = PIECES[below(PIECES.length)] ?? '';
    const [before, cut, after] = [text.slice(0, at), text.slice(at, at + length), text.slice(at + length)];
    return (
      [before + after, before + piece + cut + after, before + cut + cut + after, before + piece + after][below(4)] ?? ''
    );
  };
  return Array.from({ length: count }, () => {
    const { bytes, contentType } = bodies[below(bodies.length)] ?? { bytes: Buffer.from('a 1\n'), contentType: TEXT };
    let text = bytes.toString('latin1');
    for (let n = 1 + below(4); n > 0; n--) text = accident(text);
    return { bytes: Buffer.from(text, 'latin1'), contentType };
  });
};

/** Numbers from 0 to 1 (mulberry32). */
const generator = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};
