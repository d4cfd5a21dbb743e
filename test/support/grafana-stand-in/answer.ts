import type { Readable } from 'node:stream';
import type { Json } from './json.ts';
import type { Profile } from './profile.ts';

export type HeaderValues = Record<string, string | string[]>;

export interface Answer {
  readonly status: number;
  readonly headers: HeaderValues;
  readonly body: string | Readable;
}

export function text(status: number, contentType: string, body: string): Answer {
  return { status, headers: { 'Content-Type': contentType }, body };
}

export function json(status: number, value: Json): Answer {
  return text(status, 'application/json', JSON.stringify(value));
}

/** What comes from the servers' outermost layer (health, credentials, unknown routes) names its charset. */
export function jsonWithCharset(status: number, value: Json): Answer {
  return text(status, 'application/json; charset=UTF-8', JSON.stringify(value));
}

/** An error that wraps another one: from 9.x on it carries a `traceID`. */
export function failure(profile: Profile, status: number, message: string): Answer {
  return json(status, profile.errorsCarryTraceId ? { message, traceID: '' } : { message });
}

/** What the real servers answer where they have no such route. */
export function noSuchRoute(): Answer {
  return jsonWithCharset(404, { message: 'Not found' });
}

/** The stand-in's own answer to what it has no source for: never a guess that looks like Grafana's. */
export function notKnown(what: string): Answer {
  return json(501, { message: `The Grafana stand-in does not know how Grafana answers ${what}` });
}
