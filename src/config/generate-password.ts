import { randomBytes } from 'node:crypto';

/** 24 characters that need no quoting in a URL or a shell, 143 random bits or more. */
export function generatePassword(): string {
  // A password that begins with a dash would be taken for an option by the commands that users paste it into.
  return randomBytes(18).toString('base64url').replace(/^-/, 'A');
}
