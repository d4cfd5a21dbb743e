import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { docker } from './engine-view.ts';
import './sandbox-context.ts';

/** The name in the certificate of the server on BROKEN.tls, which is none of the container's. */
export const CERTIFIED_NAME = 'elsewhere.example';

/** What is wrong with the server on each port of one container. */
export const BROKEN = {
  good: 9000,
  loopback: 9001,
  /** Nothing listens here. */
  closed: 9002,
  silent: 9003,
  /** Metrics at `/actuator/prometheus` only. */
  actuator: 9004,
  unauthorized: 9005,
  forbidden: 9006,
  html: 9007,
  /** Good metrics as `application/json`. */
  contentType: 9008,
  tls: 9009,
  /** 200 samples. */
  many: 9010,
  duplicates: 9011,
  failing: 9012,
  json: 9013,
  /** Hangs up before it answers. */
  hangsUp: 9014,
  /** 404 for whatever is asked. */
  nowhere: 9015,
  /** Redirects to the closed port. */
  away: 9016,
  /** More than a MiB of metrics at once, then one line after the other without end. */
  endless: 9017,
  /** Less than its Content-Length. */
  short: 9018,
  /** An unusual port, on which no other container of this engine listens. */
  unusual: 47_391,
} as const;

const PROGRAM = `
const http = require('node:http'), https = require('node:https'), net = require('node:net');
const ports = JSON.parse(process.env.PORTS);
const text = { 'Content-Type': 'text/plain; version=0.0.4' };
const good = (q, r) => { r.writeHead(200, text); r.end('a 1\\n'); };
const at = (path) => (q, r) => q.url === path ? good(q, r) : r.writeHead(404).end('nothing here');
const give = (status, headers, body) => (q, r) => { r.writeHead(status, headers); r.end(body); };
const serve = (port, answer, host = '0.0.0.0') => http.createServer(answer).listen(port, host);
serve(ports.good, at('/metrics'));
serve(ports.loopback, good, '127.0.0.1');
net.createServer(() => {}).listen(ports.silent);
serve(ports.actuator, at('/actuator/prometheus'));
serve(ports.unauthorized, give(401, { 'WWW-Authenticate': 'Basic' }));
serve(ports.forbidden, give(403, {}));
serve(ports.html, give(200, { 'Content-Type': 'text/html' }, '<!doctype html><html><body>Welcome</body></html>'));
serve(ports.contentType, give(200, { 'Content-Type': 'application/json' }, 'a 1\\n'));
serve(ports.many, give(200, text, Array.from({ length: 200 }, (_, i) => 'm{i="' + i + '"} 1\\n').join('')));
serve(ports.duplicates, give(200, text, 'a{x="1"} 1\\na{x="1"} 2\\nb 1\\n'));
serve(ports.failing, give(500, {}, 'boom'));
serve(ports.json, give(200, text, '{"a": 1}'));
net.createServer((socket) => socket.on('data', () => socket.destroy())).listen(ports.hangsUp);
serve(ports.nowhere, give(404, {}));
serve(ports.away, (q, r) => r.writeHead(302, { Location: 'http://' + q.headers.host.split(':')[0] + ':' + ports.closed + '/' }).end());
serve(ports.endless, (q, r) => {
  r.writeHead(200, text);
  r.write('a 1\\n'.repeat(400000));
  const timer = setInterval(() => r.write('a 1\\n'), 100);
  r.on('close', () => clearInterval(timer));
});
net.createServer((socket) => {
  socket.on('error', () => {});
  socket.on('data', () => socket.end('HTTP/1.1 200 OK\\r\\nContent-Type: text/plain; version=0.0.4\\r\\nContent-Length: 500\\r\\n\\r\\na 1\\n'));
}).listen(ports.short);
serve(ports.unusual, at('/metrics'));
https.createServer({ key: process.env.KEY, cert: process.env.CERT }, good).listen(ports.tls);
process.on('SIGTERM', () => process.exit(0));
`;

/** The environment and command of the container with all of these servers. */
export const brokenServers = (): { env: string[]; command: string[] } => {
  const { key, cert } = selfSigned();
  return {
    env: [`PORTS=${JSON.stringify(BROKEN)}`, `KEY=${key}`, `CERT=${cert}`],
    command: ['node', '-e', PROGRAM],
  };
};

const selfSigned = (): { key: string; cert: string } => {
  const folder = mkdtempSync(join(tmpdir(), 'broken-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', `/CN=${CERTIFIED_NAME}`, '-addext', `subjectAltName=DNS:${CERTIFIED_NAME}`];
  try {
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...subject],
      {
        stdio: 'ignore',
      },
    );
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
};

export interface ServiceSpec {
  name: string;
  network: string;
  command: readonly string[];
  /** The image with Node where absent. */
  image?: string;
  env?: readonly string[];
  labels?: Record<string, string>;
  /** Exposed, and published on this address of this machine where one is given. */
  ports?: readonly { container: number; host?: number; bind?: string }[];
  restart?: 'always';
  /** Bytes. */
  memory?: number;
}

/** Starts a container that the things of `owner` (test/support/users-things.ts) are removed with. */
export const startService = async (owner: string, spec: ServiceSpec): Promise<void> => {
  const { name, network, command, image = inject('images').node, env = [], labels = {}, ports = [] } = spec;
  const published = ports.filter((p) => p.host !== undefined);
  const made = await docker.createContainer({
    name,
    Image: image,
    Entrypoint: [],
    Cmd: [...command],
    Env: [...env],
    Labels: { ...labels, 'monitor.test.owner': owner },
    ExposedPorts: Object.fromEntries(ports.map((p) => [`${p.container}/tcp`, {}])),
    HostConfig: {
      NetworkMode: network,
      PortBindings: Object.fromEntries(
        published.map((p) => [`${p.container}/tcp`, [{ HostIp: p.bind ?? '0.0.0.0', HostPort: `${p.host}` }]]),
      ),
      ...(spec.restart === undefined ? {} : { RestartPolicy: { Name: spec.restart } }),
      ...(spec.memory === undefined ? {} : { Memory: spec.memory, MemorySwap: spec.memory }),
    },
  });
  await made.start();
};
