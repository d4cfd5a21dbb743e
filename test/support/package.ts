import { cpSync, mkdirSync, mkdtempSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../scripts/sandbox/run.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What is in a checkout and not in a clone of it, or not of use there. */
const NOT_CLONED = new Set(['.git', 'node_modules', 'dist', 'schema', 'THIRD_PARTY_LICENSES.md']);

/** Of an npm that tries to reach anything. */
const UNREACHABLE = 'http://127.0.0.1:9/';

/** A folder of its own for this test run. */
export const tempFolder = (): string => mkdtempSync(join(tmpdir(), 'monitor-package-'));

/** A copy of the sources, with nothing built, in which `npm pack` builds and packs. The path of the package. */
export const packClone = async (folder: string): Promise<string> => {
  const clone = join(folder, 'clone');
  cpSync(ROOT, clone, { recursive: true, filter: (path) => !NOT_CLONED.has(firstPart(path)) });
  symlinkSync(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
  await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: clone });
  const name = readdirSync(folder).find((file) => file.endsWith('.tgz'));
  if (name === undefined) throw new Error('npm pack made no package');
  return join(folder, name);
};

const firstPart = (path: string): string => path.slice(ROOT.length).split(sep, 1)[0] ?? '';

/** Installs a package in an empty folder, with an empty cache and no registry. The folder. */
export const installOffline = async (tarball: string, folder: string): Promise<string> => {
  const home = join(folder, 'installed');
  mkdirSync(home);
  const offline = ['--offline', '--registry', UNREACHABLE, '--cache', join(folder, 'npm-cache')];
  await run('npm', ['install', '--no-audit', '--no-fund', ...offline, tarball], { cwd: home });
  return home;
};

/** The files below a folder, by their paths in it, with their sizes in bytes. */
export const filesIn = (folder: string): Map<string, number> =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((path) => [path, statSync(join(folder, path))] as const)
      .filter(([, found]) => found.isFile())
      .map(([path, found]) => [path, found.size]),
  );
