import { type IncomingMessage, request } from 'node:http';
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readResponse } from '../../../src/detect/http-response.ts';

const NAMES = ['content-type', 'content-encoding', 'location'];

/** What Node's parser reads of the same bytes; `undefined` where it refuses them. */
const readByNode = (bytes: Buffer) => {
  const connection = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() });
  connection.push(bytes);
  connection.push(null);
  const parts: Buffer[] = [];
  return new Promise<object | undefined>((resolve) => {
    const asked = request({ createConnection: () => connection, insecureHTTPParser: true }, (response) => {
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', () => resolve(undefined));
      response.on('close', () => resolve(seen(response, parts)));
    });
    asked.on('error', () => resolve(undefined));
    asked.end();
  });
};

const seen = ({ statusCode, headers, complete }: IncomingMessage, parts: Buffer[]) => {
  const endIsTold = headers['transfer-encoding'] !== undefined || headers['content-length'] !== undefined;
  return {
    status: statusCode,
    headers: NAMES.map((name) => headers[name]),
    body: Buffer.concat(parts).toString('latin1'),
    isWhole: endIsTold ? complete : undefined,
  };
};

const readByUs = (bytes: Buffer) => {
  const read = readResponse(bytes);
  if (read === undefined || 'problem' in read) return undefined;
  const { status, headers, body, isWhole } = read;
  return {
    status,
    headers: NAMES.map((name) => headers.get(name)?.[0]),
    body: body.toString('latin1'),
    isWhole,
  };
};

const status = fc.constantFrom('200 OK', '200 ', '404 Not Found', '500 Oh no', '301 Moved', '401 ');
const header = fc.oneof(
  fc.constantFrom(
    'Content-Type: text/plain; version=0.0.4',
    'content-type:text/html',
    'Content-Encoding: gzip',
    'Location:   /a b  ',
    'Connection: close',
    'X-Empty:',
    'Set-Cookie: a=1',
    'WWW-Authenticate: Basic realm="x"',
    'not a header',
  ),
  fc.tuple(fc.stringMatching(/^[A-Za-z-]{1,8}$/), fc.stringMatching(/^[ -~]{0,12}$/)).map(([k, v]) => `X-${k}: ${v}`),
);
/** Of several of one name, Node joins some, and Go takes the first. */
const headers = fc.uniqueArray(header, { maxLength: 4, selector: (line) => line.split(':')[0]?.toLowerCase() });
/** A body as one of the framings writes it, cut somewhere or not. */
const body = fc
  .record({
    text: fc.stringMatching(/^[ -~\n]{1,20}$/),
    framing: fc.constantFrom('length', 'chunks', 'none'),
    cut: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 4 })),
  })
  .map(({ text, framing, cut }) => {
    const half = text.slice(text.length / 2);
    const chunks = [text, half].filter(Boolean).map((chunk) => `${chunk.length.toString(16)};x=1\r\n${chunk}\r\n`);
    const framed = {
      length: { headers: [`Content-Length: ${text.length}`], body: text },
      chunks: { headers: ['Transfer-Encoding: chunked'], body: `${chunks.join('')}0\r\nX-Trailer: a\r\n\r\n` },
      none: { headers: [], body: text },
    }[framing];
    return { ...framed, body: framed.body.slice(0, framed.body.length - cut) };
  });
const response = fc
  .record({ status, headers, gap: fc.constantFrom('\r\n', '\n'), body })
  .map(({ status, headers, gap, body }) =>
    Buffer.from([`HTTP/1.1 ${status}`, ...headers, ...body.headers, '', body.body].join(gap), 'latin1'),
  );

describe('a response', () => {
  it('is read as Node’s parser reads it, where that takes it', async () => {
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(response, async (bytes) => {
        const byNode = await readByNode(bytes);
        if (byNode === undefined) return;
        taken += 1;
        expect(readByUs(bytes)).toEqual(byNode);
      }),
      { numRuns: 1500 },
    );
    expect(taken).toBeGreaterThan(500);
  });

  it('ends where its length says, whatever follows', () => {
    const bytes = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nup 1\nup 2');
    expect(readResponse(bytes)).toMatchObject({ body: Buffer.from('up 1'), isWhole: true });
  });

  it.each([
    ['has no end of its headers', 'HTTP/1.1 200 OK\r\nContent-Type: text/plain'],
    ['is only on the way there', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['is none', 'hello'],
  ])('is none where it %s', (_, text) => {
    expect(readResponse(Buffer.from(text))).toBeUndefined();
  });

  it('may have a header that goes on in the next line', () => {
    const read = readResponse(Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: text/plain;\r\n version=0.0.4\r\n\r\n'));
    expect(read).toMatchObject({ headers: new Map([['content-type', ['text/plain; version=0.0.4']]]) });
  });
});
