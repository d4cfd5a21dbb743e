import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BUSYBOX_RECIPE, ensureBusyboxImage, SUITE } from './busybox-image.ts';
import { packagesWithDependencies, unpack } from './debian.ts';
import { buildImage, imageOfRecipe } from './image.ts';
import { withLock } from './lock.ts';
import { cacheDir } from './paths.ts';
import { recipeOf } from './recipe.ts';
import { systemFiles } from './rootfs.ts';
import type { Say } from './run.ts';
import { SERVICE_RECIPES, type ServiceKind } from './service-recipes.ts';

/** Packages that only install or administer others; what they would set up is in the image already. */
const INSTALLERS =
  /^(adduser|passwd|login\.defs|debconf|base-passwd|perl.*|libperl.*|lib.*-perl|locales|libc-(l10n|bin|gconv-.*)|systemd|libsystemd-shared|procps|ucf|sensible-utils|init-system-helpers|sysvinit-utils|ssl-cert|openssl.*|postgresql(-client)?-common|fonts-.*)$/;

const RECIPES = ['./service-recipes.ts', './rootfs.ts'].map((file) => new URL(file, import.meta.url).href);

/**
 * `monitor-sandbox/<kind>:<version>`: the real server or exporter of that name from Debian's packages, with the port,
 * user and variables of the image people usually run.
 */
export function ensureServiceImage(kind: ServiceKind, say: Say = () => {}): Promise<string> {
  return withLock('images', async () => {
    const repository = `monitor-sandbox/${kind}`;
    const recipe = recipeOf([import.meta.url, ...RECIPES], kind, BUSYBOX_RECIPE);
    const existing = await imageOfRecipe(repository, recipe);
    if (existing !== undefined) return existing;
    const service = SERVICE_RECIPES[kind];
    say(`Building ${repository} from Debian's ${service.packages.join(' and ')}.`);
    const debs = await packagesWithDependencies(SUITE, service.packages, INSTALLERS);
    const version = debs.find((deb) => service.versionOf.test(deb.name))?.version ?? 'unknown';
    const from = await ensureBusyboxImage(say);
    mkdirSync(cacheDir(), { recursive: true });
    const unpacked = mkdtempSync(join(cacheDir(), `${kind}-`));
    try {
      await unpack(debs, unpacked);
      const files = [...systemFiles(unpacked), ...service.files(version)];
      return await buildImage({ name: `${repository}:${version}`, from, files, ...service.config(version) }, recipe);
    } finally {
      rmSync(unpacked, { recursive: true, force: true });
    }
  });
}
