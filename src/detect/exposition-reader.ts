import { decoded, isUtf8Text } from './bytes.ts';
import type { Dialect } from './dialect.ts';
import {
  countMetric,
  countSample,
  type Duplicate,
  duplicatesIn,
  type Label,
  newTally,
  type Tally,
} from './exposition-tally.ts';

type Format = 'text' | 'openmetrics';

export type Exposition =
  | {
      ok: true;
      format: Format;
      /** Distinct metrics: a histogram is one. */
      metrics: number;
      /** 0 for an empty body, which Prometheus takes for a good one. */
      samples: number;
      timestamps?: Tally['timestamps'];
      /**
       * Sorted by how often. Prometheus keeps the first and drops the others while the target stays up: 3.x counts them
       * in `prometheus_target_scrapes_sample_duplicate_timestamp_total` and warns in its log, 2.42 does neither (measured
       * on 3.13.2 and 2.42.0). Absent where this was not looked for.
       */
      duplicates?: Duplicate[];
      /**
       * The `fallback_scrape_protocol` without which Prometheus 3 refuses the answer for its Content-Type. Absent for
       * Prometheus 2, which does not know the key and reads such an answer as `PrometheusText0.0.4`.
       */
      fallback?: 'PrometheusText0.0.4' | 'OpenMetricsText1.0.0';
    }
  | {
      ok: false;
      /** Counted from 1; absent where no single line is at fault. */
      line?: number;
      /** A name, a label value or a HELP text is not UTF-8, or OpenMetrics has no end. */
      kind?: 'not-utf8' | 'no-eof';
      /** For a person. */
      reason: string;
    };

/** What makes a line one that Prometheus refuses; worded for a person. */
class Refused extends Error {
  constructor(
    message: string,
    readonly kind?: 'not-utf8' | 'no-eof',
  ) {
    super(message);
  }
}

/**
 * What the two formats write differently. All expressions are sticky, none looks at a character twice, and what one finds is
 * its group, where it has one.
 */
