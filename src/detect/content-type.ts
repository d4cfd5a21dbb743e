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
