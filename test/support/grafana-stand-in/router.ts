import type { IncomingMessage } from 'node:http';
import type { Answer } from './answer.ts';
import type { Metrics } from './metrics.ts';
import type { Profile } from './profile.ts';
import type { Sessions, State, StoredUser } from './state.ts';
import type { Store } from './store.ts';

/** What every handler works with. `now` is in milliseconds since the epoch. */
export interface Context {
  readonly profile: Profile;
  readonly store: Store<State>;
  readonly sessions: Store<Sessions>;
  readonly metrics: Metrics;
  readonly now: () => number;
}

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** The query as it was written, with its question mark, or ''. */
  readonly search: string;
  readonly params: Readonly<Record<string, string>>;
  readonly incoming: IncomingMessage;
  /** The whole request body. */
  readonly readBody: () => Promise<string>;
}

export type PublicHandler = (context: Context, call: Call) => Answer | Promise<Answer>;
/** `user` is undefined where a service account's token made the call. */
export type Handler = (context: Context, call: Call, user: StoredUser | undefined) => Answer | Promise<Answer>;

export type Route = { readonly method: string; readonly pattern: RegExp } & (
  | { readonly access: 'public'; readonly handle: PublicHandler }
  | { readonly access: 'user'; readonly handle: Handler }
);

/** A route that needs credentials. In a path, `:id` is a number, `:other` one segment, and a final `*` the rest. */
export function route(method: string, path: string, handle: Handler): Route {
  return { method, pattern: compile(path), access: 'user', handle };
}

export function publicRoute(method: string, path: string, handle: PublicHandler): Route {
  return { method, pattern: compile(path), access: 'public', handle };
}

export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

export function findRoute(routes: readonly Route[], method: string, path: string): Match | undefined {
  for (const candidate of routes) {
    const found = candidate.method === method ? candidate.pattern.exec(path) : null;
    if (found) return { route: candidate, params: decodeParams(found.groups ?? {}) };
  }
  return undefined;
}

function compile(path: string): RegExp {
  const source = path
    .replace(/:id\b/g, '(?<id>\\d+)')
    .replace(/:(\w+)/g, '(?<$1>[^/]+)')
    .replace(/\*$/, '(?<rest>.*)');
  return new RegExp(`^${source}$`);
}

/** The rest of a path stays as it was written, since it is forwarded. */
function decodeParams(groups: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(groups).map(([name, value]) => [name, name === 'rest' ? value : decode(value)]),
  );
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
