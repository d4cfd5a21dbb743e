import {
  atEnd,
  type Cursor,
  peek,
  Refused,
  requireNumber,
  skipBlanks,
  take,
  takeLabels,
  takeMetricName,
  takeQuoted,
  takeToken,
} from './exposition-line.ts';
import type { Families } from './metric-families.ts';

const TYPES = ['counter', 'gauge', 'histogram', 'summary', 'untyped'];
const LAST_TIMESTAMP = 2n ** 63n - 1n;

/**
 * Reads one line of the Prometheus text format 0.0.4 (with the quoted names of 1.0.0); answers whether it is a sample.
 * Throws a Refused where Prometheus refuses the line.
 * Source: what Prometheus scrapes with, model/textparse/promlex.l and promparse.go at v3.14.0.
 */
export function readTextLine(line: string, families: Families): boolean {
  const c: Cursor = { line, at: 0 };
  skipBlanks(c);
  if (atEnd(c)) return false;
  if (take(c, '#')) {
    readComment(c, families);
    return false;
  }
  readSample(c, families);
  return true;
}

function readComment(c: Cursor, families: Families): void {
  const afterHash = c.at;
  skipBlanks(c);
  // Without a blank behind the `#` or behind the keyword it is a comment like any other.
  if (c.at === afterHash) return;
  const keyword = take(c, 'HELP') ? 'HELP' : take(c, 'TYPE') ? 'TYPE' : '';
  const afterKeyword = c.at;
  skipBlanks(c);
  if (keyword === '' || c.at === afterKeyword) return;
  const name = peek(c) === '"' ? takeQuoted(c) : takeMetricName(c);
  if (name === '') throw new Refused(`a metric name is missing after ${keyword}`);
  const text = c.line.slice(c.at);
  if (text !== '' && !/^[ \t]/.test(text)) throw new Refused(`a blank is missing after the metric name of ${keyword}`);
  if (keyword === 'HELP') families.describe(name, { help: text.slice(1) });
  else readType(name, text.slice(1), families);
}

function readType(name: string, type: string, families: Families): void {
  if (type.endsWith('\r')) throw new Refused('its lines end in CR LF, which Prometheus refuses');
  if (!TYPES.includes(type)) throw new Refused(`${JSON.stringify(type.slice(0, 40))} is no metric type`);
  families.describe(name, { type });
}

function readSample(c: Cursor, families: Families): void {
  let name = takeMetricName(c);
  if (name === '' && peek(c) !== '{') throw new Refused('it starts with no metric name');
  if (name !== '') skipBlanks(c);
  if (take(c, '{')) name = takeLabels(c, name, { lax: true, metricName: true });
  if (name === '') throw new Refused('it has no metric name');
  skipBlanks(c);
  requireNumber(takeToken(c), 'value');
  skipBlanks(c);
  if (!atEnd(c)) readTimestamp(c);
  families.sample(name);
}

/** Milliseconds; Prometheus takes neither a sign nor a fraction here. */
function readTimestamp(c: Cursor): void {
  const token = takeToken(c);
  const digits = /^\d+$/.test(token) && token.length < 40;
  if (!digits || BigInt(token) > LAST_TIMESTAMP) throw new Refused(timestampProblem(token || peek(c)));
  skipBlanks(c);
  if (!atEnd(c)) throw new Refused('something follows the timestamp');
}

const timestampProblem = (token: string): string =>
  token.startsWith('#')
    ? 'it has an exemplar, which only OpenMetrics allows'
    : `${JSON.stringify(token.slice(0, 40))} after the value is no timestamp in milliseconds`;
