import { readFileSync } from 'node:fs';
import { parseVersion, type StandInVersion } from './profile.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Settings {
  readonly version: StandInVersion;
  readonly dataDir: string;
  readonly adminUser: string;
  readonly adminPassword: string;
  readonly port: number;
  readonly bruteForceProtection: boolean;
}

/** The settings under the names that Grafana's image gives them. @throws Error where one cannot be used. */
export function settingsFrom(env: Environment): Settings {
  return {
    version: parseVersion(env.STAND_IN_VERSION || '13'),
    dataDir: dataDir(env),
    adminUser: valueOrFile(env, 'GF_SECURITY_ADMIN_USER') ?? 'admin',
    adminPassword: valueOrFile(env, 'GF_SECURITY_ADMIN_PASSWORD') ?? 'admin',
    port: portFrom(env.GF_SERVER_HTTP_PORT || '3000'),
    bruteForceProtection: env.GF_SECURITY_DISABLE_BRUTE_FORCE_LOGIN_PROTECTION !== 'true',
  };
}

export function dataDir(env: Environment): string {
  return env.GF_PATHS_DATA || '/var/lib/grafana';
}

/** The variable, else the file that `<name>__FILE` names, without the newlines at its end. */
function valueOrFile(env: Environment, name: string): string | undefined {
  const file = env[`${name}__FILE`];
  if (env[name] || !file) return env[name] || undefined;
  return readFileSync(file, 'utf8').replace(/\n+$/, '');
}

function portFrom(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error(`GF_SERVER_HTTP_PORT is "${text}"`);
  return port;
}
