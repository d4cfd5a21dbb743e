import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where downloads, build folders, locks and logs of the sandbox live; deleting it costs one download. */
export function cacheDir(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'monitor-sandbox');
}
