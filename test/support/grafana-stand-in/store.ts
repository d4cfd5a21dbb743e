import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Sessions, State } from './state.ts';

/** What a file keeps, shared with another process: see the password reset in cli.ts. */
export interface Store<Kept> {
  /** What the file has now. Only `change` may alter it. */
  readonly read: () => Kept;
  /** Lets `edit` alter it and writes it in one step, so that a reader sees all of a change or nothing. */
  readonly change: <T>(edit: (kept: Kept) => T) => T;
}

export function stateFile(dataDir: string): string {
  return join(dataDir, 'grafana-stand-in.json');
}

/** Apart from the state, which is long after a while, and is not to be written at each login. */
export function sessionsFile(dataDir: string): string {
  return join(dataDir, 'grafana-stand-in-sessions.json');
}

/** @throws Error where there is no such file yet, or it is none of ours. */
export function openStore<Kept extends State | Sessions>(file: string): Store<Kept> {
  if (!existsSync(file)) throw new Error(`there is no ${file}; the server writes it when it first starts`);
  let stamp = '';
  let state: Kept;
  const read = (): Kept => {
    const current = stampOf(file);
    if (current !== stamp) {
      state = load<Kept>(file);
      stamp = current;
    }
    return state;
  };
  // Without a stamp the next read loads the file again, so an edit that throws leaves nothing behind.
  const change = <T>(edit: (kept: Kept) => T): T => {
    const current = read();
    stamp = '';
    const result = edit(current);
    writeAtomically(file, current);
    stamp = stampOf(file);
    return result;
  };
  read();
  return { read, change };
}

/** Opens `file`, writing `first()` where there is none. */
export function openOrCreateStore<Kept extends State | Sessions>(file: string, first: () => Kept): Store<Kept> {
  mkdirSync(dirname(file), { recursive: true });
  if (!existsSync(file)) writeAtomically(file, first());
  return openStore(file);
}

/** Changes whenever the file is replaced: the inode tells two writes within one clock tick apart. */
function stampOf(file: string): string {
  const { ino, mtimeMs, size } = statSync(file);
  return `${ino} ${mtimeMs} ${size}`;
}

function load<Kept extends State | Sessions>(file: string): Kept {
  const state: Kept = JSON.parse(readFileSync(file, 'utf8'));
  if (state.formatVersion !== 1) throw new Error(`${file} was not written by this stand-in`);
  return state;
}

/** Only the file's first owner may read it, since it holds the datasources' secrets; root's writes keep the owner. */
function writeAtomically(file: string, state: State | Sessions): void {
  const draft = `${file}.${process.pid}.tmp`;
  writeFileSync(draft, JSON.stringify(state), { mode: 0o600 });
  const before = statSync(file, { throwIfNoEntry: false });
  if (before && before.uid !== process.getuid?.()) chownSync(draft, before.uid, before.gid);
  renameSync(draft, file);
}
