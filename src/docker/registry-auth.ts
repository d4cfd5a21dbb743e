import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { addAbortSignal } from 'node:stream';
import { text as readText } from 'node:stream/consumers';
import { MonitorError } from '../errors.ts';
import { asRecord, parseJson, text } from '../json.ts';
import { readJson } from './candidates.ts';

/** What `X-Registry-Auth` carries (Docker Engine API, "Authentication"). */
export type RegistryAuth = { username: string; password: string; serveraddress: string } | { identitytoken: string };

/** The registry of references that name none, as the engine tells it (`GET /info`). */
export interface OfficialRegistry {
  /** Under which the docker command keeps the login: an address, not a host. */
  address: string;
  /** What a reference may call it. */
  names: readonly string[];
}

export interface AuthOptions {
  /** The docker command's folder. */
  dockerConfig: string;
  official: OfficialRegistry;
  signal?: AbortSignal;
  /** How long a credential helper may take, which may ask for a passphrase; milliseconds. */
  helperMs?: number;
}

/**
 * The login that `docker login` stored for the registry of an image; `undefined` where there is none. Fails with
 * `credential-helper` where the program that keeps it does not answer in time.
 */
export async function registryAuth(
  reference: string,
  { dockerConfig, official, signal, helperMs = 30_000 }: AuthOptions,
): Promise<RegistryAuth | undefined> {
  const registry = registryOf(reference, official);
  const file = join(dockerConfig, 'config.json');
  const config = readJson(file);
  const own = text(asRecord(config.credHelpers)[registry]);
  const helper = own || text(config.credsStore);
  if (helper) {
    const late = AbortSignal.timeout(helperMs);
    const either = signal ? AbortSignal.any([late, signal]) : late;
    return askHelper(helper, registry, either).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw late.aborted
        ? helperHangs(helper, registry, `"${own ? 'credHelpers' : 'credsStore'}" in ${file}`, helperMs)
        : error;
    });
  }
  return decodeAuth(asRecord(asRecord(config.auths)[registry]), registry);
}

/** The first part of a reference is a registry when it looks like a host (distribution/reference). */
export function registryOf(reference: string, { address, names }: OfficialRegistry): string {
  const [first = '', ...rest] = reference.split('/');
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const isOfficial = names.includes(first) || (URL.canParse(address) && new URL(address).host === first);
  return isHost && !isOfficial ? first : address;
}

function decodeAuth(entry: Record<string, unknown>, registry: string): RegistryAuth | undefined {
  if (text(entry.identitytoken)) return { identitytoken: text(entry.identitytoken) };
  const [, username, password] = /^([^:]+):(.*)$/s.exec(Buffer.from(text(entry.auth), 'base64').toString()) ?? [];
  return username && password !== undefined ? { username, password, serveraddress: registry } : undefined;
}

/** docker-credential-helpers: the registry on stdin, `{Username, Secret}` on stdout; fails where it knows no login. */
async function askHelper(helper: string, registry: string, signal: AbortSignal): Promise<RegistryAuth | undefined> {
  const child = spawn(`docker-credential-${helper}`, ['get'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    signal,
    killSignal: 'SIGKILL',
  });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.stdin.end(registry);
  // What the helper has started itself may outlive it, and would hold its output open.
  addAbortSignal(signal, child.stdout);
  const answer = asRecord(parseJson(await readText(child.stdout)));
  const [username, secret] = [text(answer.Username), text(answer.Secret)];
  if (!username || !secret) return undefined;
  if (username === '<token>') return { identitytoken: secret };
  return { username, password: secret, serveraddress: registry };
}

const helperHangs = (helper: string, registry: string, place: string, ms: number): MonitorError =>
  new MonitorError({
    code: 'credential-helper',
    message: `docker-credential-${helper}, which keeps the login of ${registry}, did not answer within ${ms / 1000} s`,
    detail: [`named by ${place}`],
    suggestion: `see what it waits for (\`echo ${registry} | docker-credential-${helper} get\`), or remove that entry: public images need no login`,
  });
