import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPlain, readWithParser } from '../../../src/detect/http-response.ts';

const status = fc.constantFrom('200 OK', '200', '404 Not Found', '500 Oh no', '301 Moved', '401 ', '204 No Content');
const header = fc.oneof(
  fc.constantFrom(
    'Content-Type: text/plain; version=0.0.4',
    'content-type:text/html',
    'Content-Encoding: gzip',
    'Transfer-Encoding: chunked',
    'Connection: close',
    'X-Empty:',
    'X-Blanks:   a b  ',
    'Content-Length: 5',
    'Content-Length: 50',
    'Content-Length: x',
    'Set-Cookie: a=1',
    'WWW-Authenticate: Basic realm="x"',
    'not a header',
    ' folded',
  ),
  fc.tuple(fc.stringMatching(/^[A-Za-z-]{1,8}$/), fc.stringMatching(/^[ -~]{0,12}$/)).map(([k, v]) => `X-${k}: ${v}`),
);
const response = fc
  .record({
    version: fc.constantFrom('HTTP/1.1', 'HTTP/1.0'),
    status,
    headers: fc.array(header, { maxLength: 4 }),
    gap: fc.constantFrom('\r\n', '\n'),
    body: fc.string({ maxLength: 20 }),
  })
  .map(({ version, status, headers, gap, body }) =>
    Buffer.from([`${version} ${status}`, ...headers, '', body].join(gap), 'utf8'),
  );

describe('a response that is read without a parser', () => {
  it('is the one that Node’s parser reads', async () => {
    let plain = 0;
    await fc.assert(
      fc.asyncProperty(response, async (bytes) => {
        const read = readPlain(bytes);
        // Node's parser refuses bytes after the last one of a response, which Go's net/http leaves alone.
        if (read === undefined || bytes.subarray(bytes.indexOf('\r\n\r\n') + 4).length > read.body.length) return;
        plain += 1;
        expect({ ...read, headers: { ...read.headers } }).toEqual(await readWithParser(bytes));
      }),
      { numRuns: 2000 },
    );
    expect(plain).toBeGreaterThan(200);
  });

  it('ends where its length says, whatever follows', () => {
    const bytes = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nup 1\nup 2');
    expect(readPlain(bytes)).toMatchObject({ body: Buffer.from('up 1'), complete: true });
  });

  it.each([
    ['has chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nup\r\n0\r\n\r\n'],
    ['has no end of its headers', 'HTTP/1.1 200 OK\r\nContent-Type: text/plain'],
    ['is on the way there', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nup 1'],
    ['is none', 'hello'],
  ])('is left to the parser where it %s', (_, text) => {
    expect(readPlain(Buffer.from(text))).toBeUndefined();
  });
});
