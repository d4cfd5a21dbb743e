/** What makes a line one that Prometheus refuses; worded for a person. */
export class Refused extends Error {}

/** A place in one line of an exposition, which the readers below move on. */
export interface Cursor {
  readonly line: string;
  at: number;
}

/** What the two formats disagree on inside braces. */
export interface BraceRules {
  /** Blanks around names, values and commas, and labels without a comma between them: the older format takes both. */
  lax: boolean;
  /** A quoted metric name may stand among the labels: `{"my.metric",a="b"}`. Not in exemplars. */
  metricName: boolean;
}

const TAB = 9;
const SPACE = 32;
const QUOTE = 34;
const COLON = 58;
const BACKSLASH = 92;

const isBlank = (code: number): boolean => code === SPACE || code === TAB;
const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isLetter = (code: number): boolean => (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95;

export const atEnd = (c: Cursor): boolean => c.at >= c.line.length;
export const peek = (c: Cursor): string => c.line.charAt(c.at);

export function skipBlanks(c: Cursor): void {
  while (!atEnd(c) && isBlank(c.line.charCodeAt(c.at))) c.at += 1;
}

/** Moves past `text` where it stands here. */
export function take(c: Cursor, text: string): boolean {
  if (!c.line.startsWith(text, c.at)) return false;
  c.at += text.length;
  return true;
}

/** `[a-zA-Z_:][a-zA-Z0-9_:]*`; empty where none stands here. */
export const takeMetricName = (c: Cursor): string => takeName(c, true);

function takeName(c: Cursor, colons: boolean): string {
  const start = c.at;
  while (!atEnd(c)) {
    const code = c.line.charCodeAt(c.at);
    if (!(isLetter(code) || (colons && code === COLON) || (c.at > start && isDigit(code)))) break;
    c.at += 1;
  }
  return c.line.slice(start, c.at);
}

/** What stands between two quotes, its escapes as they are written. */
export function takeQuoted(c: Cursor): string {
  const start = c.at + 1;
  if (c.line.charCodeAt(c.at) !== QUOTE) throw new Refused('a quote is missing');
  for (c.at = start; !atEnd(c); c.at += 1) {
    const code = c.line.charCodeAt(c.at);
    if (code === BACKSLASH) c.at += 1;
    else if (code === QUOTE) {
      c.at += 1;
      return c.line.slice(start, c.at - 1);
    }
  }
  throw new Refused('a quote is not closed');
}

/** Everything up to the next blank or brace, or the line's end. */
export function takeToken(c: Cursor): string {
  const start = c.at;
  while (!atEnd(c) && !isBlank(c.line.charCodeAt(c.at)) && peek(c) !== '{') c.at += 1;
  return c.line.slice(start, c.at);
}

/**
 * The labels from just behind `{` to behind `}`. Answers the quoted metric name among them, or `name` as it was given.
 * A label that comes twice is refused, as Prometheus drops the whole scrape for it.
 */
export function takeLabels(c: Cursor, name: string, rules: BraceRules): string {
  const seen = new Set<string>();
  let metric = name;
  for (;;) {
    if (rules.lax) skipBlanks(c);
    if (take(c, '}')) break;
    const quoted = peek(c) === '"';
    const label = quoted ? takeQuoted(c) : takeName(c, false);
    if (!quoted && label === '') throw new Refused('a label name is expected inside the braces');
    if (rules.lax) skipBlanks(c);
    if (quoted && rules.metricName && (peek(c) === ',' || peek(c) === '}')) {
      if (metric !== '') throw new Refused('it has two metric names');
      metric = label;
    } else {
      takeLabelValue(c, rules);
      addLabel(seen, label);
    }
    if (rules.lax) skipBlanks(c);
    if (!take(c, ',') && !rules.lax && peek(c) !== '}')
      throw new Refused('a comma or a closing brace is expected after a label');
  }
  if (seen.has('__name__')) throw new Refused('it names its metric in the label __name__');
  return metric;
}

function takeLabelValue(c: Cursor, rules: BraceRules): void {
  if (!take(c, '=')) throw new Refused('a label has no value');
  if (rules.lax) skipBlanks(c);
  takeQuoted(c);
}

function addLabel(seen: Set<string>, label: string): void {
  if (label === '') throw new Refused('a label has no name');
  if (seen.has(label)) throw new Refused(`the label ${label.slice(0, 60)} comes twice`);
  seen.add(label);
}

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const SPECIAL = /^(?:[+-]?(?:inf|infinity)|nan)$/i;

/** A number as Prometheus reads it: Go's ParseFloat without hexadecimal and underscores; one out of range is refused. */
export function isNumber(token: string): boolean {
  if (SPECIAL.test(token)) return true;
  return DECIMAL.test(token) && Number.isFinite(Number(token));
}

export function requireNumber(token: string, what: string): void {
  if (isNumber(token)) return;
  if (token === '') throw new Refused(`a ${what} is missing`);
  const shown = token.length > 40 ? `${token.slice(0, 40)}…` : token;
  if (token.endsWith('\r')) throw new Refused('its lines end in CR LF, which Prometheus refuses');
  throw new Refused(`${JSON.stringify(shown)} is no ${what}`);
}