const TEXT = {
  metadata: /#[ \t]+(HELP|TYPE)[ \t]+/y,
  /** Behind the metric's name, to the line's end; whatever stands behind the name is taken for the blank. */
  rest: /[^\n]?([^\n]*)\n?/y,
  types: new Set(['counter', 'gauge', 'histogram', 'summary', 'untyped']),
  /** Blanks may stand around names, values, braces and commas. */
  blanks: true,
  value: /[ \t]*([^{ \t\n\0]+)/y,
  timestamp: /[ \t]*(\d+)(?=[ \t\n]|$)/y,
  end: /[ \t]*(?:\n|$)/y,
  labelValue: /"([^"\\]*(?:\\[^\n][^"\\]*)*)"/y,
  /** Milliseconds. */
  time: (token: string): number => {
    if (BigInt(token) > LAST_TIMESTAMP)
      throw new Refused(`${shown(token)} after the value is too large for a timestamp`);
    return Number(token);
  },
};

const OPENMETRICS: typeof TEXT = {
  metadata: /# (HELP|TYPE|UNIT) /y,
  rest: / ([^\n]*)\n/y,
  types: new Set(['counter', 'gauge', 'histogram', 'gaugehistogram', 'summary', 'info', 'stateset', 'unknown']),
  blanks: false,
  value: / ([^ \n\0]+)/y,
  timestamp: / ([^ \n\0]+)/y,
  end: /\n/y,
  labelValue: /"([^"\\\n]*(?:\\[^\n][^"\\\n]*)*)"/y,
  time: (token) => {
    const seconds = numberOf(token, 'timestamp');
    if (!Number.isFinite(seconds)) throw new Refused('its timestamp is not finite');
    return Math.trunc(seconds * 1000);
  },
};

const METRIC_NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL_NAME = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const QUOTED_NAME = /"([^"\\\0]*(?:\\[^\n\0][^"\\\0]*)*)"/y;
const QUOTED_NAME_ON_A_LINE = /"([^"\\\0\n]*(?:\\[^\n\0][^"\\\0\n]*)*)"/y;
const METRIC = /^[ \t]*[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const EXEMPLAR = / # \{/y;
const BLANK_LINE = /[ \t]*(?:\n|$)/y;
const COMMENT = /[ \t]*(?:#[ \t]+[^\n]*|#[^\n\0]*)(?:\n|$)/y;
/** A NUL byte where an entry starts or in a comment without a blank ends the text format. */
const NUL = /[ \t]*(?:#[^\n\0 \t][^\n\0]*|#)?\0/y;
const END_OF_METRICS = /# EOF\n?/y;
const LAST_TIMESTAMP = 2n ** 63n - 1n;

/** A body, one character for each byte, and how far it is read. */
interface Cursor {
  text: string;
  at: number;
  format: Format;
  grammar: typeof TEXT;
  dialect: Dialect;
  /** It ends where reading ended, so that no `# EOF` is expected. */
  truncated: boolean;
  hasNul: boolean;
  tally: Tally;
}

/**
 * Counts what a whole body has, up to the first line that Prometheus refuses.
 * Source: what Prometheus scrapes with, model/textparse (promlex.l, openmetricslex.l and their parsers) and append in
 * scrape/scrape.go, at v2.42.0, v3.5.0 and v3.13.0.
 */
export function readExposition(text: string, format: Format, dialect: Dialect, truncated: boolean): Exposition {
  const grammar = format === 'text' ? TEXT : OPENMETRICS;
  const tally = newTally();
  const cursor: Cursor = { text, at: 0, format, grammar, dialect, truncated, hasNul: text.includes('\0'), tally };
  const atEnd = format === 'text' ? textEnds : openMetricsEnds;
  let entry = 0;
  try {
    while (!atEnd(cursor) && !(truncated && cursor.at >= text.length)) {
      entry = cursor.at;
      readEntry(cursor);
    }
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const line = text.slice(0, entry).split('\n').length;
    return { ok: false, line, reason: error.message, kind: error.kind };
  }
  const { samples, types, timestamps } = tally;
  return { ok: true, format, metrics: types.size, samples, timestamps, duplicates: duplicatesIn(tally) };
}

/** What `pattern` finds here, and moves behind it. */
const take = (c: Cursor, pattern: RegExp): string | undefined => {
  pattern.lastIndex = c.at;
  const match = pattern.exec(c.text);
  if (match === null) return undefined;
  c.at = pattern.lastIndex;
  return match[1] ?? match[0];
};

const isBlank = (char: string | undefined): boolean => char === ' ' || char === '\t';

const skipGap = (c: Cursor): void => {
  while (c.grammar.blanks && isBlank(c.text[c.at])) c.at += 1;
};

const takeChar = (c: Cursor, char: string): boolean => {
  if (c.text[c.at] !== char) return false;
  c.at += 1;
  return true;
};

const textEnds = (c: Cursor): boolean => c.at >= c.text.length || (c.hasNul && take(c, NUL) !== undefined);

const openMetricsEnds = (c: Cursor): boolean => {
  if (take(c, END_OF_METRICS) === undefined) {
    if (c.at >= c.text.length && !c.truncated) throw new Refused('OpenMetrics that does not end with # EOF', 'no-eof');
    return false;
  }
  if (c.at < c.text.length) throw new Refused('something follows # EOF');
  return true;
};

function readEntry(c: Cursor): void {
  if (c.format === 'text' && (isBlank(c.text[c.at]) || c.text[c.at] === '\n') && take(c, BLANK_LINE) !== undefined)
    return;
  const start = c.at;
  skipGap(c);
  const isComment = c.text[c.at] === '#';
  const keyword = isComment ? take(c, c.grammar.metadata) : undefined;
  if (keyword !== undefined) readMetadata(c, keyword);
  else if (!isComment) readSample(c, start);
  else if (c.format === 'text') take(c, COMMENT);
  else throw new Refused('OpenMetrics has no comments but HELP, TYPE, UNIT and EOF');
}

function readMetadata(c: Cursor, keyword: string): void {
  const quoted = c.dialect.quotedNames ? take(c, QUOTED_NAME) : undefined;
  const name = quoted ?? take(c, METRIC_NAME);
  if (name === undefined) throw new Refused(`a metric name is missing after ${keyword}`);
  const text = take(c, c.grammar.rest);
  if (text === undefined) throw new Refused(`a space is missing after the metric name of ${keyword}`);
  if (keyword === 'HELP') requireUtf8(text, 'a HELP text');
  if (keyword === 'TYPE' && text.endsWith('\r')) throw new Refused(CR_LF);
  if (keyword === 'TYPE' && !c.grammar.types.has(text))
    throw new Refused(`${shown(text)} is not a metric type${c.format === 'text' ? '' : ' of OpenMetrics'}`);
  if (keyword === 'UNIT' && text !== '' && !name.endsWith(`_${text}`))
    throw new Refused(`the unit ${shown(text)} is not the end of the metric's name`);
  countMetric(c.tally, name, keyword === 'TYPE' ? text : undefined);
}

/** Blanks before a name are part of it for Prometheus 3, and not allowed in one for Prometheus 2. */
function readSample(c: Cursor, start: number): void {
  const bare = take(c, METRIC_NAME);
  const name = bare === undefined ? undefined : c.text.slice(start, c.at);
  if (name === undefined && (c.text[c.at] !== '{' || !c.dialect.quotedNames))
    throw new Refused('it starts with no metric name');
  if (name !== bare && !c.dialect.utf8Names)
    throw new Refused('blanks before a metric name, which this version of Prometheus refuses');
  if (name !== undefined) skipGap(c);
  const labels: Labels = { metric: name, pairs: [] };
  if (takeChar(c, '{')) readLabels(c, labels, false);
  if (labels.metric === undefined || labels.metric === '') throw new Refused('it has no metric name');
  const kept = checkLabels(c, labels.metric, labels.pairs);
  const isJoined = c.at < c.text.length && /[^} \t\n]{2}/.test(c.text.slice(c.at - 1, c.at + 1));
  numberOf(take(c, c.grammar.value) ?? '', isJoined ? 'value: names have letters, digits, _ and : only' : 'value');
  const time = readTimestamp(c);
  if (c.format === 'openmetrics' && take(c, EXEMPLAR) !== undefined) readExemplar(c, labels.metric);
  if (take(c, c.grammar.end) === undefined) throw new Refused(trailing(c, time));
  countSample(c.tally, labels.metric, kept, time);
}

const trailing = (c: Cursor, time: number | undefined): string => {
  const token = /[^\s{]*/.exec(c.text.slice(c.at, c.at + 60).trimStart())?.[0] ?? '';
  if (c.format === 'openmetrics') return 'something follows the sample';
  if (time !== undefined) return 'something follows the timestamp';
  if (token.startsWith('#')) return 'it has an exemplar, which only OpenMetrics allows';
  return `${shown(token)} after the value is not a timestamp in milliseconds`;
};

function readTimestamp(c: Cursor): number | undefined {
  if (c.text[c.at] === '\n') return undefined;
  if (c.format === 'openmetrics' && c.text.startsWith(' # {', c.at)) return undefined;
  const token = take(c, c.grammar.timestamp);
  return token === undefined ? undefined : c.grammar.time(token);
}

function readExemplar(c: Cursor, metric: string): void {
  if (!c.dialect.anyExemplars && !/_(?:total|bucket)$/.test(metric))
    throw new Refused('an exemplar, which this version of Prometheus takes for names in _total and _bucket only');
  readLabels(c, { metric: '', pairs: [] }, true);
  numberOf(take(c, c.grammar.value) ?? '', 'value');
  const token = take(c, c.grammar.timestamp);
  if (token !== undefined) c.grammar.time(token);
}

interface Labels {
  metric: string | undefined;
  pairs: Label[];
}

/**
 * The labels from just behind `{` to behind `}`. The text format takes blanks around names, values and commas, and labels
 * without a comma between them. A quoted metric name may stand among them: `{"my.metric",a="b"}`; not in an exemplar.
 */
function readLabels(c: Cursor, labels: Labels, exemplar: boolean): void {
  const { dialect, format } = c;
  for (;;) {
    skipGap(c);
    if (takeChar(c, '}')) return;
    const quoted = dialect.quotedNames ? take(c, exemplar ? QUOTED_NAME_ON_A_LINE : QUOTED_NAME) : undefined;
    const name = quoted ?? take(c, LABEL_NAME);
    if (name === undefined) throw new Refused(noLabelName(c));
    skipGap(c);
    const isMetric = quoted !== undefined || (dialect.bareNameInBraces && labels.metric === undefined);
    if (isMetric && !exemplar && (c.text[c.at] === ',' || c.text[c.at] === '}')) {
      if (labels.metric !== undefined) throw new Refused('it has two metric names');
      labels.metric = quoted === undefined ? name.slice(1, -1) : unescaped(name);
    } else {
      labels.pairs.push([unescaped(name), readLabelValue(c)]);
    }
    skipGap(c);
    const comma = takeChar(c, ',');
    if (format === 'text') continue;
    if (!comma && c.text[c.at] !== '}') throw new Refused('a comma or a closing brace is expected after a label');
    if (comma && !dialect.quotedNames && c.text[c.at] === '}') throw new Refused(noLabelName(c));
  }
}

const noLabelName = (c: Cursor): string =>
  c.text[c.at] === '"' ? 'a quote is not closed, or a name is quoted' : 'a label name is expected inside the braces';

function readLabelValue(c: Cursor): string {
  if (!takeChar(c, '=')) throw new Refused('a label has no value');
  skipGap(c);
  if (c.text[c.at] !== '"') throw new Refused('a quote is missing');
  const value = take(c, c.grammar.labelValue);
  if (value === undefined) throw new Refused('a quote is not closed');
  requireUtf8(value, 'a label value');
  return value;
}

/** A label without a value is none, and is not looked at: Prometheus drops it. One that comes twice drops the scrape. */
function checkLabels(c: Cursor, metric: string, pairs: Labels['pairs']): Labels['pairs'] {
  requireName(c, metric, METRIC);
  if (pairs.some(([name]) => name === '__name__')) throw new Refused('it names its metric in the label __name__');
  const empty = new Set(pairs.filter(([, value]) => value === '').map(([name]) => name));
  const kept = empty.size === 0 ? pairs : pairs.filter(([name]) => !empty.has(name));
  const seen = new Set<string>();
  for (const [name] of kept) {
    if (name === '') throw new Refused('a label has no name');
    if (seen.has(name)) throw new Refused(`the label ${decoded(name.slice(0, 60))} comes twice`);
    requireName(c, name, LABEL);
    seen.add(name);
  }
  return kept;
}

function requireName(c: Cursor, name: string, legacy: RegExp): void {
  if (legacy.test(name)) return;
  requireUtf8(name, 'a name');
  if (!c.dialect.utf8Names)
    throw new Refused(`the name ${shown(decoded(name))}, which this version of Prometheus does not allow`);
}

function requireUtf8(bytes: string, what: string): void {
  if (!isUtf8Text(bytes)) throw new Refused(`${what} has bytes that are not UTF-8`, 'not-utf8');
}

const ESCAPES: Readonly<Record<string, string>> = { '\\"': '"', '\\\\': '\\', '\\n': '\n' };
const unescaped = (bytes: string): string =>
  bytes.includes('\\') ? bytes.replace(/\\["\\n]/g, (pair) => ESCAPES[pair] ?? pair) : bytes;

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const SPECIAL = /^(?:[+-]?(?:inf|infinity)|nan)$/i;
const CR_LF = 'its lines end in CR LF, which Prometheus refuses';

/** A number as Prometheus reads it: Go's ParseFloat without hexadecimal and underscores; one out of range is refused. */
function numberOf(token: string, what: string): number {
  if (SPECIAL.test(token)) return Number.NaN;
  const number = DECIMAL.test(token) ? Number(token) : Number.NaN;
  if (Number.isFinite(number)) return number;
  if (token === '') throw new Refused(`a ${what} is missing`);
  if (token.endsWith('\r')) throw new Refused(CR_LF);
  throw new Refused(`${shown(decoded(token))} is not a ${what}`);
}

const shown = (token: string): string => JSON.stringify(token.length > 40 ? `${token.slice(0, 40)}…` : token);
