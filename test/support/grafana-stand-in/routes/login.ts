import { randomBytes } from 'node:crypto';
import { type Answer, json, jsonWithCharset, text } from '../answer.ts';
import { sessionCookie, sessionKey } from '../auth.ts';
import { isObject, parseJson, stringAt } from '../json.ts';
import { passwordMatches } from '../password.ts';
import { type Call, type Context, publicRoute, type Route } from '../router.ts';

/** Source: asked of a Grafana 7.5.5. */
export const loginRoutes: readonly Route[] = [
  publicRoute('POST', '/login', signIn),
  publicRoute('GET', '/logout', signOut),
];

async function signIn({ profile, store, sessions }: Context, call: Call): Promise<Answer> {
  const body = parseJson(await call.readBody());
  const [login, password] = isObject(body) ? [stringAt(body, 'user'), stringAt(body, 'password')] : ['', ''];
  const user = store.read().users.find((one) => one.login === login);
  if (!user || !passwordMatches(password, user.passwordHash)) return jsonWithCharset(401, profile.wrongPassword);
  const key = randomBytes(16).toString('hex');
  sessions.change(({ logins }) => {
    logins[key] = login;
  });
  const answer = json(200, { message: 'Logged in' });
  const cookie = `${sessionCookie}=${key}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax`;
  return { ...answer, headers: { ...answer.headers, 'Set-Cookie': cookie } };
}

function signOut({ sessions }: Context, call: Call): Answer {
  sessions.change(({ logins }) => {
    delete logins[sessionKey(call.incoming.headers.cookie)];
  });
  const answer = text(302, 'text/html; charset=utf-8', '');
  const gone = `${sessionCookie}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax`;
  return { ...answer, headers: { ...answer.headers, Location: '/login', 'Set-Cookie': gone } };
}
