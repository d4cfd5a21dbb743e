import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packages, unpack } from '../scripts/sandbox/debian.ts';
import { engineAddress } from '../scripts/sandbox/engine-address.ts';
import { cacheDir } from '../scripts/sandbox/paths.ts';
import { tryRun } from '../scripts/sandbox/run.ts';

export interface Compose {
  /** What `docker compose` needs in its environment. */
  env: NodeJS.ProcessEnv;
  version: string;
}

/**
 * The docker command's own `compose`, else Debian's package, unpacked into the cache and named to the docker command by
 * a folder of its own (DOCKER_CONFIG), so that nothing of this machine changes.
 *
 * @throws Error that says why there is none
 */
export const findCompose = async (say: (line: string) => void): Promise<Compose> => {
  const installed = await composeWith({});
  if (installed) return installed;
  const config = join(cacheDir(), 'compose', 'docker-config');
  const plugin = join(config, 'cli-plugins', 'docker-compose');
  if (!existsSync(plugin)) await download(plugin, say);
  const downloaded = await composeWith({ DOCKER_CONFIG: config, DOCKER_HOST: await engineAddress() });
  if (downloaded) return downloaded;
  throw new Error('Compose v2 does not run: there is no `docker` command here, or it does not take the plugin');
};

const composeWith = async (env: NodeJS.ProcessEnv): Promise<Compose | undefined> => {
  const answer = await tryRun('docker', ['compose', 'version', '--short'], { env });
  return answer.code === 0 ? { env, version: answer.stdout.trim() } : undefined;
};

/** In this order; Debian 12 has only the first generation of Compose. */
const SUITES = ['testing', 'trixie'];

const download = async (plugin: string, say: (line: string) => void): Promise<void> => {
  const reasons: string[] = [];
  for (const suite of SUITES) {
    try {
      say(`Getting Compose v2 from Debian ${suite}.`);
      return await downloadFrom(suite, plugin);
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(`Compose v2 cannot be had: ${reasons.join('; ')}`);
};

const downloadFrom = async (suite: string, plugin: string): Promise<void> => {
  const unpacked = join(cacheDir(), 'compose', suite);
  await unpack(await packages(suite, ['docker-compose']), unpacked);
  mkdirSync(dirname(plugin), { recursive: true });
  copyFileSync(join(unpacked, 'usr/libexec/docker/cli-plugins/docker-compose'), plugin);
};
