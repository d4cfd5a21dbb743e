import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { debianArchive } from './apt-sources.ts';
import { withLock } from './lock.ts';
import { cacheDir } from './paths.ts';
import { lastLines, run, tryRun } from './run.ts';

export interface Package {
  name: string;
  /** Upstream's version, without epoch and Debian revision: `3.5.3` of `3.5.3+ds1-6`. */
  version: string;
  /** The downloaded .deb. */
  file: string;
}

/**
 * Binary packages of a Debian suite, without what they depend on, downloaded once and then taken from the cache. The
 * machine's own apt lists, cache and sources are neither read for this nor changed.
 */
export async function packages(suite: string, names: string[]): Promise<Package[]> {
  return cached(suite, names, '', (apt, dir) => apt(['download', ...names], dir));
}

/**
 * The same with all they depend on, as if nothing were installed, so that they run in an otherwise empty image. `without`
 * names packages that are only needed to install others.
 */
export async function packagesWithDependencies(suite: string, names: string[], without: RegExp): Promise<Package[]> {
  return cached(suite, names, `+dependencies-${without.source}`, async (apt, dir) => {
    const plan = await apt(['install', '--simulate', '--no-install-recommends', ...names], dir);
    if (plan.code !== 0) return plan;
    const needed = [...plan.stdout.matchAll(/^Inst (\S+)/gm)].map((match) => String(match[1]));
    return apt(['download', ...needed.filter((name) => !without.test(name))], dir);
  });
}

/** Unpacks packages into a folder; their maintainer scripts are not run. */
export async function unpack(debs: Package[], into: string): Promise<void> {
  mkdirSync(into, { recursive: true });
  for (const deb of debs) await run('dpkg-deb', ['--extract', deb.file, into]);
}

type Apt = (args: string[], cwd: string) => ReturnType<typeof tryRun>;

async function cached(
  suite: string,
  names: string[],
  kind: string,
  download: (apt: Apt, dir: string) => ReturnType<Apt>,
) {
  const key = createHash('sha256')
    .update(`${names.join(' ')}${kind}`)
    .digest('hex')
    .slice(0, 12);
  const dir = join(cacheDir(), 'debs', `${suite}-${names[0]}-${key}`);
  if (!existsSync(dir)) {
    await withLock(`apt-${suite}`, async () => {
      if (!existsSync(dir)) await downloadInto(dir, suite, names, download);
    });
  }
  return readdirSync(dir)
    .filter((file) => file.endsWith('.deb'))
    .map((file) => describe(join(dir, file)));
}

/** The folder gets its name when it is complete. Package lists that are missing or outdated are fetched on the way. */
async function downloadInto(
  dir: string,
  suite: string,
  names: string[],
  download: (apt: Apt, dir: string) => ReturnType<Apt>,
) {
  const root = aptRoot(suite);
  const apt: Apt = (args, cwd) => tryRun('apt-get', ['--config-file', join(root, 'apt.conf'), ...args], { cwd });
  mkdirSync(join(cacheDir(), 'debs'), { recursive: true });
  const partial = mkdtempSync(`${dir}.partial-`);
  try {
    let result = await download(apt, partial);
    if (result.code !== 0) {
      const update = await apt(['update'], partial);
      result = update.code === 0 ? await download(apt, partial) : update;
    }
    if (result.code !== 0) throw new Error(cannotDownload(suite, names, result.output));
    renameSync(partial, dir);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

function cannotDownload(suite: string, names: string[], output: string): string {
  const hint = /NO_PUBKEY|not signed/.test(output)
    ? `\nThis machine has no key for the suite ${suite}: a newer debian-archive-keyring package brings it.`
    : '';
  return `${names.join(', ')} cannot be downloaded from Debian ${suite}:\n${lastLines(output, 10)}${hint}`;
}

/**
 * A folder in which apt knows one suite and no installed package. Settings of the machine (a proxy, a mirror without
 * dates) hold here too; what would clean the machine's cache after an update does not.
 */
function aptRoot(suite: string): string {
  const root = join(cacheDir(), 'apt', suite);
  for (const dir of ['state/lists/partial', 'cache/archives/partial']) mkdirSync(join(root, dir), { recursive: true });
  const { uri, signedBy } = debianArchive();
  const source = [`Types: deb`, `URIs: ${uri}`, `Suites: ${suite}`, 'Components: main', 'Targets: Packages'];
  if (signedBy) source.push(`Signed-By:${signedBy.includes('\n') ? '\n ' : ' '}${signedBy}`);
  writeFileSync(join(root, 'suite.sources'), `${source.join('\n')}\n`);
  writeFileSync(join(root, 'status'), '');
  writeFileSync(join(root, 'apt.conf'), aptConf(root));
  return root;
}

function aptConf(root: string): string {
  return `#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
Dir::Etc::sourcelist "${root}/suite.sources";
Dir::Etc::sourceparts "-";
Dir::Etc::preferences "-";
Dir::Etc::preferencesparts "-";
Dir::State "${root}/state";
Dir::State::status "${root}/status";
Dir::Cache "${root}/cache";
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
APT::Get::List-Cleanup "false";
`;
}

/** A .deb's file name is `name_version_architecture.deb`, with the epoch's colon written as %3a. */
function describe(file: string): Package {
  const [name = '', version = ''] = decodeURIComponent(basename(file)).split('_');
  return { name, version: version.replace(/^\d+:/, '').replace(/[+~-].*$/, ''), file };
}
