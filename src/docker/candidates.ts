import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mistake } from '../errors.ts';
import { asRecord, text } from '../json.ts';

export interface Surroundings {
  env: Record<string, string | undefined>;
  homedir: string;
  platform: NodeJS.Platform;
}

/** A place where an engine may answer. */
export interface Candidate {
  /** As DOCKER_HOST writes it. */
  host: string;
  /** For a person: `context "colima"`, `DOCKER_HOST`. */
  source: string;
  tls?: TlsSource;
}

export interface TlsSource {
  /** Holds `ca.pem`, `cert.pem` and `key.pem`, each of which may be absent; no folder: the system's authorities. */
  dir?: string;
  verify: boolean;
}

/** Where the docker command keeps its contexts and its registry logins. */
export const configDir = ({ env, homedir }: Surroundings): string => env.DOCKER_CONFIG || join(homedir, '.docker');

/**
 * The engine that was chosen, in the docker command's own order (docker/cli, `resolveContextName`): `--context`,
 * DOCKER_HOST, DOCKER_CONTEXT, `currentContext` of config.json. `undefined`: none was.
 * @throws MonitorError `no-such-context`
 */
export function chosenEngine(context: string | undefined, around: Surroundings): Candidate | undefined {
  const { env } = around;
  if (context) return contextNamed(context, '--context', around);
  if (env.DOCKER_HOST) return hostOfEnvironment(env.DOCKER_HOST, around);
  if (env.DOCKER_CONTEXT) return contextNamed(env.DOCKER_CONTEXT, 'DOCKER_CONTEXT', around);
  const file = join(configDir(around), 'config.json');
  const current = text(readJson(file).currentContext);
  return current === '' || current === 'default' ? undefined : contextNamed(current, file, around);
}

/** The names of all contexts that the docker command has stored; its built-in `default` is not among them. */
export function storedContexts(dir: string): string[] {
  const metas = join(dir, 'contexts', 'meta');
  const entries = existsSync(metas) ? readdirSync(metas) : [];
  const names = entries.map((entry) => text(readJson(join(metas, entry, 'meta.json')).Name));
  return names.filter((name) => name !== '').sort();
}

const defaultHost = (platform: NodeJS.Platform): string =>
  platform === 'win32' ? 'npipe:////./pipe/docker_engine' : 'unix:///var/run/docker.sock';

function contextNamed(name: string, chosenBy: string, around: Surroundings): Candidate {
  const dir = configDir(around);
  if (name !== 'default') return storedContext(name, dir) ?? missingContext(name, chosenBy, dir);
  // The docker command's built-in context is not stored: it is DOCKER_HOST, or else the platform's socket.
  const { DOCKER_HOST } = around.env;
  if (DOCKER_HOST) return hostOfEnvironment(DOCKER_HOST, around);
  return { host: defaultHost(around.platform), source: 'context "default"' };
}

/** Layout: docker/cli, cli/context/store: `contexts/{meta,tls}/<sha256 of the name>`. */
function storedContext(name: string, dir: string): Candidate | undefined {
  const hash = createHash('sha256').update(name).digest('hex');
  const meta = join(dir, 'contexts', 'meta', hash, 'meta.json');
  if (!existsSync(meta)) return undefined;
  const endpoint = asRecord(asRecord(readJson(meta).Endpoints).docker);
  const tls = { dir: join(dir, 'contexts', 'tls', hash, 'docker'), verify: endpoint.SkipTLSVerify !== true };
  const usesTls = existsSync(tls.dir) || !tls.verify;
  return { host: text(endpoint.Host), source: `context "${name}"`, tls: usesTls ? tls : undefined };
}

function missingContext(name: string, chosenBy: string, dir: string): never {
  throw mistake({
    code: 'no-such-context',
    message: `Docker context "${name}" (from ${chosenBy}) not found`,
    detail: [`contexts in ${dir}: ${['default', ...storedContexts(dir)].join(', ')}`],
    suggestion: 'pass one of these with --context, or switch with `docker context use <name>`',
  });
}

/** DOCKER_TLS_VERIFY and DOCKER_TLS count when they are not empty, whatever they say (docker/cli, cli/flags). */
function hostOfEnvironment(host: string, around: Surroundings): Candidate {
  const { DOCKER_TLS, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH } = around.env;
  const tls = { dir: DOCKER_CERT_PATH || configDir(around), verify: Boolean(DOCKER_TLS_VERIFY) };
  return { host, source: 'DOCKER_HOST', tls: DOCKER_TLS_VERIFY || DOCKER_TLS ? tls : undefined };
}

/** A file that is missing or not JSON is ignored, as the docker command does. */
export function readJson(file: string): Record<string, unknown> {
  try {
    return asRecord(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return {};
  }
}

/**
 * Where engines usually listen when none is chosen: the platform's own socket first, then Docker Desktop, Colima,
 * OrbStack, Rancher Desktop, rootless Docker, Podman. Each of these documents its socket's path.
 */
export function usualSockets({ env, homedir, platform }: Surroundings): Candidate[] {
  const first = { host: defaultHost(platform), source: 'the default socket' };
  if (platform === 'win32') return [first];
  const runtimeDir = env.XDG_RUNTIME_DIR || `/run/user/${process.getuid?.() ?? 0}`;
  const sockets: [path: string, source: string][] = [
    [join(homedir, '.docker/run/docker.sock'), 'Docker Desktop or rootless Docker'],
    [join(homedir, '.docker/desktop/docker.sock'), 'Docker Desktop'],
    [join(homedir, '.colima/default/docker.sock'), 'Colima'],
    [join(homedir, '.rd/docker.sock'), 'Rancher Desktop'],
  ];
  const others: typeof sockets =
    platform === 'darwin'
      ? [[join(homedir, '.orbstack/run/docker.sock'), 'OrbStack']]
      : [
          [`${runtimeDir}/docker.sock`, 'rootless Docker'],
          [`${runtimeDir}/podman/podman.sock`, 'rootless Podman'],
          ['/run/podman/podman.sock', 'Podman'],
        ];
  return [first, ...[...sockets, ...others].map(([path, source]) => ({ host: `unix://${path}`, source }))];
}
