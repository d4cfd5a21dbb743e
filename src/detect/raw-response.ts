/** An HTTP/1.x response as it came over the wire, taken apart. */
export interface RawResponse {
  status: number;
  /** By lower-case name; of repeated ones the last. */
  headers: Record<string, string>;
  body: Buffer;
  /** Its length or its chunks say that it is whole; where neither tells, it is whole when the connection ends. */
  complete: boolean;
}

/**
 * Takes a response apart (RFC 9112); `undefined` where the text is none. A body cut short is given as far as it came.
 * What is said on the way there, `100 Continue` for example, is passed over (RFC 9110, section 15.2). `text` has one character for each byte (latin1): chunks may end within what is one character of the body.
 */
export const parseRawResponse = (text: string): RawResponse | undefined => {
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1];
  if (status === undefined) return undefined;
  const gap = /\r?\n\r?\n/.exec(text);
  if (gap !== null && status.startsWith('1') && status !== SWITCHING_PROTOCOLS) {
    const final = parseRawResponse(text.slice(gap.index + gap[0].length));
    if (final !== undefined) return final;
  }
  const head = gap === null ? text : text.slice(0, gap.index);
  const rest = gap === null ? '' : text.slice(gap.index + gap[0].length);
  const headers = parseHeaders(head);
  const body = Buffer.from(rest, 'latin1');
  if (isChunked(headers)) {
    return { status: Number(status), headers, ...dechunk(body) };
  }
  const length = headers['content-length'];
  return { status: Number(status), headers, body, complete: length !== undefined && body.length >= Number(length) };
};

/** The one informational status that ends HTTP on the connection. */
const SWITCHING_PROTOCOLS = '101';

const isChunked = (headers: RawResponse['headers']): boolean => /\bchunked\b/i.test(headers['transfer-encoding'] ?? '');

/** Whether the response says where its body ends, so that one that ends earlier is known to be cut short. Pure. */
export const endIsTold = ({ headers }: Pick<RawResponse, 'headers'>): boolean =>
  isChunked(headers) || headers['content-length'] !== undefined;

const parseHeaders = (head: string): Record<string, string> =>
  Object.fromEntries(
    head
      .split(/\r?\n/)
      .slice(1)
      .flatMap((line): [string, string][] => {
        const colon = line.indexOf(':');
        return colon < 1 ? [] : [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]];
      }),
  );

const dechunk = (bytes: Buffer): Pick<RawResponse, 'body' | 'complete'> => {
  const parts: Buffer[] = [];
  let at = 0;
  let complete = false;
  while (at < bytes.length) {
    const lineEnd = bytes.indexOf('\n', at);
    if (lineEnd < 0) break;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    complete = size === 0;
    if (!(size > 0)) break;
    parts.push(bytes.subarray(lineEnd + 1, lineEnd + 1 + size));
    at = lineEnd + 1 + size + 2;
  }
  return { body: Buffer.concat(parts), complete };
};
