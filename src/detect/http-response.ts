import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { Duplex } from 'node:stream';

/** An HTTP/1.x response that came over a connection. */
export interface Response {
  status: number;
  headers: IncomingHttpHeaders;
  /** As far as it came. */
  body: Buffer;
  /** A length or chunks say where the body ends, so that one that ends earlier is known to be cut short. */
  endIsTold: boolean;
  /** Its length or its chunks say that it is whole; where neither tells, it is whole when the connection ends. */
  complete: boolean;
}

/** Bytes of all headers; Go's net/http takes 10 MiB. */
const MAX_HEADER_BYTES = 1024 * 1024;

/** The response in a connection's bytes; `undefined` where there is none. Never fails. */
export const readResponse = async (bytes: Buffer): Promise<Response | undefined> =>
  readPlain(bytes) ?? readWithParser(bytes);

const PLAIN_STATUS = /^HTTP\/1\.[01] ([2-5]\d\d)(?: [\t\x20-\x7e]*)?$/;
const PLAIN_HEADER = /^([A-Za-z0-9-]+): ?([\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?)$/;
const NOT_PLAIN: ReadonlySet<string> = new Set(['transfer-encoding', 'upgrade', 'set-cookie']);

/**
 * A response as nearly all are: without chunks, each header once. A parser for each of hundreds of answers takes 30 times as
 * long. `undefined`: the parser has to read it. Pure.
 */
export const readPlain = (bytes: Buffer): Response | undefined => {
  const end = bytes.indexOf('\r\n\r\n');
  const [first = '', ...lines] = bytes.toString('latin1', 0, Math.max(end, 0)).split('\r\n');
  const status = Number(PLAIN_STATUS.exec(first)?.[1] ?? 0);
  if (status === 0 || status === 204 || status === 304) return undefined;
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const [, name = '', value = ''] = PLAIN_HEADER.exec(line) ?? [];
    const key = name.toLowerCase();
    if (key === '' || NOT_PLAIN.has(key) || Object.hasOwn(headers, key)) return undefined;
    headers[key] = value;
  }
  const { 'content-length': length, ...others } = headers;
  const rest = bytes.subarray(end + 4);
  if (length === undefined) return { status, headers: others, body: rest, endIsTold: false, complete: false };
  if (!/^\d{1,9}$/.test(length)) return undefined;
  const body = rest.subarray(0, Number(length));
  return { status, headers, body, endIsTold: true, complete: body.length === Number(length) };
};

/** Node's own parser, over a connection that is not one. */
export const readWithParser = (bytes: Buffer): Promise<Response | undefined> => {
  const connection = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() });
  connection.push(bytes);
  connection.push(null);
  // Lenient like Go: line feeds alone, a length beside chunks. What Go refuses is looked for in the bytes.
  const options = { createConnection: () => connection, insecureHTTPParser: true, maxHeaderSize: MAX_HEADER_BYTES };
  return new Promise((resolve) => {
    let found: Response | undefined;
    const parts: Buffer[] = [];
    const end = () => resolve(found === undefined ? undefined : { ...found, body: Buffer.concat(parts) });
    const asked = request(options, (response) => {
      found = headOf(response);
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', end);
      response.on('close', () => {
        if (found !== undefined) found.complete = found.endIsTold && response.complete;
        end();
      });
    });
    asked.on('upgrade', (response) => {
      found = headOf(response);
      end();
    });
    asked.on('error', end);
    asked.end();
  });
};

const headOf = ({ statusCode = 0, headers }: IncomingMessage): Response => ({
  status: statusCode,
  headers,
  body: Buffer.alloc(0),
  endIsTold: headers['transfer-encoding'] !== undefined || headers['content-length'] !== undefined,
  complete: false,
});

/** A name, and a value without control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what Go refuses
const HEADER = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\u0000-\u0008\u000a-\u001f\u007f]*$/;

/**
 * Why Go's net/http, which Prometheus scrapes with, refuses a response for its headers; `undefined`: it does not. Pure.
 * Sources: Go's net/textproto/reader.go (ReadMIMEHeader) and net/http/transfer.go (parseTransferEncoding).
 */
export const headerProblem = (bytes: Buffer): string | undefined => {
  const [first = '', ...lines] = finalHead(bytes).split(/\r?\n/);
  if (!/^HTTP\/\d\.\d \d{3}(?: |$)/.test(first)) return undefined;
  const broken = lines.find((line, n) => !HEADER.test(line) && !(n > 0 && /^[ \t]/.test(line)));
  if (broken !== undefined) return `not a header: ${JSON.stringify(broken.slice(0, 60))}`;
  const valuesOf = (name: string): string[] =>
    lines.flatMap((line) => new RegExp(`^${name}:[ \\t]*(.*?)[ \\t]*$`, 'i').exec(line)?.[1] ?? []);
  const encodings = valuesOf('transfer-encoding');
  if (first.startsWith('HTTP/1.0') || encodings.length === 0) return lengthProblem(valuesOf('content-length'));
  if (encodings.length > 1) return 'more than one Transfer-Encoding header';
  return encodings[0]?.toLowerCase() === 'chunked' ? undefined : `Transfer-Encoding: ${encodings[0]?.slice(0, 60)}`;
};

const lengthProblem = (lengths: readonly string[]): string | undefined => {
  if (new Set(lengths).size > 1) return 'more than one Content-Length header';
  return lengths.every((length) => /^\d*$/.test(length)) ? undefined : `Content-Length: ${lengths[0]?.slice(0, 60)}`;
};

/** Status line and headers of what is not said on the way there, as `100 Continue` is (RFC 9110, section 15.2). */
const finalHead = (bytes: Buffer): string => {
  const text = bytes.toString('latin1', 0, MAX_HEADER_BYTES);
  for (let start = 0; ; ) {
    const gap = /\r?\n\r?\n/g;
    gap.lastIndex = start;
    const found = gap.exec(text);
    const head = text.slice(start, found?.index ?? text.length);
    if (found === null || !/^HTTP\/1\.[01] 1(?!01)\d\d/.test(head)) return head;
    start = gap.lastIndex;
  }
};
