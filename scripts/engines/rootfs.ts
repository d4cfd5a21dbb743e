import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { debianArchive } from '../sandbox/apt-sources.ts';
import { withLock } from '../sandbox/lock.ts';
import { cacheDir } from '../sandbox/paths.ts';
import { lastLines, type Say, tryRun } from '../sandbox/run.ts';

/** Debian's newest suite. */
const SUITE = 'sid';
const PACKAGES = [
  'docker.io',
  'podman',
  'runc',
  'crun',
  'netavark',
  'aardvark-dns',
  'iptables',
  'nftables',
  'iproute2',
];

/**
 * A folder with Debian's newest suite and its engines, unpacked once into the cache (700 MB); deleting it gets newer ones.
 *
 * @throws Error with debootstrap's last lines.
 */
export async function engineRoot(say: Say): Promise<string> {
  const root = join(cacheDir(), 'engines', SUITE);
  return withLock('engines', async () => {
    if (existsSync(root)) return root;
    say(`Unpacking Debian ${SUITE} with ${PACKAGES.slice(0, 2).join(' and ')} into ${root}.`);
    const partial = `${root}.partial`;
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    const { uri, signedBy } = debianArchive();
    const keyring = signedBy?.startsWith('/') ? [`--keyring=${signedBy}`] : [];
    const args = ['--variant=minbase', ...keyring, `--include=${PACKAGES.join(',')}`, SUITE, partial, uri];
    const made = await tryRun('debootstrap', args);
    if (made.code !== 0) throw new Error(`debootstrap failed:\n${lastLines(made.output, 10)}`);
    renameSync(partial, root);
    return root;
  });
}
