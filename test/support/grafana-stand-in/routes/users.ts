import { createHash, randomBytes } from 'node:crypto';
import { type Answer, json, noSuchRoute, notKnown } from '../answer.ts';
import { bind } from '../binding.ts';
import { numberAt, stringAt } from '../json.ts';
import { newUid } from '../names.ts';
import { digestOf } from '../password.ts';
import type { Profile } from '../profile.ts';
import { type Call, type Context, type Route, route } from '../router.ts';
import { nextId, type StoredUser } from '../state.ts';

export const userRoutes: readonly Route[] = [
  route('GET', '/api/user', ({ profile }, _call, user) =>
    user ? signedInUser(profile, user) : notKnown('this to a service account'),
  ),
  route('POST', '/api/serviceaccounts', createServiceAccount),
  route('POST', '/api/serviceaccounts/:id/tokens', createToken),
];

function signedInUser({ unifiedStorage }: Profile, user: StoredUser): Answer {
  const email = `${user.login}@localhost`;
  return json(200, {
    id: user.id,
    ...(unifiedStorage ? { uid: newUid() } : {}),
    email,
    name: '',
    login: user.login,
    theme: '',
    orgId: 1,
    isGrafanaAdmin: true,
    isDisabled: false,
    isExternal: false,
    ...(unifiedStorage ? { isExternallySynced: false, isGrafanaAdminExternallySynced: false } : {}),
    authLabels: [],
    updatedAt: user.createdAt,
    createdAt: user.createdAt,
    avatarUrl: `/avatar/${createHash('md5').update(email).digest('hex')}`,
    ...(unifiedStorage ? { isProvisioned: false } : {}),
  });
}

async function createServiceAccount({ profile, store }: Context, call: Call): Promise<Answer> {
  if (!profile.serviceAccounts) return noSuchRoute();
  const bound = bind(profile, await call.readBody(), []);
  if (bound.kind === 'refused') return bound.answer;
  const name = stringAt(bound.value, 'name');
  const role = stringAt(bound.value, 'role');
  if (!name || !role) return notKnown('a service account without name and role');
  return store.change((state) => {
    if (state.serviceAccounts.some((one) => one.name === name)) return notKnown('a second service account of one name');
    const id = nextId(state, 'account');
    state.serviceAccounts.push({ id, name });
    const login = `sa-${profile.unifiedStorage ? '1-' : ''}${name.toLowerCase().replace(/\s+/g, '-')}`;
    const isDisabled = bound.value.isDisabled === true;
    const uid = profile.unifiedStorage ? { uid: newUid() } : {};
    return json(201, { id, ...uid, name, login, orgId: 1, isDisabled, role, tokens: 0, avatarUrl: '' });
  });
}

/** The key is in this answer and nowhere else. Source: the fact sheet on `secondsToLive`, where 0 is for ever. */
async function createToken({ profile, store, now }: Context, call: Call): Promise<Answer> {
  if (!profile.serviceAccounts) return noSuchRoute();
  const bound = bind(profile, await call.readBody(), []);
  if (bound.kind === 'refused') return bound.answer;
  const account = store.read().serviceAccounts.find((one) => one.id === Number(call.params.id));
  if (!account) return notKnown('a token for a service account that does not exist');
  const name = stringAt(bound.value, 'name');
  const lifetime = numberAt(bound.value, 'secondsToLive');
  const key = `glsa_${randomBytes(16).toString('hex')}_${randomBytes(4).toString('hex')}`;
  return store.change((state) => {
    const id = nextId(state, 'token');
    const expires = lifetime > 0 ? now() + lifetime * 1000 : 0;
    state.tokens.push({ id, name, keyHash: digestOf(key), expires });
    return json(200, { id, name, key });
  });
}
