import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { asRecord, text } from './answers.ts';

/** What `X-Registry-Auth` carries (Docker Engine API, "Authentication"). */
export type RegistryAuth = { username: string; password: string; serveraddress: string } | { identitytoken: string };

/** The registry of references that name none, as the engine tells it (`GET /info`). */
export interface OfficialRegistry {
  /** Under which the docker command keeps the login: an address, not a host. */
  address: string;
  /** What a reference may call it. */
  names: readonly string[];
}

/** The login that `docker login` stored for the registry of an image; `undefined` where there is none. */
export async function registryAuth(
  reference: string,
  dockerConfig: string,
  official: OfficialRegistry,
): Promise<RegistryAuth | undefined> {
  const registry = registryOf(reference, official);
  const config = asRecord(await readJson(join(dockerConfig, 'config.json')));
  const helper = text(asRecord(config.credHelpers)[registry]) || text(config.credsStore);
  if (helper) return askHelper(helper, registry);
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
async function askHelper(helper: string, registry: string): Promise<RegistryAuth | undefined> {
  const child = spawn(`docker-credential-${helper}`, ['get'], { stdio: ['pipe', 'pipe', 'ignore'], timeout: 10_000 });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.stdin.end(registry);
  const answer = asRecord(parse(await readText(child.stdout)));
  const [username, secret] = [text(answer.Username), text(answer.Secret)];
  if (!username || !secret) return undefined;
  if (username === '<token>') return { identitytoken: secret };
  return { username, password: secret, serveraddress: registry };
}

const readJson = async (file: string): Promise<unknown> => parse(await readFile(file, 'utf8').catch(() => ''));

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
