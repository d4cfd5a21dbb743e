import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where this machine gets Debian from: the archive of its own apt sources, so that no host name is written down here. */
export interface Archive {
  uri: string;
  /** The value of a `Signed-By` field: a keyring's path or a key block. Absent: apt's trusted keys. */
  signedBy?: string;
}

const RELEASES = /^(oldoldstable|oldstable|stable|testing|unstable|sid|buster|bullseye|bookworm|trixie|forky|duke)$/;
const ALL_RELEASES_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * The archive of the first enabled binary source that names a Debian release (not its security or updates archive).
 *
 * @throws Error when apt has no such source.
 */
export function debianArchive(etcApt = '/etc/apt'): Archive {
  const parts = join(etcApt, 'sources.list.d');
  const files = [
    join(etcApt, 'sources.list'),
    ...(existsSync(parts) ? readdirSync(parts).sort() : []).map((f) => join(parts, f)),
  ];
  for (const file of files.filter((f) => existsSync(f))) {
    const text = readFileSync(file, 'utf8');
    const archive = file.endsWith('.sources')
      ? fromStanzas(text)
      : file.endsWith('.list')
        ? fromLines(text)
        : undefined;
    if (archive) return { ...keyringOfAllReleases(), ...archive };
  }
  throw new Error(
    `No Debian archive among the apt sources in ${etcApt}: packages for stand-in images come from there.`,
  );
}

/** A suite newer than this machine may be signed with a key that only the keyring package's full keyring has. */
function keyringOfAllReleases(): Partial<Archive> {
  return existsSync(ALL_RELEASES_KEYRING) ? { signedBy: ALL_RELEASES_KEYRING } : {};
}

/** The deb822 format of sources.list(5): stanzas of `Field: value`, a value goes on in indented lines. */
function fromStanzas(text: string): Archive | undefined {
  const stanzas = text.replace(/^#.*\n?/gm, '').split(/\n\s*\n/);
  for (const stanza of stanzas) {
    const fields = new Map<string, string>();
    for (const [, name, value] of stanza.matchAll(/^([\w-]+):((?:.*)(?:\n[ \t].*)*)/gm)) {
      fields.set(String(name).toLowerCase(), String(value).trim());
    }
    const words = (name: string) => (fields.get(name) ?? '').split(/\s+/).filter(Boolean);
    const uri = words('uris')[0];
    if (fields.get('enabled') === 'no' || !words('types').includes('deb') || !uri) continue;
    if (!words('suites').some((suite) => RELEASES.test(suite))) continue;
    const signedBy = fields.get('signed-by');
    return signedBy ? { uri, signedBy } : { uri };
  }
  return undefined;
}

/** The one-line format of sources.list(5): `deb [options] uri suite components`. */
function fromLines(text: string): Archive | undefined {
  for (const [, options, uri, suite] of text.matchAll(/^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)/gm)) {
    if (!uri || !suite || !RELEASES.test(suite)) continue;
    const signedBy = /\bsigned-by=(\S+)/.exec(options ?? '')?.[1]?.split(',')[0];
    return signedBy ? { uri, signedBy } : { uri };
  }
  return undefined;
}
