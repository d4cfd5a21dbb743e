/** What people meet, each on a port of one container; `/tmp/fixed` in it is the program put right. */
export const FIELD = {
  good: 9100,
  /** Takes no Host with `_`, as Django does. */
  underscore: 9101,
  /** Takes `localhost`, and answers others with text. */
  hosts: 9102,
  http2: 9103,
  bom: 9104,
  jsonString: 9105,
  latin1: 9106,
  latin1Help: 9107,
  /** Compresses where it is asked to, and does not say so. */
  hiddenGzip: 9108,
  utf8Names: 9109,
  blanks: 9110,
  badHeader: 9111,
  twoEncodings: 9112,
  /** Timestamps in seconds. */
  seconds: 9113,
  yesterday: 9114,
  future: 9115,
  /** Each answer's timestamp is older than the one before. */
  backwards: 9116,
  /** The same timestamp with another value in each answer. */
  sameTime: 9117,
  /** Errors for 1.5 s, then answers for 1.5 s, and so on. */
  flaky: 9118,
  /** 1.4 s. */
  slow: 9119,
  /** Four labels. */
  labels: 9120,
  /** The user `me` with the password `secret`. */
  password: 9121,
  /** Lists of targets: none at `/empty`, one at `/other`, an error elsewhere. */
  lists: 9122,
  /** Redirects to `/m`. */
  redirects: 9123,
  /** Metrics with `?format=prometheus`, else JSON. */
  query: 9124,
  /** Good metrics as JSON. */
  jsonType: 9125,
  tls: 9126,
  /** Asks for a certificate of the client too. */
  mutual: 9127,
  /** What the program of `http2` has in HTTP/1.1, once that is switched on. */
  http1: 9128,
  /** A length of a chunk that is none. */
  chunks: 9129,
  notModified: 9130,
  /** A good answer for Prometheus, without a metric. */
  empty: 9131,
  /** OpenMetrics without `# EOF`. */
  endless: 9132,
  /** Compresses with zlib, and does not say so. */
  hiddenDeflate: 9133,
  utf16: 9134,
  /** Nothing listens here. */
  nothing: 9135,
} as const;

