import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { packages, unpack } from './debian.ts';
import { buildImage, imageOfRecipe } from './image.ts';
import { officialImage } from './official-image.ts';
import { cacheDir } from './paths.ts';
import { recipeOf } from './recipe.ts';
import { run, type Say } from './run.ts';
import { copy, directory, type Entry, link, text } from './tar.ts';

const REPOSITORY = 'monitor-sandbox/busybox';
const OFFICIAL = 'busybox:1.37';
export const BUSYBOX_IMAGE = `${REPOSITORY}:1`;
export const SUITE = 'testing';
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export const PASSWD = `root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
bin:x:2:2:bin:/bin:/bin/false
sys:x:3:3:sys:/dev:/bin/false
www-data:x:33:33:www-data:/var/www:/bin/false
nobody:x:65534:65534:nobody:/home:/bin/false
`;
export const GROUP = `root:x:0:
daemon:x:1:
bin:x:2:
sys:x:3:
www-data:x:33:
nobody:x:65534:
`;

/** Part of the recipe of every image that is built on this one. */
export const BUSYBOX_RECIPE = recipeOf([import.meta.url]);

/**
 * A base image like the official busybox: one static program, every applet as a link in /bin. It is made of Debian's
 * package, or of the official image on a machine that has no Debian archive.
 */
export async function ensureBusyboxImage(say: Say): Promise<string> {
  if ((await imageOfRecipe(REPOSITORY, BUSYBOX_RECIPE)) !== undefined) return BUSYBOX_IMAGE;
  try {
    return await fromDebian(say);
  } catch (error) {
    const from = await officialImage(OFFICIAL, say);
    if (from === undefined) throw error;
    return buildImage({ name: BUSYBOX_IMAGE, from, files: [nsswitch()], env: { PATH } }, BUSYBOX_RECIPE);
  }
}

async function fromDebian(say: Say): Promise<string> {
  const debs = await packages(SUITE, ['busybox-static']);
  say(`Building ${BUSYBOX_IMAGE} from Debian's busybox-static.`);
  mkdirSync(cacheDir(), { recursive: true });
  const unpacked = mkdtempSync(join(cacheDir(), 'busybox-'));
  try {
    await unpack(debs, unpacked);
    const busybox = join(unpacked, 'usr/bin/busybox');
    const applets = (await run(busybox, ['--list'])).trim().split('\n');
    const files = [...baseFiles(), copy('/bin/busybox', busybox, { mode: 0o755 }), ...links(applets)];
    const spec = { name: BUSYBOX_IMAGE, from: 'scratch', files, env: { PATH }, cmd: ['sh'] };
    return await buildImage(spec, BUSYBOX_RECIPE);
  } finally {
    rmSync(unpacked, { recursive: true, force: true });
  }
}

function links(applets: string[]): Entry[] {
  return applets.filter((applet) => applet !== 'busybox').map((applet) => link(`/bin/${applet}`, 'busybox'));
}

function baseFiles(): Entry[] {
  return [
    ...[
      '/bin',
      '/etc',
      '/home',
      '/root',
      '/usr',
      '/usr/bin',
      '/usr/local',
      '/usr/local/bin',
      '/usr/sbin',
      '/var',
      '/var/www',
    ].map((path) => directory(path)),
    directory('/tmp', { mode: 0o1777 }),
    link('/usr/bin/env', '../../bin/env'),
    text('/etc/passwd', PASSWD),
    text('/etc/group', GROUP),
    nsswitch(),
  ];
}

function nsswitch(): Entry {
  return text('/etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n');
}
