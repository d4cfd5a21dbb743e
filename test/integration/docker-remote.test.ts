import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { connect } from '../../src/docker/connect.ts';
import { startEngineProxy } from '../support/engine-proxy.ts';
import { ENGINE_SOCKET } from '../support/engine-socket.ts';
import '../support/sandbox-context.ts';

let home: string;
let container: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'remote-'));
  const name = `engine-test-${randomBytes(4).toString('hex')}`;
  const args = ['run', '-d', '--name', name, inject('images').busybox, 'sleep', '600'];
  container = execFileSync('docker', args).toString().trim();
});

afterEach(() => vi.unstubAllEnvs());

afterAll(() => {
  execFileSync('docker', ['rm', '-f', container]);
  rmSync(home, { recursive: true });
});

const at = (env: Record<string, string>, context?: string) =>
  connect({ env, context, homedir: home, platform: process.platform });

describe('an engine behind ssh', () => {
  const HERE = 'while [ "$1" != -- ]; do shift; done; shift 2; exec "$@"';

  /** In place of the system's ssh: notes how it was called, then runs the remote command here. */
  function stubSsh(script: string): void {
    const bin = mkdtempSync(join(home, 'bin-'));
    writeFileSync(join(bin, 'ssh'), `#!/bin/sh\necho "$@" >> ${home}/ssh-calls\n${script}\n`);
    chmodSync(join(bin, 'ssh'), 0o755);
    vi.stubEnv('PATH', `${bin}${delimiter}${process.env.PATH}`);
  }

  it('answers over one connection of the system ssh, and lets this process end', async () => {
    stubSsh(HERE);
    const processes = () => process.getActiveResourcesInfo().filter((kind) => kind === 'ProcessWrap').length;
    const before = processes();
    const engine = await at({ DOCKER_HOST: 'ssh://me@far.example:2222' });
    expect(processes()).toBe(before + 1);
    expect(engine.endpoint).toMatchObject({ source: 'DOCKER_HOST', local: false });
    expect((await engine.listNetworks()).map(({ name }) => name)).toContain('bridge');
    expect(readFileSync(join(home, 'ssh-calls'), 'utf8')).toBe(
      '-o ConnectTimeout=30 -T -l me -p 2222 -- far.example docker system dial-stdio\n',
    );
    engine.close();
    await vi.waitFor(() => expect(processes()).toBe(before));
  });

  it('carries commands with stdin and their end', async () => {
    stubSsh(HERE);
    const engine = await at({ DOCKER_HOST: 'ssh://far.example' });
    const stdin = 'x'.repeat(300_000);
    expect((await engine.exec(container, ['cat'], { stdin })).stdout === stdin).toBe(true);
    engine.close();
  });

  it("fails with ssh's own words", async () => {
    stubSsh('echo "me@far.example: Permission denied (publickey)." >&2; exit 255');
    await expect(at({ DOCKER_HOST: 'ssh://me@far.example' })).rejects.toMatchObject({
      code: 'no-engine',
      detail: [
        'ssh://me@far.example (DOCKER_HOST): ssh to far.example ended: me@far.example: Permission denied (publickey).',
      ],
    });
  });

  it('fails with engine-lost when the connection ends between two calls', async () => {
    stubSsh(HERE);
    const engine = await at({ DOCKER_HOST: 'ssh://far.example' });
    engine.close();
    stubSsh('echo "Connection refused" >&2; exit 255');
    await expect(engine.listNetworks()).rejects.toMatchObject({
      code: 'engine-lost',
      detail: [expect.stringContaining('Connection refused')],
    });
  });
});

describe('an engine behind TLS', () => {
  let certs: string;
  let host: string;
  let server: ReturnType<typeof createServer>;

  beforeAll(async () => {
    certs = join(home, 'certs');
    mkdirSync(certs);
    const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const files = ['-keyout', join(certs, 'key.pem'), '-out', join(certs, 'cert.pem')];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...name, ...files], {
      stdio: 'pipe',
    });
    writeFileSync(join(certs, 'ca.pem'), readFileSync(join(certs, 'cert.pem')));
    const [key, cert] = ['key.pem', 'cert.pem'].map((file) => readFileSync(join(certs, file)));
    if (!key || !cert) throw new Error('openssl wrote no certificate');
    server = createServer(
      { key, cert, ca: [cert], requestCert: true, rejectUnauthorized: true, allowHalfOpen: true },
      (client) => {
        const engine = connectSocket({ path: ENGINE_SOCKET, allowHalfOpen: true });
        client.on('error', () => engine.destroy()).on('close', () => engine.destroy());
        engine.on('error', () => client.destroy());
        client.pipe(engine).pipe(client);
      },
    );
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    host = `tcp://127.0.0.1:${portOf(server.address())}`;
  });

  afterAll(() => void server.close());

  const portOf = (address: AddressInfo | string | null) => (typeof address === 'object' ? address?.port : undefined);

  function storeContext(name: string, skipVerify: boolean): void {
    const hash = createHash('sha256').update(name).digest('hex');
    const dir = (kind: string, ...rest: string[]) => join(home, '.docker', 'contexts', kind, hash, ...rest);
    mkdirSync(dir('meta'), { recursive: true });
    mkdirSync(dir('tls', 'docker'), { recursive: true });
    const docker = { Host: host, SkipTLSVerify: skipVerify };
    writeFileSync(dir('meta', 'meta.json'), JSON.stringify({ Name: name, Endpoints: { docker } }));
    for (const file of skipVerify ? ['cert.pem', 'key.pem'] : ['ca.pem', 'cert.pem', 'key.pem']) {
      writeFileSync(dir('tls', 'docker', file), readFileSync(join(certs, file)));
    }
  }

  it('answers with DOCKER_TLS_VERIFY and DOCKER_CERT_PATH', async () => {
    const engine = await at({ DOCKER_HOST: host, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: certs });
    expect((await engine.listNetworks()).length).toBeGreaterThan(0);
    expect((await engine.exec(container, ['cat'], { stdin: 'hello' })).stdout).toBe('hello');
    engine.close();
  });

  it.each([true, false])('answers to a context with certificates (SkipTLSVerify: %s)', async (skipVerify) => {
    storeContext(`tls-${skipVerify}`, skipVerify);
    const engine = await at({}, `tls-${skipVerify}`);
    expect(engine.endpoint).toEqual({ host, source: `context "tls-${skipVerify}"`, local: false });
    expect((await engine.listNetworks()).length).toBeGreaterThan(0);
    engine.close();
  });

  it('is refused when no ca.pem vouches for it', async () => {
    const empty = mkdtempSync(join(home, 'empty-'));
    await expect(at({ DOCKER_HOST: host, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: empty })).rejects.toMatchObject({
      code: 'no-engine',
      detail: [expect.stringContaining('TLS: its certificate is self-signed')],
    });
  });
});

it('an engine that does not speak TLS is reported as that', async () => {
  const proxy = await startEngineProxy();
  await expect(at({ DOCKER_HOST: proxy.host, DOCKER_TLS_VERIFY: '1' })).rejects.toMatchObject({
    code: 'no-engine',
    detail: [expect.stringContaining('TLS')],
  });
  await proxy.close();
});
