import { createHash, randomBytes } from 'node:crypto';
import { linkSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, errorText, MonitorError } from '../errors.ts';
import { isRunning, ownProcess } from './process.ts';

export interface LockOptions {
  /** What is locked: one stack on one engine. */
  key: string;
  /** A folder for files of this user's session (`XDG_RUNTIME_DIR`); absent: one in the folder for temporary files. */
  runtimeDir: string | undefined;
  timeoutMs: number;
  signal: AbortSignal;
  /** Called once, when another process holds it. */
  onWait: (pid: number) => void;
}

const POLL_MS = 100;

/**
 * Runs `work` while no other process of this user on this machine works on the same stack. A lock whose process is gone is
 * taken over (`takenOver`): what that last asked of the engine may still be under way. Fails with `stack-locked` when the other
 * process does not end in time, and with `lock-folder` where the lock's folder cannot be used.
 */
export const withLock = async <T>(options: LockOptions, work: (takenOver: boolean) => Promise<T>): Promise<T> => {
  const name = createHash('sha256').update(options.key).digest('hex').slice(0, 16);
  const path = join(lockFolder(options.runtimeDir), name);
  const takenOver = await acquire(path, options);
  try {
    return await work(takenOver);
  } finally {
    rmSync(path, { force: true });
  }
};

/** The environment may name the session's folder where there is none, or, after `su`, that of another user. */
const lockFolder = (runtimeDir: string | undefined): string => {
  const temporary = join(tmpdir(), `monitor-locks-${userInfo().uid}`);
  if (!runtimeDir) return ownFolder(temporary);
  try {
    return ownFolder(join(runtimeDir, 'monitor'));
  } catch {
    return ownFolder(temporary);
  }
};

/** In a folder that others can write to, only a folder that this user owns and others cannot write to is trusted. */
const ownFolder = (folder: string): string => {
  // Not `recursive`, which never ends where the parent folder does not exist (Node 20, below /proc).
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!isExisting(error)) throw noLockFolder(folder, errorText(error), error);
  }
  const { uid, mode } = lstatSync(folder);
  const isOurs = userInfo().uid < 0 || (uid === userInfo().uid && (mode & 0o022) === 0);
  if (!isOurs) throw noLockFolder(folder, 'it belongs to another user, or other users can write to it');
  return folder;
};

/** Whether it was taken over. */
const acquire = async (path: string, { timeoutMs, signal, onWait }: LockOptions): Promise<boolean> => {
  const deadline = Date.now() + timeoutMs;
  let told = false;
  let takenOver = false;
  while (!tryCreate(path)) {
    signal.throwIfAborted();
    const holder = holderOf(path);
    if (holder === undefined) {
      removeStale(path);
      takenOver = true;
      continue;
    }
    if (!told) onWait(holder);
    told = true;
    if (Date.now() > deadline)
      throw new MonitorError({
        code: 'stack-locked',
        message: `Another monitor (process ${holder}) is working on this stack, and did not finish within ${timeoutMs / 1000} s`,
        detail: [`lock file: ${path}`],
        suggestion: 'wait for it, or stop it, and run the command again',
      });
    await sleep(POLL_MS, undefined, { signal });
  }
  return takenOver;
};

const isExisting = (error: unknown): boolean => codeOf(error) === 'EEXIST';

/** A name that nothing else has, not even another lock of this process. */
const asideOf = (path: string, what: string): string =>
  `${path}.${process.pid}-${randomBytes(4).toString('hex')}.${what}`;

/**
 * By a link, which fails where the name exists: the file has its content from its first moment. Synchronous: these small
 * steps take a tenth of the time that they would take on Node's thread pool, and every `up` waits for them.
 */
const tryCreate = (path: string): boolean => {
  const aside = asideOf(path, 'new');
  writeFileSync(aside, `${ownProcess()}\n`, { mode: 0o600 });
  try {
    linkSync(aside, path);
    return true;
  } catch (error) {
    if (isExisting(error)) return false;
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
};

/** The process that holds the lock; `undefined` where it is gone. */
const holderOf = (path: string): number | undefined => {
  try {
    const text = readFileSync(path, 'utf8');
    return isRunning(text) ? Number.parseInt(text, 10) : undefined;
  } catch {
    return undefined;
  }
};

/** By a rename to a name of our own; where that took a lock that another process acquired in the meantime, it goes back. */
const removeStale = (path: string): void => {
  const aside = asideOf(path, 'stale');
  try {
    renameSync(path, aside);
    if (holderOf(aside) !== undefined) linkSync(aside, path);
  } catch {
    // Another process was faster.
  }
  rmSync(aside, { force: true });
};

const noLockFolder = (folder: string, reason: string, cause?: unknown): MonitorError =>
  new MonitorError({
    code: 'lock-folder',
    message: `The folder ${folder} for lock files cannot be used`,
    detail: [reason],
    suggestion: 'set XDG_RUNTIME_DIR or TMPDIR to a folder that you can write to',
    cause,
  });
