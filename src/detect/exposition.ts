import { declaredFormat } from './content-type.ts';
import { Refused } from './exposition-line.ts';
import { END_OF_METRICS, readOpenMetricsLine } from './exposition-openmetrics.ts';
import { readTextLine } from './exposition-text.ts';
import { type Families, type MetricFamily, newFamilies } from './metric-families.ts';

export type Exposition =
  | {
      ok: true;
      format: 'text' | 'openmetrics';
      /** Distinct metrics: a histogram is one. */
      metrics: number;
      /** 0 for an empty body, which Prometheus takes for a good one. */
      samples: number;
      families: Map<string, MetricFamily>;
    }
  | {
      ok: false;
      /** Counted from 1; absent where no single line is at fault. */
      line?: number;
      /** For a person. */
      reason: string;
    };

export interface ParseOptions {
  /** The body was cut off at some length: judged by its whole lines. */
  truncated?: boolean;
}

/**
 * Decides whether Prometheus would take a body as metrics. Never throws, and takes time in proportion to the body.
 *
 * The Content-Type decides the format, as it does for Prometheus; one that says none of them leaves it to the body: the
 * older text format where it reads as that, else OpenMetrics. Where Prometheus is strict, this is: no CR LF, no fraction in a
 * timestamp of the older format, `# EOF` at the end of OpenMetrics. Two rare bodies that Prometheus accepts are refused: a
 * raw line break inside a label's value, and a NUL byte outside of one. Invalid UTF-8, which Prometheus refuses in labels and
 * help texts, cannot be seen here: the body is text already.
 */
export function parseExposition(body: string, contentType: string | undefined, options: ParseOptions = {}): Exposition {
  const truncated = options.truncated ?? false;
  const declared = declaredFormat(contentType);
  if (declared === 'protobuf') return { ok: false, reason: 'protobuf, although text was asked for' };
  if (declared === 'text') return parseText(body, truncated);
  if (declared === 'openmetrics') return parseOpenMetrics(body, truncated);
  const text = parseText(body, truncated);
  if (text.ok) return text;
  const openMetrics = parseOpenMetrics(body, truncated);
  return openMetrics.ok ? openMetrics : text;
}

function parseText(body: string, truncated: boolean): Exposition {
  return parseLines(body, 'text', truncated, readTextLine);
}

function parseOpenMetrics(body: string, truncated: boolean): Exposition {
  const whole = body.endsWith('\n') ? body.slice(0, -1) : body;
  const start = whole.length - END_OF_METRICS.length;
  if (whole.endsWith(END_OF_METRICS) && (start === 0 || whole.charAt(start - 1) === '\n')) {
    return parseLines(whole.slice(0, start), 'openmetrics', false, readOpenMetricsLine);
  }
  if (truncated) return parseLines(body, 'openmetrics', true, readOpenMetricsLine);
  return { ok: false, reason: `OpenMetrics that does not end with ${END_OF_METRICS}` };
}

type ReadLine = (line: string, families: Families) => boolean;

/** A body that ends within a line is read to there; a truncated one only as far as its lines are whole. */
function parseLines(body: string, format: 'text' | 'openmetrics', truncated: boolean, read: ReadLine): Exposition {
  const families = newFamilies(format);
  const end = truncated ? body.lastIndexOf('\n') + 1 : body.length;
  if (truncated && end === 0) return { ok: false, reason: 'its first line is longer than what is read' };
  let samples = 0;
  let number = 1;
  try {
    for (let start = 0; start < end; number += 1) {
      const newline = body.indexOf('\n', start);
      const stop = newline < 0 ? end : newline;
      if (read(body.slice(start, stop), families)) samples += 1;
      start = stop + 1;
    }
  } catch (error) {
    if (error instanceof Refused) return { ok: false, line: number, reason: error.message };
    throw error;
  }
  return { ok: true, format, metrics: families.byName.size, samples, families: families.byName };
}
