import { dialectOf } from './dialect.ts';
import { type Exposition, readExposition } from './exposition-reader.ts';

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
  if (body.length === 0 && dialect.strictContentType) return readExposition('', 'text', dialect, truncated);
  if (declared === 'protobuf') return { ok: false, reason: 'protobuf, although text was asked for' };
  const whole = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1');
  const end = truncated ? whole.lastIndexOf('\n') + 1 : whole.length;
  if (truncated && end === 0) return { ok: false, reason: 'its first line is longer than what is read' };
  const read = (format: 'text' | 'openmetrics') => readExposition(whole.slice(0, end), format, dialect, truncated);
  if (declared !== undefined) return read(declared);
  const text = read('text');
  if (text.ok) return { ...text, fallback: 'PrometheusText0.0.4' };
  const openMetrics = read('openmetrics');
  return openMetrics.ok ? { ...openMetrics, fallback: 'OpenMetricsText1.0.0' } : text;
}

/** The formats that Prometheus tells apart by an answer's Content-Type. */
export type DeclaredFormat = 'text' | 'openmetrics' | 'protobuf';

const FORMATS: ReadonlyMap<string, DeclaredFormat> = new Map([
  ['text/plain', 'text'],
  ['application/openmetrics-text', 'openmetrics'],
  ['application/vnd.google.protobuf', 'protobuf'],
]);

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const PARAMETER = `;\\s*(${TOKEN})\\s*=\\s*(?:${TOKEN}|"(?:[^"\\\\]|\\\\.)*")\\s*`;
const CONTENT_TYPE = new RegExp(`^\\s*(${TOKEN}/${TOKEN})\\s*(?:${PARAMETER})*;?\\s*$`);
const everyParameter = new RegExp(PARAMETER, 'g');
/** Longer ones do not occur; the bound keeps a hostile header cheap. */
const LONGEST = 1000;

/**
 * The format that a Content-Type declares; `undefined` where Prometheus 3 refuses the scrape for it (missing, unreadable or
 * another type) unless the job has a `fallback_scrape_protocol`. The version parameter does not matter.
 * Source: extractMediaType in Prometheus's model/textparse/interface.go at v3.14.0, which reads with Go's mime package.
 */
export function declaredFormat(contentType = ''): DeclaredFormat | undefined {
  if (contentType.length > LONGEST) return undefined;
  const [, mediaType = ''] = CONTENT_TYPE.exec(contentType) ?? [];
  const names = [...contentType.matchAll(everyParameter)].map(([, name = '']) => name.toLowerCase());
  return new Set(names).size === names.length ? FORMATS.get(mediaType.toLowerCase()) : undefined;
}
