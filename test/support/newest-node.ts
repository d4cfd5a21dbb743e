import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../../scripts/sandbox/lock.ts';
import { cacheDir } from '../../scripts/sandbox/paths.ts';
import { lastLines, tryRun } from '../../scripts/sandbox/run.ts';

/** The newest Node, from npm's package `node`, downloaded once into the cache; where it cannot be had: why. */
export const newestNode = (): Promise<{ path: string } | { because: string }> =>
  withLock('newest-node', async () => {
    const folder = join(cacheDir(), 'newest-node');
    const path = join(folder, 'node_modules', 'node', 'bin', 'node');
    if (existsSync(path)) return { path };
    mkdirSync(folder, { recursive: true });
    const args = ['install', '--no-audit', '--no-fund', '--prefix', folder, 'node@latest'];
    const installed = await tryRun('npm', args, { cwd: folder });
    if (existsSync(path)) return { path };
    return { because: `npm's package "node" cannot be installed: ${lastLines(installed.output, 3)}` };
  });
