import { dataDir, type Environment } from './environment.ts';
import { hashPassword } from './password.ts';
import type { State } from './state.ts';
import { openStore, stateFile } from './store.ts';

export interface ResetRequest {
  readonly userId: number;
  /** Undefined where it comes from standard input. */
  readonly password: string | undefined;
}

/** Reads `[--homepath P] admin reset-admin-password [--password-from-stdin] [--user-id N] [NEWPW]`. @throws Error */
export function parseArguments(argv: readonly string[]): ResetRequest {
  const words: string[] = [];
  const values = new Map<string, string>();
  const rest = argv.flatMap((word) => (/^--[a-z-]+=/i.test(word) ? splitOption(word) : [word]));
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (takesValue.has(word)) values.set(word, rest.shift() ?? '');
    else if (word === '--password-from-stdin') values.set(word, 'true');
    else if (word.startsWith('--')) throw new Error(`flag provided but not defined: ${word}`);
    else words.push(word);
  }
  const [group, command, password] = words;
  if (group !== 'admin' || command !== 'reset-admin-password') {
    throw new Error(`the Grafana stand-in only knows "admin reset-admin-password", not "${words.join(' ')}"`);
  }
  const userId = Number(values.get('--user-id') ?? 1);
  return { userId, password: values.has('--password-from-stdin') ? undefined : (password ?? '') };
}

const takesValue = new Set(['--homepath', '--config', '--configOverrides', '--user-id']);

function splitOption(word: string): string[] {
  const equals = word.indexOf('=');
  return [word.slice(0, equals), word.slice(equals + 1)];
}

/**
 * Sets the password in the stored state, which a running server sees with its next request. The lock after wrong
 * passwords stays. Four characters are too few in 7.5, and so they are here for every version.
 * @throws Error
 */
export function resetPassword(env: Environment, userId: number, password: string): void {
  if (password.length <= 4) throw new Error('new password is too short');
  openStore<State>(stateFile(dataDir(env))).change((state) => {
    const user = state.users.find((one) => one.id === userId);
    if (!user) throw new Error(`could not read user with id ${userId} from database`);
    user.passwordHash = hashPassword(password);
  });
}
