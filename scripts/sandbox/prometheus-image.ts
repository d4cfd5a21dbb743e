import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BUSYBOX_RECIPE, ensureBusyboxImage } from './busybox-image.ts';
import { type Package, packages, unpack } from './debian.ts';
import { buildImage, imageOfRecipe, outputOf } from './image.ts';
import { cacheDir } from './paths.ts';
import { recipeOf } from './recipe.ts';
import { systemFiles } from './rootfs.ts';
import { lastLines, type Say } from './run.ts';
import { copy, directory, type Entry, text } from './tar.ts';

const REPOSITORY = 'monitor-sandbox/prometheus';
/** The suites that may have a Prometheus 3, nearest to a release first. */
const SUITES = ['testing', 'unstable'];
const NOBODY = { uid: 65534, gid: 65534 };
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

/**
 * Debian's Prometheus 3 in an image with the official busybox image's user, paths, volume, port and command
 * (prometheus/prometheus: Dockerfile). It differs in its version, in being linked against libc6, and has no web UI.
 */
export async function ensurePrometheusImage(say: Say): Promise<string> {
  const recipe = recipeOf([import.meta.url, new URL('./rootfs.ts', import.meta.url).href], BUSYBOX_RECIPE);
  const existing = await imageOfRecipe(REPOSITORY, recipe);
  if (existing !== undefined) return existing;
  const { debs, version } = await prometheus3();
  const name = `${REPOSITORY}:${version}`;
  say(`Building ${name} from Debian's prometheus package.`);
  const from = await ensureBusyboxImage(say);
  mkdirSync(cacheDir(), { recursive: true });
  const unpacked = mkdtempSync(join(cacheDir(), 'prometheus-'));
  try {
    await unpack(debs, unpacked);
    return await buildImage({ name, from, files: files(unpacked), ...OFFICIAL }, recipe);
  } finally {
    rmSync(unpacked, { recursive: true, force: true });
  }
}

/** `3.5.3`, as the program in an image says it, whatever the image is called. */
export async function prometheusVersion(image: string): Promise<string> {
  const said = await outputOf(image, ['/bin/prometheus', '--version']);
  const [, version] = /version (\d+\.\d+\.\d+)/.exec(said) ?? [];
  if (version === undefined) throw new Error(`${image} is no image of Prometheus: it says\n${lastLines(said, 5)}`);
  return version;
}

const OFFICIAL = {
  user: 'nobody',
  workdir: '/prometheus',
  labels: { maintainer: 'The Prometheus Authors <prometheus-developers@googlegroups.com>' },
  expose: [9090],
  volumes: ['/prometheus'],
  entrypoint: ['/bin/prometheus'],
  cmd: ['--config.file=/etc/prometheus/prometheus.yml', '--storage.tsdb.path=/prometheus'],
};

async function prometheus3(): Promise<{ debs: Package[]; version: string }> {
  const found: string[] = [];
  for (const suite of SUITES) {
    const debs = await packages(suite, ['prometheus', 'promtool', 'libc6']);
    const version = debs.find((deb) => deb.name === 'prometheus')?.version ?? 'none';
    if (version.startsWith('3.')) return { debs, version };
    found.push(`${version} in ${suite}`);
  }
  throw new Error(`Debian has no Prometheus 3 (${found.join(', ')}): set PROMETHEUS_IMAGE to an image of one.`);
}

function files(unpacked: string): Entry[] {
  return [
    ...systemFiles(unpacked, (path) => ['/etc', '/usr/bin', '/usr/sbin', '/usr/libexec', '/usr/share'].includes(path)),
    copy('/bin/prometheus', join(unpacked, 'usr/bin/prometheus'), { mode: 0o755 }),
    copy('/bin/promtool', join(unpacked, 'usr/bin/promtool'), { mode: 0o755 }),
    directory('/etc/prometheus', NOBODY),
    text('/etc/prometheus/prometheus.yml', DEFAULT_CONFIG, NOBODY),
    directory('/prometheus', { ...NOBODY, mode: 0o775 }),
    ...(existsSync(CERTIFICATES) ? [copy(CERTIFICATES, CERTIFICATES, { mode: 0o644 })] : []),
  ];
}

/** The official image's example configuration: Prometheus scrapes itself. */
const DEFAULT_CONFIG = `global:
  scrape_interval: 15s
  evaluation_interval: 15s
scrape_configs:
  - job_name: prometheus
    static_configs:
      - targets: ['localhost:9090']
        labels:
          app: prometheus
`;
