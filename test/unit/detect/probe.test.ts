import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { probe } from '../../../src/detect/probe.ts';
import { type Endpoint, interpret, MAX_PROBE_BYTES, requestFor } from '../../../src/detect/probe-exchange.ts';
import { fakeEngine } from '../../support/fake-engine.ts';

const endpoint: Endpoint = { address: 'web:9100', scheme: 'http', metrics_path: '/metrics' };
const answer = (head: string, body: string) => `HTTP/1.1 ${head}\r\n\r\n${body}`;
const url = 'http://web:9100/metrics';
/** `raw` has one character for each byte. */
const heard = (raw: string, code = 0, words = '') => {
  const { body, ...rest } = interpret(endpoint, { bytes: Buffer.from(raw, 'latin1'), code, words });
  return { ...rest, body: body.toString() };
};
const CHUNKED = '200 OK\r\nTransfer-Encoding: chunked';

describe('what came back', () => {
  it('is an answer with its type', () => {
    const raw = answer('200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: br', 'up 1\n');
    expect(heard(raw)).toEqual({
      url,
      status: 200,
      contentType: 'text/plain',
      contentEncoding: 'br',
      body: 'up 1\n',
      truncated: false,
    });
  });

  it.each([
    ["nc: bad address 'web'", '', 1, 'no-such-host'],
    ['nc: web (172.18.0.2:9100): Connection refused', '', 1, 'refused'],
    ["nc: can't connect to remote host: Connection refused", '', 1, 'refused'],
    ['nc: Connection reset by peer', '', 1, 'reset'],
    ["nc: can't connect to remote host: Connection timed out", '', 1, 'timeout'],
    ["nc: can't connect to remote host: No route to host", '', 1, 'unreachable'],
    ["nc: can't connect to remote host: Network is unreachable", '', 1, 'unreachable'],
    ['', '', 143, 'timeout'],
    ['', '', 0, 'reset'],
    ['', '\u0015\u0003\u0001\u0000\u0002\u0002', 0, 'tls'],
    ['', '\0\0\x06\x04\0\0\0\0\0\0\x05\0\0@\0', 0, 'http2'],
    ['', '220 mail ready', 0, 'not-http'],
    ['', 'ICY 200 OK\r\n\r\n', 0, 'not-http'],
    ['Terminated', '', 143, 'timeout'],
  ])('%j with %j and code %i is %s', (words, raw, code, error) => {
    expect(heard(raw, code, words)).toMatchObject({ url, error });
  });

  it('may have bare line feeds, no headers and no reason', () => {
    expect(heard('HTTP/1.0 404 Not Found\nLocation: b\n\ngone')).toMatchObject({
      status: 404,
      body: 'gone',
      detail: 'b',
    });
    expect(heard('HTTP/1.1 200\r\n\r\nx')).toMatchObject({ status: 200, body: 'x' });
    expect(heard('HTTP/1.1 204 No Content\r\n\r\n')).toMatchObject({ status: 204, body: '' });
  });

  it('follows interim responses', () => {
    const early = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
    const raw = `HTTP/1.1 100 Continue\r\n\r\n${early}${answer('200 OK\r\nContent-Type: a/b', 'up 1\n')}`;
    expect(heard(raw)).toMatchObject({ status: 200, contentType: 'a/b', body: 'up 1\n' });
    expect(heard(answer('101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade', ''))).toMatchObject({
      status: 101,
    });
  });

  it('may come in chunks that end within a character', () => {
    const raw = answer(CHUNKED, '1\r\n\u00c3\r\n1;a=b\r\n\u00a9\r\n0\r\n\r\n');
    expect(heard(raw)).toMatchObject({ body: 'é', error: undefined });
  });

  it.each([
    ['two lengths of chunks', `${CHUNKED}\r\nTransfer-Encoding: chunked`, /more than one Transfer-Encoding/],
    ['a transfer encoding that Go does not know', '200 OK\r\nTransfer-Encoding: gzip', /Transfer-Encoding: gzip/],
    ['a line without a colon', '200 OK\r\nContent-Type: text/plain\r\nnonsense', /nonsense/],
    ['two lengths', '200 OK\r\nContent-Length: 4\r\nContent-Length: 5', /more than one Content-Length/],
    ['a length that is none', '200 OK\r\nContent-Length: x', /Content-Length: x/],
    ['a control character', '200 OK\r\nX: \u0001', /not a header/],
    ['a name with a blank', '200 OK\r\nContent-Type : text/plain', /Content-Type/],
  ])('with %s is one that Prometheus refuses', (_, head, detail) => {
    expect(heard(answer(head, '0\r\n\r\n'))).toMatchObject({
      error: 'bad-headers',
      detail: expect.stringMatching(detail),
    });
  });

  it('that never ends is a timeout with what came of it', () => {
    expect(heard(answer('200 OK', 'up 1\n'), 143)).toMatchObject({
      status: 200,
      error: 'timeout',
      body: 'up 1\n',
      truncated: true,
    });
  });

  it.each([
    ['200 OK\r\nContent-Length: 5', 'up 1\n'],
    [CHUNKED, '5\r\nup 1\n\r\n0\r\n\r\n'],
  ])('that is whole on a connection that stays open is whole: %j', (head, body) => {
    expect(heard(answer(head, body), 143)).toEqual({ url, status: 200, body: 'up 1\n', truncated: false });
  });

  it.each([
    ['Content-Length: 500', 'up 1\n'],
    ['Transfer-Encoding: chunked', '5\r\nup 1\n\r\n'],
    ['Transfer-Encoding: chunked', '5\r\nup 1\n\r\nzz\r\n'],
  ])('that ends before it is whole is none: %s', (header, body) => {
    expect(heard(answer(`200 OK\r\n${header}`, body))).toMatchObject({
      status: 200,
      error: 'reset',
    });
    expect(heard(answer(`404 Not Found\r\n${header}`, body)).error).toBeUndefined();
  });

  const gzipped = (bytes: Buffer) => answer('200 OK\r\nContent-Encoding: gzip', bytes.toString('latin1'));

  it('in gzip, which Prometheus asks for, is unpacked', () => {
    const body = 'up{where="köln"} 1\n';
    expect(heard(gzipped(gzipSync(body)))).toEqual({ url, status: 200, body, truncated: false });
  });

  it('in gzip, cut off, is unpacked only where we cut it off', () => {
    const packed = gzipSync('up 1\n'.repeat(10_000)).subarray(0, -20);
    expect(heard(gzipped(packed))).toMatchObject({ contentEncoding: 'gzip' });
    const { body, contentEncoding } = heard(gzipped(packed), 143);
    expect(contentEncoding).toBeUndefined();
    expect(body.startsWith('up 1\nup 1\n')).toBe(true);
  });

  it('in gzip that grows without measure stays packed', () => {
    expect(heard(gzipped(gzipSync(Buffer.alloc(64 * MAX_PROBE_BYTES))))).toMatchObject({
      contentEncoding: 'gzip',
    });
  });

  it('that is longer than is read is cut off, and no error', () => {
    const found = heard(answer('200 OK', 'x'.repeat(MAX_PROBE_BYTES)), 143);
    expect(found).toMatchObject({ truncated: true });
    expect(found.error).toBeUndefined();
  });
});

