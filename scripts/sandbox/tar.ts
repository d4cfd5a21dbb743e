import { createReadStream, createWriteStream, lstatSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Header, type Pack, pack } from 'tar-stream';

type HeaderOfEntry = Partial<Header> & Pick<Header, 'name'>;

export interface Ownership {
  mode?: number;
  uid?: number;
  gid?: number;
}

/** One thing in an image's file system, with the owner and mode it has there, whoever builds the image. */
export type Entry = Ownership & { path: string } & (
    | { kind: 'directory' }
    | { kind: 'link'; target: string }
    | { kind: 'text'; content: string }
    | { kind: 'copy'; source: string }
  );

export const directory = (path: string, owned: Ownership = {}): Entry => ({ kind: 'directory', path, ...owned });
export const link = (path: string, target: string): Entry => ({ kind: 'link', path, target });
export const text = (path: string, content: string, owned: Ownership = {}): Entry => ({
  kind: 'text',
  path,
  content,
  ...owned,
});
export const copy = (path: string, source: string, owned: Ownership = {}): Entry => ({
  kind: 'copy',
  path,
  source,
  ...owned,
});

/** Everything below a folder, with its modes, owned by root; `skip` sees paths as they are in the image (`/usr/share`). */
export function tree(folder: string, at = '', skip: (path: string) => boolean = () => false): Entry[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name): Entry[] => {
      const source = join(folder, name);
      const path = `${at}/${name}`;
      if (skip(path)) return [];
      const stat = lstatSync(source);
      const mode = stat.mode & 0o7777;
      if (stat.isSymbolicLink()) return [link(path, readlinkSync(source))];
      if (stat.isDirectory()) return [directory(path, { mode }), ...tree(source, path, skip)];
      return stat.isFile() ? [copy(path, source, { mode })] : [];
    });
}

/** Writes entries into a tar file; of two entries with the same path the later one wins when it is unpacked. */
export async function writeTar(file: string, entries: Entry[]): Promise<void> {
  const archive = pack();
  const written = pipeline(archive, createWriteStream(file));
  for (const entry of entries) await add(archive, entry);
  archive.finalize();
  await written;
}

/** Times are zero, so that the same entries always make the same tar. */
export async function add(archive: Pack, entry: Entry): Promise<void> {
  const header = { name: entry.path.replace(/^\//, ''), uid: entry.uid ?? 0, gid: entry.gid ?? 0, mtime: new Date(0) };
  switch (entry.kind) {
    case 'directory':
      return addContent(archive, { ...header, type: 'directory', mode: entry.mode ?? 0o755 }, '');
    case 'link':
      return addContent(archive, { ...header, type: 'symlink', mode: 0o777, linkname: entry.target }, '');
    case 'text':
      return addContent(archive, { ...header, type: 'file', mode: entry.mode ?? 0o644 }, entry.content);
    case 'copy': {
      const stat = statSync(entry.source);
      return addFile(archive, { ...header, size: stat.size, mode: entry.mode ?? stat.mode & 0o777 }, entry.source);
    }
  }
}

function addContent(archive: Pack, header: HeaderOfEntry, content: string): Promise<void> {
  return new Promise((resolve, reject) => {
    archive.entry(header, content, (error) => (error ? reject(error) : resolve()));
  });
}

async function addFile(archive: Pack, header: HeaderOfEntry, source: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const sink = archive.entry(header, (error) => (error ? reject(error) : resolve()));
    pipeline(createReadStream(source), sink).catch(reject);
  });
}
