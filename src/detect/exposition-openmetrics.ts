import {
  atEnd,
  type Cursor,
  peek,
  Refused,
  requireNumber,
  take,
  takeLabels,
  takeMetricName,
  takeQuoted,
} from './exposition-line.ts';
import type { Families } from './metric-families.ts';

const TYPES = ['counter', 'gauge', 'histogram', 'gaugehistogram', 'summary', 'info', 'stateset', 'unknown'];

export const END_OF_METRICS = '# EOF';

/**
 * Reads one line of OpenMetrics 1.0, but for its `# EOF`; answers whether it is a sample. Unlike in the older format,
 * exactly one space separates, and there are neither blank lines nor free comments.
 * Throws a Refused where Prometheus refuses the line.
 * Source: what Prometheus scrapes with, model/textparse/openmetricslex.l and openmetricsparse.go at v3.14.0.
 */
export function readOpenMetricsLine(line: string, families: Families): boolean {
  const c: Cursor = { line, at: 0 };
  if (take(c, '#')) {
    readMetadata(c, families);
    return false;
  }
  readSample(c, families);
  return true;
}

function readMetadata(c: Cursor, families: Families): void {
  const keyword = [' HELP ', ' TYPE ', ' UNIT '].find((word) => take(c, word))?.trim();
  if (keyword === undefined) throw new Refused('OpenMetrics has no comments but HELP, TYPE, UNIT and EOF');
  const name = peek(c) === '"' ? takeQuoted(c) : takeMetricName(c);
  if (name === '') throw new Refused(`a metric name is missing after ${keyword}`);
  if (!take(c, ' ')) throw new Refused(`a space is missing after the metric name of ${keyword}`);
  const text = c.line.slice(c.at);
  if (keyword === 'HELP') families.describe(name, { help: text });
  else if (keyword === 'TYPE') readType(name, text, families);
  else if (text !== '' && !name.endsWith(`_${text}`)) {
    throw new Refused(`the unit ${JSON.stringify(text.slice(0, 40))} is not the end of the metric's name`);
  }
}

function readType(name: string, type: string, families: Families): void {
  if (!TYPES.includes(type)) throw new Refused(`${JSON.stringify(type.slice(0, 40))} is no metric type of OpenMetrics`);
  families.describe(name, { type });
}

function readSample(c: Cursor, families: Families): void {
  let name = takeMetricName(c);
  if (name === '' && peek(c) !== '{') throw new Refused('it starts with no metric name');
  if (take(c, '{')) name = takeLabels(c, name, { lax: false, metricName: true });
  if (name === '') throw new Refused('it has no metric name');
  readNumbers(c);
  if (take(c, ' # {')) {
    takeLabels(c, '', { lax: false, metricName: false });
    readNumbers(c);
  }
  if (!atEnd(c)) throw new Refused('something follows the sample');
  families.sample(name);
}

/** A value and, where one follows, a timestamp in seconds, each behind one space. */
function readNumbers(c: Cursor): void {
  requireNumber(takeAfterSpace(c), 'value');
  if (atEnd(c) || c.line.startsWith(' # {', c.at)) return;
  const timestamp = takeAfterSpace(c);
  requireNumber(timestamp, 'timestamp');
  if (!/\d/.test(timestamp)) throw new Refused('its timestamp is not finite');
}

/** Everything from behind one space up to the next one. */
function takeAfterSpace(c: Cursor): string {
  if (!take(c, ' ')) return '';
  const space = c.line.indexOf(' ', c.at);
  const start = c.at;
  c.at = space < 0 ? c.line.length : space;
  return c.line.slice(start, c.at);
}
