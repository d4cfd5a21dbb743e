import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { State } from './state.ts';

/** The state, shared with another process through its file: see the password reset in cli.ts. */
export interface Store {
  /** The state as the file has it now. Only `change` may alter it. */
  readonly read: () => State;
  /** Lets `edit` alter the state and writes it in one step, so that a reader sees all of a change or nothing. */
  readonly change: <T>(edit: (state: State) => T) => T;
}

export function stateFile(dataDir: string): string {
  return join(dataDir, 'grafana-stand-in.json');
}

/** @throws Error where there is no state yet, or what is there is none of ours. */
export function openStore(dataDir: string): Store {
  const file = stateFile(dataDir);
  if (!existsSync(file)) throw new Error(`there is no ${file}; the server writes it when it first starts`);
  let stamp = '';
  let state: State;
  const read = (): State => {
    const current = stampOf(file);
    if (current !== stamp) {
      state = load(file);
      stamp = current;
    }
    return state;
  };
  // Without a stamp the next read loads the file again, so an edit that throws leaves nothing behind.
  const change = <T>(edit: (state: State) => T): T => {
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

/** Opens the state in `dataDir`, writing `first()` where there is none. */
export function openOrCreateStore(dataDir: string, first: () => State): Store {
  mkdirSync(dataDir, { recursive: true });
  const file = stateFile(dataDir);
  if (!existsSync(file)) writeAtomically(file, first());
  return openStore(dataDir);
}

/** Changes whenever the file is replaced: the inode tells two writes within one clock tick apart. */
function stampOf(file: string): string {
  const { ino, mtimeMs, size } = statSync(file);
  return `${ino} ${mtimeMs} ${size}`;
}

function load(file: string): State {
  const state: State = JSON.parse(readFileSync(file, 'utf8'));
  if (state.formatVersion !== 1) throw new Error(`${file} was not written by this stand-in`);
  return state;
}

/** Only the file's first owner may read it, since it holds the datasources' secrets; root's writes keep the owner. */
function writeAtomically(file: string, state: State): void {
  const draft = `${file}.${process.pid}.tmp`;
  writeFileSync(draft, JSON.stringify(state), { mode: 0o600 });
  const before = statSync(file, { throwIfNoEntry: false });
  if (before && before.uid !== process.getuid?.()) chownSync(draft, before.uid, before.gid);
  renameSync(draft, file);
}
