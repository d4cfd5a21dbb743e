import { declaredFormat } from './content-type.ts';
import { type Dialect, dialectOf } from './dialect.ts';
import { type Duplicate, type Facts, factsOf, newTally, type Tally } from './exposition-facts.ts';
import { Refused, readLines } from './exposition-reader.ts';
import { type MetricFamily, newFamilies } from './metric-families.ts';

export type { Duplicate };

export type Exposition =
  | ({
      ok: true;
      format: 'text' | 'openmetrics';
      /** Distinct metrics: a histogram is one. */
      metrics: number;
      /** 0 for an empty body, which Prometheus takes for a good one. */
      samples: number;
      families: Map<string, MetricFamily>;
    } & Facts)
  | {
      ok: false;
      /** Counted from 1; absent where no single line is at fault. */
      line?: number;
      /** A name, a label value or a HELP text is not UTF-8, or OpenMetrics has no end. */
      kind?: Refused['kind'];
      /** For a person. */
      reason: string;
    };

export interface ParseOptions {
  /** The body was cut off at some length: judged by its whole lines. */
  truncated?: boolean;
  /** Of Prometheus; the newest where absent. */
  version?: string;
}

/**
 * Decides whether Prometheus of that version takes a body as metrics. Never throws, and takes time in proportion to the body.
 *
 * The Content-Type decides the format, as it does for Prometheus. One that says none of them is text for Prometheus 2; for
 * Prometheus 3, which needs a fallback then, the body decides: text where it reads as that, else OpenMetrics.
 */
export function parseExposition(
  body: Uint8Array,
  contentType: string | undefined,
  { truncated = false, version }: ParseOptions = {},
): Exposition {
  const dialect = dialectOf(version);
  const declared = declaredFormat(contentType) ?? (dialect.strictContentType ? undefined : 'text');
  if (body.length === 0 && dialect.strictContentType) return parse('', 'text', dialect, truncated);
  if (declared === 'protobuf') return { ok: false, reason: 'protobuf, although text was asked for' };
  const whole = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1');
  const end = truncated ? whole.lastIndexOf('\n') + 1 : whole.length;
  if (truncated && end === 0) return { ok: false, reason: 'its first line is longer than what is read' };
  const read = (format: 'text' | 'openmetrics') => parse(whole.slice(0, end), format, dialect, truncated);
  if (declared !== undefined) return read(declared);
  const text = read('text');
  if (text.ok) return text;
  const openMetrics = read('openmetrics');
  return openMetrics.ok ? openMetrics : text;
}

/** `text` has one character for each byte. */
function parse(text: string, format: 'text' | 'openmetrics', dialect: Dialect, truncated: boolean): Exposition {
  const tally: Tally = newTally();
  const families = newFamilies(format);
  const position = { at: 0 };
  try {
    readLines({ text, format, dialect, truncated, position, families, tally });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const line = text.slice(0, position.at).split('\n').length;
    return { ok: false, line, reason: error.message, kind: error.kind };
  }
  return {
    ok: true,
    format,
    metrics: families.byName.size,
    samples: tally.samples,
    families: families.byName,
    ...factsOf(tally),
  };
}
