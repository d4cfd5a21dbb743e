import type { IncomingHttpHeaders } from 'node:http';
import { type Answer, jsonWithCharset } from './answer.ts';
import { digestOf, rememberingMatcher } from './password.ts';
import type { Context } from './router.ts';
import type { StoredUser, WrongPassword } from './state.ts';

/** Source: grafana/grafana pkg/services/loginattempt/loginattemptimpl/login_attempt.go, also for basic auth. */
const attemptsBeforeLock = 5;
const attemptWindowMs = 5 * 60_000;
const attemptsKeptMs = 10 * 60_000;

export type Caller =
  | { readonly kind: 'user'; readonly user: StoredUser }
  | { readonly kind: 'token' }
  | { readonly kind: 'refused'; readonly answer: Answer };

export type Authenticate = (context: Context, headers: IncomingHttpHeaders) => Caller;

/** @param locks whether five wrong passwords lock a user for five minutes. */
export function authenticator(locks: boolean): Authenticate {
  const matches = rememberingMatcher();
  return (context, { authorization, cookie }) => {
    const inSession = authorization === undefined ? userOfSession(context, cookie) : undefined;
    if (inSession) return { kind: 'user', user: inSession };
    const [scheme = '', credentials = ''] = (authorization ?? '').split(' ');
    if (scheme.toLowerCase() === 'bearer') return checkToken(context, credentials);
    if (scheme.toLowerCase() !== 'basic') return unauthorized(context);
    const { login, password } = decodeBasic(credentials);
    const user = context.store.read().users.find((one) => one.login === login);
    if (!user || (locks && isLocked(context, login))) return wrongPassword(context);
    if (matches(password, user.passwordHash)) return { kind: 'user', user };
    if (locks) noteWrongPassword(context, login);
    return wrongPassword(context);
  };
}

export const sessionCookie = 'grafana_session';

/** The key of the session that a request is made in. */
export function sessionKey(cookie = ''): string {
  return new RegExp(`(?:^|; )${sessionCookie}=(\\w+)`).exec(cookie)?.[1] ?? '';
}

function userOfSession({ store, sessions }: Context, cookie: string | undefined): StoredUser | undefined {
  const { logins } = sessions.read();
  return store.read().users.find((one) => one.login === logins[sessionKey(cookie)]);
}

function decodeBasic(credentials: string): { login: string; password: string } {
  const plain = Buffer.from(credentials, 'base64').toString('utf8');
  const colon = plain.indexOf(':');
  return colon < 0
    ? { login: plain, password: '' }
    : { login: plain.slice(0, colon), password: plain.slice(colon + 1) };
}

function isLocked(context: Context, login: string): boolean {
  const since = context.now() - attemptWindowMs;
  const recent = (attempt: WrongPassword) => attempt.login === login && attempt.at > since;
  return context.store.read().wrongPasswords.filter(recent).length >= attemptsBeforeLock;
}

function noteWrongPassword(context: Context, login: string): void {
  const at = context.now();
  context.store.change((state) => {
    const kept = state.wrongPasswords.filter((attempt) => attempt.at > at - attemptsKeptMs);
    state.wrongPasswords = [...kept, { login, at }];
  });
}

/** A locked user's right password gets this answer too. */
function wrongPassword({ profile }: Context): Caller {
  return { kind: 'refused', answer: jsonWithCharset(401, profile.wrongPassword) };
}

function unauthorized({ profile }: Context): Caller {
  return { kind: 'refused', answer: jsonWithCharset(401, profile.noPassword) };
}

/** No answer to a wrong token was recorded; it gets the one to a request without credentials. */
function checkToken(context: Context, key: string): Caller {
  const token = context.store.read().tokens.find((one) => one.keyHash === digestOf(key));
  const valid = token && (token.expires === 0 || token.expires > context.now());
  return valid ? { kind: 'token' } : unauthorized(context);
}
