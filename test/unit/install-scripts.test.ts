import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (file: string) => JSON.parse(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'));

/**
 * npm warns of each package whose install script package.json neither allows nor denies. None is needed: esbuild brings
 * its program as a package for each platform, and the build leaves out what ssh2 and protobufjs are for.
 */
it('npm ci runs no install script and prints no warning', () => {
  const packages = Object.entries<{ hasInstallScript?: boolean }>(read('package-lock.json').packages);
  const scripted = packages.flatMap(([path, { hasInstallScript }]) =>
    hasInstallScript ? path.replace(/^.*node_modules\//, '') : [],
  );
  expect(read('package.json').allowScripts).toEqual(Object.fromEntries(scripted.map((name) => [name, false])));
});
