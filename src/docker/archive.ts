import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { asRecord, text } from '../json.ts';
import type { ContainerFile, FileStat } from './engine.ts';

/**
 * A tar of files for `PUT /containers/{id}/archive?path=/`. The engine makes the folders that are missing (root, 0755)
 * and leaves those that are there alone. A path that ends in `/` is a folder: so is the owner of a volume's root set.
 */
export function packFiles(files: readonly ContainerFile[]): Promise<Buffer> {
  const archive = pack();
  for (const { path, content, mode, uid, gid, modified } of files) {
    const mtime = modified === undefined ? undefined : new Date(modified * 1000);
    const name = path.replace(/^\/+/, '');
    if (path.endsWith('/')) archive.entry({ name, mode, uid, gid, type: 'directory' });
    else archive.entry({ name, mode, uid, gid, mtime }, content);
  }
  archive.finalize();
  return buffer(archive);
}

/** What an answer of `HEAD /containers/{id}/archive` says of a path. */
export function statOf(answer: IncomingMessage): FileStat | undefined {
  const stat = answer.headers['x-docker-container-path-stat'];
  if (typeof stat !== 'string') return undefined;
  const { size, mtime } = asRecord(JSON.parse(Buffer.from(stat, 'base64').toString()));
  const modified = Math.floor(Date.parse(text(mtime)) / 1000);
  return typeof size === 'number' && !Number.isNaN(modified) ? { size, modified } : undefined;
}
