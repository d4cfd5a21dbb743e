import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { probe } from '../../../src/detect/probe.ts';
import { type Endpoint, interpret, MAX_PROBE_BYTES } from '../../../src/detect/probe-exchange.ts';
import { fakeEngine } from '../../support/fake-engine.ts';

const endpoint: Endpoint = { address: 'web:9100', scheme: 'http', metrics_path: '/metrics' };
const answer = (head: string, body: string) => `HTTP/1.1 ${head}\r\n\r\n${body}`;
const url = 'http://web:9100/metrics';

describe('what came back', () => {
  it('is an answer with its type', () => {
    const raw = answer('200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip', 'up 1\n');
    expect(interpret(endpoint, raw, 0, '')).toEqual({
      url,
      status: 200,
      contentType: 'text/plain',
      contentEncoding: 'gzip',
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
    ['', '220 mail ready', 0, 'not-http'],
    ['Terminated', '', 143, 'timeout'],
  ])('%j with %j and code %i is %s', (words, raw, code, error) => {
    expect(interpret(endpoint, raw, code, words)).toMatchObject({ url, error });
  });

  it('that never ends is a timeout with what came of it', () => {
    expect(interpret(endpoint, answer('200 OK', 'up 1\n'), 143, '')).toMatchObject({
      status: 200,
      error: 'timeout',
      body: 'up 1\n',
      truncated: true,
    });
  });

  it('that is whole on a connection that stays open is whole', () => {
    const raw = answer('200 OK\r\nContent-Length: 5', 'up 1\n');
    expect(interpret(endpoint, raw, 143, '')).toEqual({ url, status: 200, body: 'up 1\n', truncated: false });
  });

  it('that is whole by its chunks on a connection that stays open is whole', () => {
    const raw = answer('200 OK\r\nTransfer-Encoding: chunked', '5\r\nup 1\n\r\n0\r\n\r\n');
    expect(interpret(endpoint, raw, 143, '')).toEqual({ url, status: 200, body: 'up 1\n', truncated: false });
  });

  it.each([
    ['Content-Length: 500', 'up 1\n'],
    ['Transfer-Encoding: chunked', '5\r\nup 1\n\r\n'],
  ])('that ends before it is whole is none: %s', (header, body) => {
    expect(interpret(endpoint, answer(`200 OK\r\n${header}`, body), 0, '')).toMatchObject({
      status: 200,
      error: 'reset',
    });
    expect(interpret(endpoint, answer(`404 Not Found\r\n${header}`, body), 0, '').error).toBeUndefined();
  });

  it('in gzip, which Prometheus would ask for, is unpacked', () => {
    const raw = answer('200 OK\r\nContent-Encoding: gzip', gzipSync('up{where="köln"} 1\n').toString('latin1'));
    expect(interpret(endpoint, raw, 0, '')).toEqual({
      url,
      status: 200,
      body: 'up{where="köln"} 1\n',
      truncated: false,
    });
  });

  it('in gzip, cut off, is unpacked as far as it goes', () => {
    const packed = gzipSync('up 1\n'.repeat(10_000)).subarray(0, -20).toString('latin1');
    const { body, contentEncoding } = interpret(endpoint, answer('200 OK\r\nContent-Encoding: gzip', packed), 0, '');
    expect(contentEncoding).toBeUndefined();
    expect(body.startsWith('up 1\nup 1\n')).toBe(true);
  });

  it('in gzip that grows without measure stays packed', () => {
    const bomb = gzipSync(Buffer.alloc(64 * MAX_PROBE_BYTES)).toString('latin1');
    const raw = answer('200 OK\r\nContent-Encoding: gzip', bomb);
    expect(interpret(endpoint, raw, 0, '')).toMatchObject({ contentEncoding: 'gzip' });
  });

  it('that is longer than is read is cut off, and no error', () => {
    const found = interpret(endpoint, answer('200 OK', 'x'.repeat(MAX_PROBE_BYTES)), 143, '');
    expect(found).toMatchObject({ truncated: true });
    expect(found.error).toBeUndefined();
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
    expect(answers.map((a) => a.body)).toEqual(['web 1\n', '::1 1\n']);
    expect(asked).toEqual(['web 9100 GET /metrics HTTP/1.1', '::1 80 GET /m HTTP/1.1']);
  });

  it('follows a redirect as Prometheus would, and keeps the address that was asked for', async () => {
    const engine = answering((_, __, request) =>
      request.startsWith('GET /new ') ? answer('200 OK', 'up 1\n') : answer('302 Found\r\nLocation: /new', ''),
    );
    expect(await probe(engine, 'p', [endpoint])).toEqual([
      { url, status: 200, body: 'up 1\n', truncated: false, redirectedTo: 'http://web:9100/new' },
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
        const mark = command[4] ?? '';
        return { exitCode: 0, stdout: `\n${mark} code 143\n\n${mark} out\n\n${mark} end`, stderr: '' };
      },
    });
    expect(await probe(engine, 'p', [endpoint])).toMatchObject([{ error: 'timeout', waited: 2 }]);
    expect(await probe(engine, 'p', [endpoint], 9)).toMatchObject([{ error: 'timeout', waited: 9 }]);
  });

  it('ends a redirect that leads to itself', async () => {
    const asked: string[] = [];
    const engine = answering(() => answer('301 Moved\r\nLocation: /metrics', ''), asked);
    expect(await probe(engine, 'p', [endpoint])).toMatchObject([{ url, error: 'redirect-loop' }]);
    expect(asked.length).toBeLessThan(10);
  });

  it('takes text that looks like its own marks for what it is', async () => {
    const engine = answering(() => answer('200 OK', 'deadbeef code 1\n\ndeadbeef end'));
    expect((await probe(engine, 'p', [endpoint]))[0]?.body).toBe('deadbeef code 1\n\ndeadbeef end');
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