const PROGRAM = `
const http = require('node:http'), https = require('node:https'), net = require('node:net'), { deflateSync, gzipSync } = require('node:zlib');
const ports = JSON.parse(process.env.PORTS);
const isFixed = () => require('node:fs').existsSync('/tmp/fixed');
const text = { 'Content-Type': 'text/plain; version=0.0.4' };
const good = (q, r) => r.writeHead(200, text).end('a 1\\n');
const serve = (port, answer) => http.createServer((q, r) => isFixed() ? good(q, r) : answer(q, r)).listen(port, '0.0.0.0');
const give = (body, headers = text) => (q, r) => r.writeHead(200, headers).end(typeof body === 'function' ? body() : body);
const raw = (port, lines) => net.createServer((socket) => {
  socket.on('error', () => {});
  socket.once('data', () => socket.end((isFixed() ? ['HTTP/1.1 200 OK', 'Content-Type: text/plain', 'Content-Length: 4', '', 'a 1\\n'] : lines).join('\\r\\n')));
}).listen(port);
const stays = (port, answer) => http.createServer(answer).listen(port, '0.0.0.0');
stays(ports.good, good);
stays(ports.underscore, (q, r) => q.headers.host.includes('_') ? r.writeHead(400).end('<h1>Bad Request (400)</h1>') : good(q, r));
serve(ports.hosts, (q, r) => q.headers.host.startsWith('localhost') ? good(q, r) : r.writeHead(200, text).end('Blocked request. This host is not allowed.\\n'));
const h2 = require('node:http2').createServer((q, r) => r.end()).listen(ports.http2);
serve(ports.bom, give('\\ufeffa 1\\n'));
serve(ports.jsonString, give('"a 1\\\\n"', { 'Content-Type': 'application/json' }));
serve(ports.latin1, give(Buffer.from('a{x="caf\\xe9"} 1\\n', 'latin1')));
serve(ports.latin1Help, give(Buffer.from('# HELP a caf\\xe9\\n# TYPE a gauge\\na 1\\n', 'latin1')));
serve(ports.hiddenGzip, (q, r) => r.writeHead(200, text).end(/gzip/.test(q.headers['accept-encoding']) ? gzipSync('a 1\\n') : 'a 1\\n'));
serve(ports.utf8Names, give('{"my.metric","my.label"="x"} 1\\n'));
serve(ports.blanks, give('  a 1\\n'));
const head = ['HTTP/1.1 200 OK', 'Content-Type: text/plain; version=0.0.4'];
raw(ports.badHeader, [...head, 'this is no header', 'Content-Length: 4', '', 'a 1\\n']);
raw(ports.twoEncodings, [...head, 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked', '', '4', 'a 1\\n', '0', '', '']);
raw(ports.chunks, [...head, 'Transfer-Encoding: chunked', '', 'four', 'a 1\\n', '0', '', '']);
serve(ports.notModified, (q, r) => r.writeHead(304).end());
serve(ports.empty, give(''));
serve(ports.endless, give('a 1\\n', { 'Content-Type': 'application/openmetrics-text; version=1.0.0' }));
serve(ports.hiddenDeflate, give(deflateSync('a 1\\n')));
serve(ports.utf16, give(Buffer.from('\\ufeffa 1\\n', 'utf16le')));
const second = () => Math.floor(Date.now() / 1000);
serve(ports.seconds, give(() => 'a 1 ' + second() + '\\nb 1 ' + second() + '\\n'));
serve(ports.yesterday, give(() => 'a 1 ' + (Date.now() - 86400000) + '\\n'));
serve(ports.future, give(() => 'a 1 ' + (Date.now() + 86400000) + '\\n'));
let before = Date.now();
stays(ports.backwards, give(() => 'a 1 ' + (before -= 1000) + '\\n'));
let value = 0; const start = Date.now();
serve(ports.sameTime, give(() => 'a ' + (value += 1) + ' ' + start + '\\n'));
serve(ports.flaky, (q, r) => Math.floor(Date.now() / 1500) % 2 ? r.writeHead(500).end() : good(q, r));
stays(ports.slow, (q, r) => setTimeout(good, 1400, q, r));
stays(ports.labels, give('a{b="1",c="2",d="3",e="4"} 1\\n'));
stays(ports.password, (q, r) => q.headers.authorization === 'Basic bWU6c2VjcmV0' ? good(q, r) : r.writeHead(401, { 'WWW-Authenticate': 'Basic' }).end());
stays(ports.lists, (q, r) => q.url === '/empty' ? give('[]', { 'Content-Type': 'application/json' })(q, r) : q.url === '/other' ? give(JSON.stringify([{ targets: [process.env.OTHER] }]), { 'Content-Type': 'application/json' })(q, r) : r.writeHead(500).end());
stays(ports.jsonType, give('a 1\\n', { 'Content-Type': 'application/json' }));
stays(ports.query, (q, r) => q.url === '/metrics?format=prometheus' ? good(q, r) : q.url === '/metrics' ? give('{"a": 1}', { 'Content-Type': 'application/json' })(q, r) : r.writeHead(404).end());
stays(ports.redirects, (q, r) => q.url === '/m' ? good(q, r) : r.writeHead(302, { Location: '/m' }).end());
const pair = { key: process.env.KEY, cert: process.env.CERT };
https.createServer(pair, good).listen(ports.tls);
https.createServer({ ...pair, ca: pair.cert, requestCert: true }, good).listen(ports.mutual);
stays(ports.http1, good);
process.on('SIGTERM', () => process.exit(0));
`;

export interface FieldSettings {
  /** The target that is in a list. */
  other: string;
  key?: string;
  cert?: string;
}

/** The environment and command of the container with all of these servers. */
export const fieldServers = ({ other, key = '', cert = '' }: FieldSettings): { env: string[]; command: string[] } => ({
  env: [`PORTS=${JSON.stringify(FIELD)}`, `OTHER=${other}`, `KEY=${key}`, `CERT=${cert}`],
  command: ['node', '-e', PROGRAM],
});
