/** What each port of the zoo does when it is asked for metrics. */
export const ZOO = {
  gzip: 9003,
  drip: 9004,
  silent: 9005,
  redirect: 9006,
  redirectLoop: 9007,
  unauthorized: 9008,
  forbidden: 9009,
  notFound: 9010,
  html: 9011,
  nobody: 9012,
  tls: 9013,
  json: 9014,
  openmetrics: 9015,
  good: 9016,
  untyped: 9017,
  chunked: 9018,
  brotli: 9019,
  banner: 9020,
  closes: 9021,
  bomb: 9022,
  keepsOpen: 9023,
  failing: 9024,
  openmetricsAsJson: 9025,
  changesType: 9026,
  metricsAsHtml: 9027,
  localhostOnly: 9028,
  hiddenGzip: 9029,
  latin1: 9030,
  byteOrderMark: 9031,
  jsonString: 9032,
  http2Only: 9033,
  twoEncodings: 9034,
  tlsHttp2: 9035,
} as const;

/** Those that give more than anyone reads; each scrape of them takes a core for all its time. */
export const FLOODS = { endless: 9001, huge: 9002 } as const;

/** A Node program that listens on all of them but `nobody`; its TLS port shows the certificate in `certificate`. */
export const zooProgram = (certificate: { key: string; cert: string }): string => `
const http = require('node:http'), net = require('node:net'), tls = require('node:tls'), zlib = require('node:zlib');
const ports = ${JSON.stringify({ ...ZOO, ...FLOODS })};
const TEXT = { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' };
const GOOD = '# TYPE zoo_up gauge\\nzoo_up{where="köln"} 1\\n';
const OPEN = '# TYPE zoo_seen counter\\nzoo_seen_total 3\\n# EOF\\n';
const BOMB = zlib.gzipSync(Buffer.alloc(64 << 20));
const line = (i) => 'zoo_series{n="' + i + '"} ' + i + '\\n';
/** As fast as it is read, \`bytes\` of it. */
const flood = (response, bytes) => {
  const block = Array.from({ length: 2000 }, (_, i) => line(i)).join('');
  let sent = 0;
  const push = () => {
    while (sent < bytes) {
      sent += block.length;
      if (!response.write(block)) return response.once('drain', push);
    }
    response.end();
  };
  response.writeHead(200, TEXT);
  push();
};
const answers = {
  endless: (q, r) => flood(r, Infinity),
  huge: (q, r) => flood(r, 200 * 1024 * 1024),
  gzip: (q, r) => r.writeHead(200, { ...TEXT, 'Content-Encoding': 'gzip' }).end(zlib.gzipSync(GOOD)),
  drip: (q, r) => {
    r.writeHead(200, TEXT);
    let i = 0;
    const timer = setInterval(() => r.write(line(i++)), 50);
    r.on('close', () => clearInterval(timer));
  },
  redirect: (q, r) => q.url === '/here' ? r.writeHead(200, TEXT).end(GOOD) : r.writeHead(302, { Location: '/here' }).end(),
  redirectLoop: (q, r) => r.writeHead(301, { Location: '/metrics' }).end(),
  unauthorized: (q, r) => r.writeHead(401, { 'WWW-Authenticate': 'Basic' }).end(),
  forbidden: (q, r) => r.writeHead(403).end(),
  notFound: (q, r) => r.writeHead(404).end('nothing here'),
  html: (q, r) => r.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>shop</title>'),
  json: (q, r) => r.writeHead(200, { 'Content-Type': 'application/json' }).end(GOOD),
  openmetrics: (q, r) => r.writeHead(200, { 'Content-Type': 'application/openmetrics-text; version=1.0.0; charset=utf-8' }).end(OPEN),
  good: (q, r) => r.writeHead(200, TEXT).end(GOOD),
  chunked: (q, r) => {
    const bytes = Buffer.from(GOOD), at = bytes.indexOf(0xc3) + 1;
    r.writeHead(200, TEXT);
    r.write(bytes.subarray(0, at));
    setTimeout(() => r.end(bytes.subarray(at)), 50);
  },
  brotli: (q, r) => r.writeHead(200, { ...TEXT, 'Content-Encoding': 'br' }).end(zlib.brotliCompressSync(GOOD)),
  bomb: (q, r) => r.writeHead(200, { ...TEXT, 'Content-Encoding': 'gzip' }).end(BOMB),
  failing: (q, r) => r.writeHead(500).end('oh no'),
  openmetricsAsJson: (q, r) => r.writeHead(200, { 'Content-Type': 'application/json' }).end(OPEN),
  changesType: (q, r) => r.writeHead(200, TEXT).end('# TYPE zoo_a counter\\nzoo_a 1\\n# TYPE zoo_b gauge\\nzoo_b{x="1"} 1\\n# TYPE zoo_b counter\\nzoo_b{x="2"} 2\\n'),
  localhostOnly: (q, r) => q.headers.host === 'localhost' ? r.writeHead(200, TEXT).end(GOOD) : r.writeHead(403).end('Blocked host'),
  hiddenGzip: (q, r) => r.writeHead(200, TEXT).end(/gzip/.test(q.headers['accept-encoding']) ? zlib.gzipSync(GOOD) : GOOD),
  latin1: (q, r) => r.writeHead(200, TEXT).end(Buffer.from(GOOD, 'latin1')),
  byteOrderMark: (q, r) => r.writeHead(200, TEXT).end('\ufeff' + GOOD),
  jsonString: (q, r) => r.writeHead(200, TEXT).end(JSON.stringify(GOOD)),
  metricsAsHtml: (q, r) => r.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(GOOD),
};
for (const [name, answer] of Object.entries(answers)) http.createServer(answer).listen(ports[name]);
const raw = (port, onSocket) => net.createServer((socket) => { socket.on('error', () => {}); onSocket(socket); }).listen(port);
raw(ports.silent, () => {});
raw(ports.untyped, (s) => s.once('data', () => s.end('HTTP/1.1 200 OK\\r\\n\\r\\n' + GOOD)));
raw(ports.banner, (s) => s.end('220 mail.example ready\\r\\n'));
raw(ports.closes, (s) => s.destroy());
const HEAD = 'HTTP/1.1 200 OK\\r\\nContent-Type: text/plain\\r\\n';
raw(ports.twoEncodings, (s) => s.once('data', () =>
  s.end(HEAD + 'Transfer-Encoding: chunked\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n5\\r\\na 1\\n\\r\\n0\\r\\n\\r\\n')));
require('node:http2').createServer((q, r) => r.end(GOOD)).listen(ports.http2Only);
raw(ports.keepsOpen, (s) => s.once('data', () =>
  s.write('HTTP/1.1 200 OK\\r\\nContent-Type: text/plain\\r\\nContent-Length: ' + Buffer.byteLength(GOOD) + '\\r\\n\\r\\n' + GOOD)));
const shown = ${JSON.stringify(certificate)};
require('node:http2').createSecureServer(shown, (q, r) => r.writeHead(200, TEXT).end(GOOD)).listen(ports.tlsHttp2);
require('node:https').createServer(shown, (q, r) => r.writeHead(200, TEXT).end(GOOD)).listen(ports.tls, () => console.log('ready'));
process.on('uncaughtException', () => {});
process.on('SIGTERM', () => process.exit(0));
`;
