import { createHash, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';

/** Little work for a hash, since basic auth checks one with every wrong password and the tests make many. */
const cost = { N: 1024, r: 8, p: 1 };
const keyLength = 32;

/** A salted scrypt hash: `scrypt$<salt>$<key>`, both in hex. */
export function hashPassword(password: string): string {
  const salt = randomBytes(16);
  return `scrypt$${salt.toString('hex')}$${scryptSync(password, salt, keyLength, cost).toString('hex')}`;
}

export function passwordMatches(password: string, hash: string): boolean {
  const [, salt = '', key = ''] = hash.split('$');
  const expected = Buffer.from(key, 'hex');
  return expected.length === keyLength && timingSafeEqual(derive(password, salt), expected);
}

function derive(password: string, salt: string): Buffer {
  return scryptSync(password, Buffer.from(salt, 'hex'), keyLength, cost);
}

/** Checks passwords and remembers the last right one, since basic auth sends it with every request. */
export function rememberingMatcher(): (password: string, hash: string) => boolean {
  let known = '';
  return (password, hash) => {
    const digest = digestOf(`${hash}\n${password}`);
    if (digest === known) return true;
    if (!passwordMatches(password, hash)) return false;
    known = digest;
    return true;
  };
}

/** For keys that are random themselves and need no salt. */
export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
