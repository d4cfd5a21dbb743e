import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';

/** A registry with one small image under every name and tag. Engines trust 127.0.0.1 without TLS. */
export interface Registry {
  /** `127.0.0.1:40123`, the first part of a reference. */
  host: string;
  layerBytes: number;
  close(): void;
}

/** `login`: `user:password`, asked of everybody where given. Protocol: distribution/distribution, the HTTP API V2. */
export async function startRegistry(login?: string): Promise<Registry> {
  const { manifest, blobs, layerBytes } = await image();
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const basic = login && `Basic ${Buffer.from(login).toString('base64')}`;
    if (basic && request.headers.authorization !== basic) {
      return response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="test"' }).end();
    }
    if (path.includes('/manifests/')) {
      const headers = {
        'Content-Type': MANIFEST,
        'Docker-Content-Digest': digest(manifest),
        'Content-Length': manifest.length,
      };
      return response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : manifest);
    }
    const blob = blobs.get(path.split('/blobs/')[1] ?? '');
    if (blob) return response.writeHead(200, { 'Content-Length': blob.length }).end(blob);
    return response.writeHead(path === '/v2/' ? 200 : 404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the registry has no port');
  return { host: `127.0.0.1:${address.port}`, layerBytes, close: () => void server.close() };
}

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';

const digest = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

async function image() {
  const tar = pack();
  tar.entry({ name: 'random' }, randomBytes(3 << 20));
  tar.finalize();
  const diff = await buffer(tar);
  const gzip = createGzip();
  gzip.end(diff);
  const layer = await buffer(gzip);
  const rootfs = { type: 'layers', diff_ids: [digest(diff)] };
  const config = Buffer.from(
    JSON.stringify({ architecture: 'amd64', os: 'linux', config: { Cmd: ['/hello'] }, rootfs }),
  );
  const described = (mediaType: string, bytes: Buffer) => ({ mediaType, size: bytes.length, digest: digest(bytes) });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: described('application/vnd.docker.container.image.v1+json', config),
      layers: [described('application/vnd.docker.image.rootfs.diff.tar.gzip', layer)],
    }),
  );
  const blobs = new Map([config, layer].map((bytes) => [digest(bytes), bytes]));
  return { manifest, blobs, layerBytes: layer.length };
}
