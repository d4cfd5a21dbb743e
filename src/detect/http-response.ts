/** An HTTP/1.x response that came over a connection. */
export interface Response {
  status: number;
  /** By name in small letters. */
  headers: ReadonlyMap<string, readonly string[]>;
  /** As far as it came. */
  body: Buffer;
  /** By its length or its chunks; absent where neither is told: then it is whole when the connection ends. */
  isWhole?: boolean;
}

/**
 * The response in a connection's bytes, or why Go's net/http, which Prometheus scrapes with, refuses it for its headers;
 * `undefined` where there is none. Pure; never fails. Not Node's parser, which takes and refuses other headers than Go's,
 * and 30 times as long for an answer.
 * Sources: Go's net/textproto/reader.go (ReadMIMEHeader) and net/http/transfer.go (parseTransferEncoding, fixLength).
 */
export const readResponse = (bytes: Buffer): Response | { problem: string } | undefined => {
  const { head, end } = finalHead(bytes.toString('latin1'));
  const [first = '', ...lines] = head.split(/\r?\n/);
  const [, version, code] = STATUS_LINE.exec(first) ?? [];
  if (code === undefined) return undefined;
  const headers = readHeaders(lines);
  if (typeof headers === 'string') return { problem: headers };
  const hasChunks = version === '1.1' && headers.has('transfer-encoding');
  const problem = framingProblem(headers, hasChunks);
  if (problem !== undefined) return { problem };
  if (end === undefined) return undefined;
  const status = Number(code);
  const rest = bytes.subarray(end);
  const length = status === 204 || status === 304 ? '0' : headers.get('content-length')?.[0];
  if (hasChunks) return { status, headers, ...joinChunks(rest) };
  if (!length) return { status, headers, body: rest };
  const body = rest.subarray(0, Number(length));
  return { status, headers, body, isWhole: body.length === Number(length) };
};

const STATUS_LINE = /^HTTP\/(1\.[01]) (\d{3})(?: |$)/;

/** Status line and headers of what is not said on the way there, as `100 Continue` is (RFC 9110, section 15.2). */
const finalHead = (text: string): { head: string; end?: number } => {
  const gap = /\r?\n\r?\n/g;
  for (let start = 0; ; start = gap.lastIndex) {
    const found = gap.exec(text);
    const head = text.slice(start, found?.index);
    if (found === null) return { head };
    if (!/^HTTP\/1\.[01] 1(?!01)\d\d/.test(head)) return { head, end: gap.lastIndex };
  }
};

/** A name, and a value without control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what Go refuses
const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\u0000-\u0008\u000a-\u001f\u007f]*?)[ \t]*$/;

/** The headers in these lines, or which of them is none. */
const readHeaders = (lines: readonly string[]): Map<string, string[]> | string => {
  const headers = new Map<string, string[]>();
  let last: string[] | undefined;
  for (const line of lines) {
    if (last !== undefined && /^[ \t]/.test(line)) {
      // It goes on with the header before it.
      last.push(`${last.pop()} ${line.trim()}`);
      continue;
    }
    const [, name, value = ''] = HEADER.exec(line) ?? [];
    if (name === undefined) return `not a header: ${JSON.stringify(line.slice(0, 60))}`;
    last = headers.get(name.toLowerCase()) ?? [];
    last.push(value);
    headers.set(name.toLowerCase(), last);
  }
  return headers;
};

/** What is wrong with the headers that say where the body ends. */
const framingProblem = (headers: Response['headers'], hasChunks: boolean): string | undefined => {
  const name = hasChunks ? 'Transfer-Encoding' : 'Content-Length';
  const values = headers.get(name.toLowerCase()) ?? [];
  const isRepeated = hasChunks ? values.length > 1 : new Set(values).size > 1;
  if (isRepeated) return `more than one ${name} header`;
  const wrong = values.find((value) => !(hasChunks ? /^chunked$/i : /^\d*$/).test(value));
  return wrong === undefined ? undefined : `${name}: ${wrong.slice(0, 60)}`;
};

const CHUNK_SIZE = /^([0-9a-f]{1,16})[ \t]*(?:;.*)?\r?\n$/i;
/** Any trailers, and the empty line behind them. */
const TRAILERS = /^(?:[^\r\n]+\r?\n)*\r?\n/;

/** What the chunks hold, as far as they came: RFC 9112, section 7.1. */
const joinChunks = (bytes: Buffer): Pick<Response, 'body' | 'isWhole'> => {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const start = bytes.indexOf('\n', at) + 1;
    const size = CHUNK_SIZE.exec(bytes.toString('latin1', at, start))?.[1] ?? '';
    const end = start + Number.parseInt(size, 16);
    if (end > start) chunks.push(bytes.subarray(start, end));
    if (end > start && bytes.toString('latin1', end, end + 2) === '\r\n') {
      at = end + 2;
      continue;
    }
    const isWhole = end === start && TRAILERS.test(bytes.toString('latin1', start));
    return { body: Buffer.concat(chunks), isWhole };
  }
};
