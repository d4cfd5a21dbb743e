import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Candidate } from '../../../src/docker/candidates.ts';
import { aheadOfThisMachine, compareVersions, connectFirst, negotiate } from '../../../src/docker/connect.ts';
import { noEngine, reason } from '../../../src/docker/no-engine.ts';
import { sshArguments } from '../../../src/docker/ssh.ts';
import { transportTo } from '../../../src/docker/transport.ts';

let dir: string;
const servers: Server[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'connect-'));
});

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  rmSync(dir, { recursive: true });
});

async function listen(name: string, apiVersion: string | undefined): Promise<Candidate> {
  const path = join(dir, name);
  const server = createServer((_, response) => {
    if (apiVersion === undefined) return;
    response.setHeader('Api-Version', apiVersion);
    response.end('OK');
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return { host: `unix://${path}`, source: name };
}

const searched = (candidates: Candidate[], chosen = false) =>
  connectFirst(candidates, { chosen, others: ['colima'], platform: 'linux', dockerConfig: dir, patienceMs: 100 });

describe('looking for an engine', () => {
  it('passes over a file that is stale, a socket that hangs and one that is missing', async () => {
    writeFileSync(join(dir, 'stale'), '');
    const engine = await searched([
      { host: `unix://${dir}/missing`, source: 'missing' },
      { host: `unix://${dir}/stale`, source: 'stale' },
      await listen('hangs', undefined),
      await listen('good', '1.44'),
    ]);
    expect(engine.endpoint).toEqual({ host: `unix://${dir}/good`, source: 'good', local: true });
    engine.close();
  });

  it('tells every place that was tried with its reason in one error', async () => {
    writeFileSync(join(dir, 'stale'), '');
    mkdirSync(join(dir, 'folder'));
    const candidates = [
      { host: `unix://${dir}/missing`, source: 'the default socket' },
      { host: `unix://${dir}/stale`, source: 'Colima' },
      await listen('hangs', undefined),
      { host: 'tcp://127.0.0.1:1', source: 'x' },
      { host: 'gopher://h', source: 'y' },
      { host: 'tcp://[', source: 'z' },
      { host: '/run/docker.sock', source: 'q' },
    ];
    await expect(searched(candidates)).rejects.toMatchObject({
      code: 'no-engine',
      exitCode: 1,
      message: 'No Docker engine found',
      detail: [
        `unix://${dir}/missing (the default socket): no such file`,
        // Linux refuses the connection, and macOS says that it is no socket.
        expect.stringMatching(/stale \(Colima\): (connection refused|not a socket)/),
        `unix://${dir}/hangs (hangs): no answer within 0.1 s`,
        'tcp://127.0.0.1:1 (x): connection refused (is the daemon running?)',
        'gopher://h (y): "gopher://" is not supported: use unix://, tcp://, ssh:// or npipe://',
        'tcp://[ (z): "http://[" is not an address',
        '/run/docker.sock (q): it has no host; the socket at a path is unix:///run/docker.sock',
        'not tried: context "colima" (choose one with --context)',
      ],
      suggestion: expect.stringContaining('systemctl start docker'),
    });
  });

  it('does not go on to another engine when the chosen one does not answer', async () => {
    const chosen = { host: `unix://${dir}/missing`, source: 'context "colima"' };
    await expect(searched([chosen], true)).rejects.toMatchObject({
      code: 'no-engine',
      message: 'Cannot connect to the Docker engine of context "colima"',
      suggestion: expect.stringContaining('docker context ls'),
    });
  });
});

describe('what to do when no engine answers', () => {
  const failed = (code: string) => ({
    candidate: { host: 'unix:///s', source: 'the default socket' },
    error: Object.assign(new Error(`connect ${code} /s`), { code }),
  });
  const hint = (code: string, platform: NodeJS.Platform) => noEngine([failed(code)], [], false, platform).suggestion;

  it.each([
    ['EACCES', 'linux', 'usermod -aG docker'],
    ['ENOENT', 'linux', 'systemctl start docker'],
    ['ENOENT', 'darwin', 'Docker Desktop'],
    ['ENOENT', 'win32', 'Docker Desktop'],
  ] as const)('%s on %s: %s', (code, platform, words) => {
    expect(hint(code, platform)).toContain(words);
  });

  it('where the engine of DOCKER_HOST may not be used is to join its group', () => {
    const attempt = { ...failed('EACCES'), candidate: { host: 'unix:///s', source: 'DOCKER_HOST' } };
    expect(noEngine([attempt], [], true, 'linux').suggestion).toContain('usermod -aG docker');
  });

  it('after a wrong DOCKER_HOST is to unset it', () => {
    const attempt = { ...failed('ENOTFOUND'), candidate: { host: 'tcp://h', source: 'DOCKER_HOST' } };
    expect(noEngine([attempt], [], true, 'linux').suggestion).toContain('unset DOCKER_HOST');
  });

  it.each([
    ['EACCES', /permission denied: add yourself to the docker group/],
    ['ENOTFOUND', /host not found/],
    ['CERT_HAS_EXPIRED', /^TLS: .*expired/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /^TLS: connect/],
    ['ESTRANGE', /^connect ESTRANGE \/s$/],
  ])('%s is told as %s', (code, words) => {
    expect(reason(failed(code).error)).toMatch(words);
  });

  it('has the reason of a host name with several addresses', () => {
    expect(reason(new AggregateError([failed('ECONNREFUSED').error]))).toContain('connection refused');
  });
});

describe('the version of the API', () => {
  it.each([
    ['1.41', '1.41'],
    ['1.44', '1.44'],
    ['1.51', '1.51'],
    ['1.55', '1.51'],
  ])('of an engine that speaks %s is %s', (engine, agreed) => {
    expect(negotiate(engine, 'x')).toBe(agreed);
  });

  it('is refused below 1.41, with both versions', () => {
    expect(() => negotiate('1.40', 'x')).toThrow(
      expect.objectContaining({ code: 'engine-too-old', message: expect.stringMatching(/1\.40.*1\.41/) }),
    );
  });

  it('is compared by number', () => {
    expect(compareVersions('1.9', '1.41')).toBeLessThan(0);
    expect(compareVersions('2.0', '1.55')).toBeGreaterThan(0);
  });
});

describe('how a host is reached', () => {
  it.each([
    ['unix:///var/run/docker.sock', true, 'docker'],
    ['npipe:////./pipe/docker_engine', true, 'docker'],
    ['tcp://h', false, 'h:2375'],
    ['h:1234', false, 'h:1234'],
    ['tcp://[::1]:2375', false, '[::1]:2375'],
    ['ssh://me@h', false, 'docker'],
  ])('%s: local %s, Host %s', (host, local, authority) => {
    expect(transportTo({ host, source: 'x' })).toMatchObject({ local, authority });
  });

  it('is port 2376 with TLS', () => {
    expect(transportTo({ host: 'tcp://h', source: 'x', tls: { dir, verify: true } }).authority).toBe('h:2376');
  });

  it('is the system’s ssh with user, port and socket; a host that starts with a dash is not taken for an option', () => {
    expect(sshArguments(new URL('ssh://me@h:2222/run/d.sock')).slice(2)).toEqual([
      '-T',
      '-l',
      'me',
      '-p',
      '2222',
      '--',
      'h',
      'docker',
      '--host',
      'unix:///run/d.sock',
      'system',
      'dial-stdio',
    ]);
    expect(sshArguments(new URL('ssh://h')).slice(2)).toEqual(['-T', '--', 'h', 'docker', 'system', 'dial-stdio']);
  });
});

describe('the clock of an engine', () => {
  const now = Date.UTC(2026, 0, 1, 12, 0, 0, 400);
  const headerAt = (ms: number): string => new Date(now + ms).toUTCString();

  it('is this machine’s where the header may say so, and where there is none', () => {
    expect(aheadOfThisMachine(headerAt(0), now)).toBe(0);
    // Answered in the second before.
    expect(aheadOfThisMachine(headerAt(-600), now)).toBe(0);
    expect(aheadOfThisMachine(undefined, now)).toBe(0);
  });

  it.each([60_000, -60_000])('is %i ms ahead, and up to a second more', (ms) => {
    const ahead = aheadOfThisMachine(headerAt(ms), now);
    expect(ahead).toBeGreaterThanOrEqual(ms);
    expect(ahead).toBeLessThanOrEqual(ms + 1000);
  });
});
