import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chosenEngine, type Surroundings, storedContexts, usualSockets } from '../../../src/docker/candidates.ts';

let homedir: string;

beforeEach(() => {
  homedir = mkdtempSync(join(tmpdir(), 'contexts-'));
});

afterEach(() => rmSync(homedir, { recursive: true }));

const around = (env: Surroundings['env'] = {}): Surroundings => ({ env, homedir, platform: 'linux' });

const hashOf = (name: string) => createHash('sha256').update(name).digest('hex');

function storeContext(name: string, endpoint: Record<string, unknown>, dir = join(homedir, '.docker')): string {
  const meta = join(dir, 'contexts', 'meta', hashOf(name));
  mkdirSync(meta, { recursive: true });
  writeFileSync(join(meta, 'meta.json'), JSON.stringify({ Name: name, Metadata: {}, Endpoints: { docker: endpoint } }));
  return join(dir, 'contexts', 'tls', hashOf(name), 'docker');
}

function writeConfig(config: unknown, dir = join(homedir, '.docker')): void {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
}

describe('the engine that was chosen', () => {
  it('is absent if none was chosen', () => {
    expect(chosenEngine(undefined, around())).toBeUndefined();
  });

  it('is the one of --context before DOCKER_HOST, DOCKER_CONTEXT and the current context, in this order', () => {
    for (const name of ['flag', 'variable', 'current']) storeContext(name, { Host: `unix:///${name}.sock` });
    writeConfig({ currentContext: 'current' });
    const env = { DOCKER_HOST: 'tcp://host:2375', DOCKER_CONTEXT: 'variable' };
    expect(chosenEngine('flag', around(env))).toEqual({ host: 'unix:///flag.sock', source: 'context "flag"' });
    expect(chosenEngine(undefined, around(env))).toEqual({ host: 'tcp://host:2375', source: 'DOCKER_HOST' });
    const withoutHost = { ...env, DOCKER_HOST: '' };
    expect(chosenEngine(undefined, around(withoutHost))?.source).toBe('context "variable"');
    expect(chosenEngine(undefined, around())?.source).toBe('context "current"');
  });

  it('is looked for in DOCKER_CONFIG', () => {
    const dir = join(homedir, 'elsewhere');
    storeContext('there', { Host: 'unix:///there.sock' }, dir);
    writeConfig({ currentContext: 'there' }, dir);
    expect(chosenEngine(undefined, around({ DOCKER_CONFIG: dir }))?.host).toBe('unix:///there.sock');
  });

  it('is absent if the current context is the built-in one or the file is not JSON', () => {
    writeConfig({ currentContext: 'default' });
    expect(chosenEngine(undefined, around())).toBeUndefined();
    writeConfig('{"currentContext"');
    expect(chosenEngine(undefined, around())).toBeUndefined();
  });

  it('is DOCKER_HOST or else the default socket for --context default, whatever context is current', () => {
    writeConfig({ currentContext: 'colima' });
    expect(chosenEngine('default', around())?.host).toBe('unix:///var/run/docker.sock');
    expect(chosenEngine('default', around({ DOCKER_HOST: 'tcp://h:1' }))?.host).toBe('tcp://h:1');
  });

  it('is an error that names the contexts that exist when the context does not', () => {
    storeContext('colima', { Host: 'unix:///c.sock' });
    storeContext('build', { Host: 'unix:///b.sock' });
    const choosing = () => chosenEngine(undefined, around({ DOCKER_CONTEXT: 'colma' }));
    expect(choosing).toThrow(
      expect.objectContaining({
        code: 'no-such-context',
        message: expect.stringMatching(/"colma".*DOCKER_CONTEXT/),
        detail: [expect.stringContaining('default, build, colima')],
        exitCode: 2,
      }),
    );
    expect(storedContexts(join(homedir, '.docker'))).toEqual(['build', 'colima']);
  });
});

describe('TLS', () => {
  it('is used for a context that has certificates, and for one that skips their verification', () => {
    const dir = storeContext('secure', { Host: 'tcp://h:2376' });
    storeContext('plain', { Host: 'tcp://h:2375' });
    storeContext('careless', { Host: 'tcp://h:2376', SkipTLSVerify: true });
    mkdirSync(dir, { recursive: true });
    expect(chosenEngine('secure', around())?.tls).toEqual({ dir, verify: true });
    expect(chosenEngine('plain', around())?.tls).toBeUndefined();
    expect(chosenEngine('careless', around())?.tls).toMatchObject({ verify: false });
  });

  it('is used for DOCKER_HOST with DOCKER_TLS_VERIFY, with the certificates of DOCKER_CERT_PATH', () => {
    const DOCKER_HOST = 'tcp://h:2376';
    expect(chosenEngine(undefined, around({ DOCKER_HOST, DOCKER_CERT_PATH: '/c' }))?.tls).toBeUndefined();
    expect(
      chosenEngine(undefined, around({ DOCKER_HOST, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/c' }))?.tls,
    ).toEqual({ dir: '/c', verify: true });
    expect(chosenEngine(undefined, around({ DOCKER_HOST, DOCKER_TLS_VERIFY: '1' }))?.tls).toEqual({
      dir: join(homedir, '.docker'),
      verify: true,
    });
  });
});

describe('the usual sockets', () => {
  const hosts = (platform: NodeJS.Platform, env: Surroundings['env'] = {}) =>
    usualSockets({ env, homedir: '/home/u', platform }).map(({ host }) => host);

  it('are on Linux the default, those of the user, and Podman', () => {
    expect(hosts('linux', { XDG_RUNTIME_DIR: '/run/user/7' })).toEqual([
      'unix:///var/run/docker.sock',
      'unix:///home/u/.docker/run/docker.sock',
      'unix:///home/u/.docker/desktop/docker.sock',
      'unix:///home/u/.colima/default/docker.sock',
      'unix:///home/u/.rd/docker.sock',
      'unix:///run/user/7/docker.sock',
      'unix:///run/user/7/podman/podman.sock',
      'unix:///run/podman/podman.sock',
    ]);
  });

  it('are on a Mac those of Docker Desktop, Colima, Rancher Desktop and OrbStack', () => {
    expect(hosts('darwin')).toContain('unix:///home/u/.orbstack/run/docker.sock');
    expect(hosts('darwin')).toContain('unix:///home/u/.docker/run/docker.sock');
  });

  it('are a pipe on Windows', () => {
    expect(hosts('win32')).toEqual(['npipe:////./pipe/docker_engine']);
  });
});
