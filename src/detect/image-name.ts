/** What an image is called, without where it comes from and which version it is. */
export interface ImageName {
  /** The last two parts, or the only one: `prom/node-exporter`, `postgres`. Lower case. */
  repository: string;
  /** The last part, with `-` for `_`: `node-exporter`. */
  name: string;
}

/** A reference longer than this is none: the grammar allows a name of 255 characters, and tag and digest beside it. */
const LONGEST = 1024;
const NONE: ImageName = { repository: '', name: '' };

/**
 * The name in an image reference such as `registry.example/google/cadvisor:v0.60.5@sha256:...`. Never fails: what is no name (the id
 * of an image that lost its tag) gives one that matches nothing. Grammar: distribution/reference.
 */
export function imageName(reference: string): ImageName {
  if (reference.length > LONGEST || reference.startsWith('sha256:')) return NONE;
  const [withoutDigest = ''] = reference.split('@', 1);
  const colon = withoutDigest.lastIndexOf(':');
  const untagged = colon > withoutDigest.lastIndexOf('/') ? withoutDigest.slice(0, colon) : withoutDigest;
  const parts = untagged.toLowerCase().split('/');
  const isRegistry = parts.length > 1 && /[.:]|^localhost$/.test(parts[0] ?? '');
  const path = isRegistry ? parts.slice(1) : parts;
  // Docker Hub's official images are `library/postgres` in full.
  const [organisation, last = ''] = path.length > 1 ? path.slice(-2) : [undefined, path[0]];
  const repository = organisation === undefined || organisation === 'library' ? last : `${organisation}/${last}`;
  return { repository, name: last.replaceAll('_', '-') };
}
