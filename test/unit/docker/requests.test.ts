import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDockerodeEngine } from '../../../src/docker/dockerode-engine.ts';
import type { CreateContainer, Engine } from '../../../src/docker/engine.ts';
import { transportTo } from '../../../src/docker/transport.ts';

/** What engines answer that is not at hand: newer ones, Podman, ones in a hurry. */
type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let dir: string;
let server: Server;
let engine: Engine;
let answer: Answer;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'requests-'));
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(join(dir, 's'), resolve));
  const host = `unix://${dir}/s`;
  engine = createDockerodeEngine({
    transport: transportTo({ host, source: 'test' }),
    endpoint: { host, source: 'test', local: true },
    apiVersion: '1.44',
    isPodman: false,
    clockAhead: 0,
    dockerConfig: dir,
    pullStallMs: 200,
  });
});

afterEach(() => {
  vi.unstubAllEnvs();
  engine.close();
  server.close();
  rmSync(dir, { recursive: true });
});

const refuse = (status: number, message: string): Answer => {
  return (_, response) =>
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify({ message }));
};

const reply = (body: unknown): Answer => {
  return (_, response) => response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
};

const spec: CreateContainer = {
  name: 'grafana',
  image: 'grafana/grafana:1',
  env: { GF_SECURITY_ADMIN_PASSWORD: 'hunter2' },
  labels: {},
  mounts: [],
  ports: [],
  network: { name: 'bridge', aliases: [] },
  extraHosts: [],
  restart: 'no',
  capDrop: [],
  securityOpt: [],
  logOptions: {},
};

describe('a request', () => {
  it('has the agreed version in its path', async () => {
    let path: string | undefined;
    answer = (request, response) => {
      path = request.url;
      reply([])(request, response);
    };
    await engine.listNetworks();
    expect(path).toMatch(/^\/v1\.44\/networks/);
  });

  it('has the name of a new container in its address and its passwords in its body only', async () => {
    const seen = { url: '', body: '' };
    answer = async (request, response) => {
      seen.url = request.url ?? '';
      seen.body = await text(request);
      reply({ Id: 'x' })(request, response);
    };
    expect(await engine.createContainer(spec)).toBe('x');
    expect(seen.url).toBe('/v1.44/containers/create?name=grafana');
    expect(seen.body).toContain('hunter2');
  });

  it('goes to the engine that was found, whatever the environment says', async () => {
    answer = reply([]);
    vi.stubEnv('DOCKER_HOST', 'tcp://127.0.0.1:1');
    vi.stubEnv('DOCKER_CERT_PATH', '/nonexistent');
    expect(await engine.listNetworks()).toEqual([]);
    expect(process.env.DOCKER_HOST).toBe('tcp://127.0.0.1:1');
  });
});

describe('a refusal', () => {
  it('keeps its status and the words of the engine, in JSON or plain', async () => {
    answer = refuse(500, 'driver failed: port is already allocated');
    await expect(engine.startContainer('x')).rejects.toMatchObject({
      name: 'EngineError',
      status: 500,
      message: 'driver failed: port is already allocated',
    });
    answer = (_, response) => response.writeHead(418).end('page not found\n');
    await expect(engine.startContainer('x')).rejects.toMatchObject({ status: 418, message: 'page not found' });
    answer = (_, response) => response.writeHead(503).end();
    await expect(engine.startContainer('x')).rejects.toMatchObject({ status: 503, message: 'HTTP 503 unexpected' });
  });

  it('that means "already done" is not an error', async () => {
    answer = refuse(409, 'removal of container x is already in progress');
    await engine.removeContainer('x');
    answer = refuse(403, 'container x is already connected to network y: network is already connected');
    await engine.connectNetwork('y', 'x', []);
    answer = refuse(500, 'container x is not connected to network y');
    await engine.disconnectNetwork('y', 'x');
  });

  it('of what is gone says so, also where Podman answers 500', async () => {
    answer = refuse(500, 'no container with ID ce72c25c4401 found in database: no such container');
    expect(await engine.inspectContainer('web')).toBeUndefined();
  });

  it('that a program is missing is exit code 127', async () => {
    answer = (request, response) => {
      if (request.url?.endsWith('/exec')) return reply({ Id: 'e' })(request, response);
      return refuse(400, 'OCI runtime exec failed: exec: "nc": executable file not found in $PATH')(request, response);
    };
    expect(await engine.exec('x', ['nc'])).toMatchObject({ exitCode: 127, stderr: expect.stringContaining('"nc"') });
  });
});

describe('an answer', () => {
  it('may be null where a list is empty', async () => {
    answer = reply({ Volumes: null, Warnings: null });
    expect(await engine.listVolumes([])).toEqual([]);
  });

  it('that breaks off in the middle is engine-lost at once', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 100 }).write('[{"Id"');
      setTimeout(() => response.destroy(), 20);
    };
    await expect(engine.listNetworks()).rejects.toMatchObject({ code: 'engine-lost' });
  });

  it('of events that ends is engine-lost, even when it ends in good order', async () => {
    answer = (_, response) => response.writeHead(200).end();
    await expect(engine.events(() => {}, new AbortController().signal)).rejects.toMatchObject({ code: 'engine-lost' });
  });

  it('to a pull may take longer than the pause that is allowed, as long as something comes', async () => {
    answer = async (request, response) => {
      if (request.url?.endsWith('/info')) return reply({})(request, response);
      for (let step = 0; step < 8; step++) {
        response.write(`${JSON.stringify({ status: 'Extracting', id: 'a' })}\n`);
        await sleep(60);
      }
      response.end();
    };
    await engine.pullImage('x/y:1', () => {});
  });

  it('to a pull may be an error after a good beginning', async () => {
    answer = (_, response) => response.end('{"status":"Pulling"}\n{"errorDetail":{"message":"manifest unknown"}}\n');
    await expect(engine.pullImage('x/y:1', () => {})).rejects.toMatchObject({
      code: 'image-pull-failed',
      message: expect.stringContaining('x/y:1'),
      detail: ['manifest unknown'],
    });
  });
});

describe('a command', () => {
  it('whose output ended before the command did is an error', async () => {
    answer = (request, response) => {
      if (request.url?.endsWith('/exec')) return reply({ Id: 'e' })(request, response);
      return reply({ Running: true, ExitCode: null })(request, response);
    };
    server.on('upgrade', (_, socket) => {
      socket.end('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
    });
    await expect(engine.exec('x', ['sleep', '9'])).rejects.toMatchObject({
      name: 'EngineError',
      message: expect.stringContaining('still runs'),
    });
  });
});
