import { describe, expect, it } from 'vitest';
import { parseRawResponse } from '../../../src/detect/raw-response.ts';

/** As it comes off the wire: one character for each byte. */
const wire = (text: string): string => Buffer.from(text).toString('latin1');

const parsed = (text: string) => {
  const response = parseRawResponse(wire(text));
  return response && { ...response, body: response.body.toString() };
};

describe('an answer off the wire', () => {
  it('is status, headers by lower-case name, and body', () => {
    expect(parsed('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX: a: b\r\n\r\nup 1\n')).toEqual({
      status: 200,
      headers: { 'content-type': 'text/plain', x: 'a: b' },
      body: 'up 1\n',
      complete: false,
    });
  });

  it.each([
    [
      'with bare line feeds',
      'HTTP/1.0 404 Not Found\nA: b\n\ngone',
      { status: 404, headers: { a: 'b' }, body: 'gone', complete: false },
    ],
    ['without headers', 'HTTP/1.1 204 No Content\r\n\r\n', { status: 204, headers: {}, body: '', complete: false }],
    [
      'cut off in its headers',
      'HTTP/1.1 200 OK\r\nA: b',
      { status: 200, headers: { a: 'b' }, body: '', complete: false },
    ],
    ['without a reason', 'HTTP/1.1 200\r\n\r\nx', { status: 200, headers: {}, body: 'x', complete: false }],
    [
      'with a header that is none',
      'HTTP/1.1 200 OK\r\nnonsense\r\n: x\r\n\r\n',
      { status: 200, headers: {}, body: '', complete: false },
    ],
  ])('may come %s', (_, text, expected) => {
    expect(parsed(text)).toEqual(expected);
  });

  it('comes after what is said on the way there', () => {
    const early = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
    expect(parsed(`HTTP/1.1 100 Continue\r\n\r\n${early}HTTP/1.1 200 OK\r\nA: b\r\n\r\nup 1\n`)).toEqual({
      status: 200,
      headers: { a: 'b' },
      body: 'up 1\n',
      complete: false,
    });
    expect(parsed('HTTP/1.1 100 Continue\r\n\r\n')?.status).toBe(100);
    expect(parsed('HTTP/1.1 101 Switching Protocols\r\n\r\nHTTP/1.1 200 OK\r\n\r\n')?.status).toBe(101);
  });

  it.each(['', 'up 1\n', 'HTTP/2 200', 'ICY 200 OK', '\u0015\u0003\u0001'])('%j is none', (text) => {
    expect(parseRawResponse(text)).toBeUndefined();
  });
});

describe('a chunked body', () => {
  const body = (chunks: string) => parsed(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`)?.body;

  it('is put together, sizes counting bytes', () => {
    expect(body('3\r\nup \r\n2\r\n1\n\r\n0\r\n\r\n')).toBe('up 1\n');
    expect(body('2\r\né\r\nA\r\n0123456789\r\n0\r\n\r\n')).toBe('é0123456789');
  });

  it('may have a boundary within a character', () => {
    const [first, second] = ['\u00c3', '\u00a9'];
    const raw = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n${first}\r\n1\r\n${second}\r\n0\r\n\r\n`;
    expect(parseRawResponse(raw)?.body.toString()).toBe('é');
  });

  it('may have extensions', () => {
    expect(body('2;a=b\r\nok\r\n0\r\n\r\n')).toBe('ok');
  });

  it.each([
    ['in a chunk', '5\r\nab', 'ab'],
    ['after a size', '2\r\nab\r\n5', 'ab'],
    ['at once', '', ''],
    ['with a size that is none', '2\r\nab\r\nzz\r\nxx', 'ab'],
  ])('that ends early, %s, is given as far as it came', (_, chunks, expected) => {
    expect(body(chunks)).toBe(expected);
  });
});

describe('an answer is whole', () => {
  it.each([
    ['Content-Length: 5', 'up 1\n', true],
    ['Content-Length: 6', 'up 1\n', false],
    ['Content-Length: 2', 'é', true],
    ['Transfer-Encoding: chunked', '5\r\nup 1\n\r\n0\r\n\r\n', true],
    ['Transfer-Encoding: chunked', '5\r\nup 1\n\r\n', false],
    ['X: y', 'up 1\n', false],
  ])('%s, %j: %s', (header, body, complete) => {
    expect(parsed(`HTTP/1.1 200 OK\r\n${header}\r\n\r\n${body}`)).toMatchObject({ complete });
  });
});
