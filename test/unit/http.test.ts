import { createServer, type RequestListener, type Server } from 'node:http';
import { connect, createServer as createTcpServer, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { directTransport, httpRequest, reachableHost, tunnelTransport } from '../../src/http.ts';

const servers: Server[] = [];
const listen = async (listener: RequestListener, host = '127.0.0.1'): Promise<number> => {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, host, done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
};

afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

const echo: RequestListener = (request, response) => {
  let body = '';
  request.on('data', (chunk) => (body += chunk));
  request.on('end', () => {
    const { connection, host } = request.headers;
    response.statusCode = 418;
    response.end(JSON.stringify({ method: request.method, url: request.url, body, connection, host }));
  });
};
const silent: RequestListener = () => {};

const tunnelTo = (port: number) => {
  const sockets: Socket[] = [];
  const open = async () => {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    return socket;
  };
  return { sockets, open };
};

/** A stream that answers anything with `text`, and ends. */
const saying = (text: string) =>
  new Duplex({
    read() {},
    write(_chunk, _encoding, done) {
      this.push(text);
      this.push(null);
      done();
    },
  });

describe('the direct transport', () => {
  it('sends method, path and body, and gives any status as an answer', async () => {
    const port = await listen(echo);
    const { status, body } = await directTransport(
      '127.0.0.1',
      port,
    )({ method: 'POST', path: '/a?b=c', body: 'héllo' });
    expect(status).toBe(418);
    expect(JSON.parse(body)).toMatchObject({ method: 'POST', url: '/a?b=c', body: 'héllo' });
  });

  it('keeps its connection for the next request', async () => {
    const ports = new Set<number | undefined>();
    const port = await listen((request, response) => response.end(`${ports.add(request.socket.remotePort).size}`));
    const transport = directTransport('127.0.0.1', port);
    const answers = [];
    for (const path of ['/1', '/2', '/3']) answers.push((await transport({ method: 'GET', path })).body);
    expect(answers).toEqual(['1', '1', '1']);
  });

  it('takes a new connection where the server has closed the kept one', async () => {
    let sockets = 0;
    const server = createTcpServer((socket) => {
      const answer = `HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${++sockets}`;
      socket.once('data', () => socket.write(answer, () => socket.once('data', () => socket.resetAndDestroy())));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    const transport = directTransport('127.0.0.1', typeof address === 'object' ? (address?.port ?? 0) : 0);
    expect((await transport({ method: 'GET', path: '/' })).body).toBe('1');
    expect((await transport({ method: 'GET', path: '/' })).body).toBe('2');
    server.close();
  });

  it('reaches a wildcard bind and an IPv6 bind in brackets over loopback', async () => {
    expect(['0.0.0.0', '::', '[::]', '', '[::1]', '127.0.0.2', 'fe80::1'].map(reachableHost)).toEqual([
      '127.0.0.1',
      '::1',
      '::1',
      '127.0.0.1',
      '::1',
      '127.0.0.2',
      'fe80::1',
    ]);
  });

  it('says that the connection was refused', async () => {
    const port = await listen(echo);
    await new Promise((done) => servers.pop()?.close(done));
    await expect(directTransport('127.0.0.1', port)({ method: 'GET', path: '/' })).rejects.toMatchObject({
      name: 'HttpError',
      code: 'ECONNREFUSED',
    });
  });

  it('gives up at its deadline', async () => {
    const port = await listen(silent);
    const request = directTransport('127.0.0.1', port)({ method: 'GET', path: '/', timeoutMs: 20 });
    await expect(request).rejects.toMatchObject({ code: 'TIMEOUT', message: 'no answer within 0.02 s' });
  });

  it('gives up at its deadline in the middle of an answer', async () => {
    const port = await listen((_, response) => void response.write('half'));
    const request = directTransport('127.0.0.1', port)({ method: 'GET', path: '/', timeoutMs: 40 });
    await expect(request).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  it('fails with the reason of an abort, before and during', async () => {
    const transport = directTransport('127.0.0.1', await listen(silent));
    const stop = new AbortController();
    const running = transport({ method: 'GET', path: '/' }, stop.signal);
    setTimeout(() => stop.abort(new Error('interrupted')), 5);
    await expect(running).rejects.toThrow('interrupted');
    await expect(transport({ method: 'GET', path: '/' }, stop.signal)).rejects.toThrow('interrupted');
  });

  it('fails where a connection ends before the whole answer', async () => {
    const port = await listen((_, response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('half');
      setTimeout(() => response.destroy(), 5);
    });
    const request = directTransport('127.0.0.1', port)({ method: 'GET', path: '/' });
    await expect(request).rejects.toMatchObject({ name: 'HttpError', code: 'ECONNRESET' });
  });

  it('refuses an answer that is too long, and stops reading it', async () => {
    const closed: Promise<void>[] = [];
    const port = await listen((_, response) => {
      closed.push(new Promise((done) => response.on('close', done)));
      response.write('x'.repeat(100));
    });
    const request = httpRequest({ host: '127.0.0.1', port, method: 'GET', path: '/', maxBytes: 99 });
    await expect(request).rejects.toMatchObject({ code: 'TOO_LARGE' });
    await Promise.all(closed);
  });

  it('rejects, and does not throw, on a path that cannot be sent', async () => {
    await expect(directTransport('127.0.0.1', 1)({ method: 'GET', path: '/a b' })).rejects.toMatchObject({
      code: 'ERR_UNESCAPED_CHARACTERS',
    });
  });
});

describe('the tunnel transport', () => {
  it('carries each request over a stream of its own, and closes it', async () => {
    const { sockets, open } = tunnelTo(await listen(echo));
    const transport = tunnelTransport(open);
    for (const path of ['/1', '/2']) {
      const { body } = await transport({ method: 'PUT', path, body: 'x' });
      expect(JSON.parse(body)).toMatchObject({ method: 'PUT', url: path, body: 'x', connection: 'close' });
    }
    expect(sockets.map((socket) => socket.destroyed)).toEqual([true, true]);
  });

  it('closes the stream at its deadline', async () => {
    const { sockets, open } = tunnelTo(await listen(silent));
    const request = tunnelTransport(open)({ method: 'GET', path: '/', timeoutMs: 20 });
    await expect(request).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(sockets[0]?.destroyed).toBe(true);
  });

  it('closes a stream that opens after the deadline', async () => {
    const late = saying('');
    const open = () => new Promise<Duplex>((done) => setTimeout(() => done(late), 20));
    await expect(tunnelTransport(open)({ method: 'GET', path: '/', timeoutMs: 5 })).rejects.toMatchObject({
      code: 'TIMEOUT',
    });
    await new Promise((done) => setTimeout(done, 30));
    expect(late.destroyed).toBe(true);
  });

  it('tells the words that came in place of HTTP', async () => {
    const words = 'OCI runtime exec failed: exec: "nc": executable file not found in $PATH';
    const request = tunnelTransport(async () => saying(`${words}\r\n`))({ method: 'GET', path: '/' });
    await expect(request).rejects.toMatchObject({ message: `the answer is not HTTP: ${words}` });
  });

  it('reports that the server closed the connection', async () => {
    const request = tunnelTransport(async () => saying(''))({ method: 'GET', path: '/' });
    await expect(request).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});