describe('the question', () => {
  it.each([
    ['2.42.0', 'application/openmetrics-text;version=1.0.0,'],
    ['2.53.1', 'application/openmetrics-text;version=1.0.0;q=0.5,'],
    ['3.5.0', 'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,'],
  ])('is the one of Prometheus %s', (version, accept) => {
    const request = requestFor({ ...endpoint, metrics_path: '/a b%' }, version);
    expect(request).toContain(
      `GET /a%20b%25 HTTP/1.1\r\nHost: web:9100\r\nUser-Agent: Prometheus/${version}\r\nAccept: ${accept}`,
    );
    expect(request).toContain('\r\nAccept-Encoding: gzip\r\n');
  });
});

describe('asking', () => {
  /** An engine whose container answers as its script would: one section for each endpoint. */
  const answering = (reply: (host: string, port: string, request: string) => string, asked: string[] = []) =>
    fakeEngine({
      exec: async (_, command) => {
        const [mark = '', , , ...args] = command.slice(4);
        const sections: string[] = [];
        for (let i = 0; i < args.length; i += 3) {
          const [host = '', port = '', request = ''] = args.slice(i, i + 3);
          asked.push(`${host} ${port} ${request.split('\r\n')[0]}`);
          sections.push(`\n${mark} code 0\n\n${mark} out\n${reply(host, port, request)}`);
        }
        return { exitCode: 0, stdout: `${sections.join('')}\n${mark} end`, stderr: '' };
      },
    });

  it('asks all endpoints with one command, and answers in their order', async () => {
    const asked: string[] = [];
    const engine = answering((host) => answer('200 OK', `${host} 1\n`), asked);
    const answers = await probe(engine, 'p', [endpoint, { ...endpoint, address: '[::1]:80', metrics_path: '/m' }]);
    expect(answers.map((a) => a.body.toString())).toEqual(['web 1\n', '::1 1\n']);
    expect(asked).toEqual(['web 9100 GET /metrics HTTP/1.1', '::1 80 GET /m HTTP/1.1']);
  });

  it('follows a redirect as Prometheus would, and keeps the address that was asked for', async () => {
    const engine = answering((_, __, request) =>
      request.startsWith('GET /new ') ? answer('200 OK', 'up 1\n') : answer('302 Found\r\nLocation: /new', ''),
    );
    expect(await probe(engine, 'p', [endpoint])).toMatchObject([
      { url, status: 200, body: Buffer.from('up 1\n'), redirectedTo: 'http://web:9100/new', verdict: { ok: true } },
    ]);
  });

  it('says where a redirect led, and asks there under the name as it is written', async () => {
    const asked: string[] = [];
    const engine = answering((_, __, request) => {
      if (request.startsWith('GET /metrics ')) return answer('302 Found\r\nLocation: /a', '');
      if (request.startsWith('GET /a ')) return answer('302 Found\r\nLocation: http://web:9443/b', '');
      return answer('404 Not Found', '');
    }, asked);
    expect(await probe(engine, 'p', [{ ...endpoint, address: 'Web:9100' }])).toMatchObject([
      { url: 'http://Web:9100/metrics', status: 404, redirectedTo: 'http://Web:9443/b' },
    ]);
    expect(asked.map((line) => line.split(' ')[0])).toEqual(['Web', 'Web', 'Web']);
  });

  it('says how long it waited', async () => {
    const engine = fakeEngine({
      exec: async (_, command) => {
        const mark = command.find((word) => /^[0-9a-f]{24}$/.test(word)) ?? '';
        return { exitCode: 0, stdout: `\n${mark} code 143\n\n${mark} out\n\n${mark} end`, stderr: '' };
      },
    });
    expect(await probe(engine, 'p', [endpoint])).toMatchObject([{ error: 'timeout', waited: 2 }]);
    expect(await probe(engine, 'p', [endpoint], { seconds: 9 })).toMatchObject([{ error: 'timeout', waited: 9 }]);
  });

  it('ends a redirect that leads to itself', async () => {
    const asked: string[] = [];
    const engine = answering(() => answer('301 Moved\r\nLocation: /metrics', ''), asked);
    expect(await probe(engine, 'p', [endpoint])).toMatchObject([{ url, error: 'redirect-loop' }]);
    expect(asked.length).toBeLessThan(12);
  });

  it('takes text that looks like its own marks for what it is', async () => {
    const engine = answering(() => answer('200 OK', 'deadbeef code 1\n\ndeadbeef end'));
    expect((await probe(engine, 'p', [endpoint]))[0]?.body.toString()).toBe('deadbeef code 1\n\ndeadbeef end');
  });

  it('asks those who may check the Host header a second time, and no others', async () => {
    const asked: string[] = [];
    const engine = answering((host, _, request) => {
      const isLocal = /^Host: localhost\r$/m.test(request);
      if (isLocal) asked.push(host);
      if (host === 'django') return isLocal ? answer('200 OK', 'up 1\n') : answer('400 Bad Request', '');
      if (host === 'basic') return answer('401 Unauthorized\r\nWWW-Authenticate: Basic', '');
      return host === 'page' ? answer('200 OK', '<html>') : answer('200 OK', 'up 1\n');
    });
    const endpoints = ['django', 'basic', 'page', 'good'].map((host) => ({ ...endpoint, address: `${host}:80` }));
    const answers = await probe(engine, 'p', endpoints);
    expect(asked).toEqual(['django', 'page']);
    expect(answers.map((a) => a.asLocalhost?.status)).toEqual([200, undefined, 200, undefined]);
  });

  it('speaks HTTP/2 with what hangs up on HTTP/1.1', async () => {
    const settings = '\0\0\0\x04\0\0\0\0\0';
    const engine = answering((_, __, request) => (request.startsWith('PRI * HTTP/2.0') ? settings : ''));
    expect(await probe(engine, 'p', [endpoint])).toMatchObject([{ url, error: 'http2' }]);
    expect(
      await probe(
        answering(() => ''),
        'p',
        [endpoint],
      ),
    ).toMatchObject([{ url, error: 'reset' }]);
  });

  it('says that an image has no shell', async () => {
    const engine = fakeEngine({ exec: async () => ({ exitCode: 127, stdout: '', stderr: 'sh: not found' }) });
    await expect(probe(engine, 'prometheus', [endpoint])).rejects.toMatchObject({
      code: 'no-shell',
      message: expect.stringContaining('container prometheus'),
      suggestion: expect.stringContaining('image with a shell'),
    });
  });
});
