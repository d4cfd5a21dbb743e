/** The formats that Prometheus tells apart by an answer's Content-Type. */
export type DeclaredFormat = 'text' | 'openmetrics' | 'protobuf';

const FORMATS: ReadonlyMap<string, DeclaredFormat> = new Map([
  ['text/plain', 'text'],
  ['application/openmetrics-text', 'openmetrics'],
  ['application/vnd.google.protobuf', 'protobuf'],
]);

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const MEDIA_TYPE = new RegExp(`^\\s*(${TOKEN}/${TOKEN})\\s*(?:;|$)`);
const PARAMETER = new RegExp(`^\\s*(${TOKEN})\\s*=\\s*(?:${TOKEN}|"(?:[^"\\\\]|\\\\.)*")\\s*(?:;|$)`);
/** Longer ones do not occur; the bound keeps a hostile header cheap. */
const LONGEST = 1000;

/**
 * The format that a Content-Type declares; `undefined` where Prometheus 3 refuses the scrape for it (missing, unreadable or
 * another type) unless the job has a `fallback_scrape_protocol`. The version parameter does not matter.
 * Source: extractMediaType in Prometheus's model/textparse/interface.go at v3.14.0, which reads with Go's mime package.
 */
export function declaredFormat(contentType: string | undefined): DeclaredFormat | undefined {
  if (contentType === undefined || contentType.length > LONGEST) return undefined;
  const match = MEDIA_TYPE.exec(contentType);
  if (match === null || !parametersAreReadable(contentType.slice(match[0].length))) return undefined;
  return FORMATS.get((match[1] ?? '').toLowerCase());
}

function parametersAreReadable(text: string): boolean {
  const names = new Set<string>();
  for (let rest = text; rest.trim() !== ''; ) {
    const match = PARAMETER.exec(rest);
    const name = match?.[1]?.toLowerCase();
    if (match === null || name === undefined || names.has(name)) return false;
    names.add(name);
    rest = rest.slice(match[0].length);
  }
  return true;
}
