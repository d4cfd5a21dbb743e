import { randomBytes } from 'node:crypto';

/**
 * What is wrong with a uid, or undefined.
 * Source: grafana/grafana pkg/util/shortid_generator.go, pkg/services/dashboards/errors.go; the length was recorded.
 */
export function uidProblem(uid: string): string | undefined {
  if (!/^[a-zA-Z0-9\-_]*$/.test(uid)) return 'uid contains illegal characters';
  return uid.length > 40 ? 'uid too long, max 40 characters' : undefined;
}

export function newUid(): string {
  return randomBytes(7).toString('hex');
}

/** The part of a URL made from a title. */
export function slugOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}
