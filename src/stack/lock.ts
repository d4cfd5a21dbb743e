import { createHash, randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorText, MonitorError } from '../errors.ts';

export interface LockOptions {
  /** What is locked: one stack on one engine. */
  key: string;
  timeoutMs: number;
  signal: AbortSignal;
  /** Called once, when another process holds it. */
  onWait: (pid: number) => void;
}

const POLL_MS = 100;

/** How a lock was come by. */
export interface Acquired {
  /** From a process that is gone: what it last asked of the engine may still be under way. */
  takenOver: boolean;
}

/**
 * Runs `work` while no other process of this user works on the same stack. A lock whose process is gone is taken over.
 * Fails with `stack-locked` when the other one does not end in time.
 */
export const withLock = async <T>(options: LockOptions, work: (acquired: Acquired) => Promise<T>): Promise<T> => {
  const path = lockPath(options.key);
  const acquired = await acquire(path, options);
  try {
    return await work(acquired);
  } finally {
    rmSync(path, { force: true });
  }
};

const lockPath = (key: string): string => {
  const folder = join(tmpdir(), `monitor-locks-${userInfo().uid}`);
  // Not `recursive`, which never ends where the folder for temporary files is none that exists (seen of Node 20 below /proc).
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!isExisting(error)) throw noLockFolder(folder, error);
  }
  return join(folder, createHash('sha256').update(key).digest('hex').slice(0, 16));
};

const acquire = async (path: string, { timeoutMs, signal, onWait }: LockOptions): Promise<Acquired> => {
  const deadline = Date.now() + timeoutMs;
  let told = false;
  let takenOver = false;
  while (!tryCreate(path)) {
    signal.throwIfAborted();
    const holder = holderOf(path);
    if (holder === undefined) {
      takeAway(path);
      takenOver = true;
      continue;
    }
    if (!told) onWait(holder);
    told = true;
    if (Date.now() > deadline) throw stackLocked(holder, timeoutMs, path);
    await sleep(POLL_MS, undefined, { signal });
  }
  return { takenOver };
};

const isExisting = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EEXIST';

const noLockFolder = (folder: string, cause: unknown): MonitorError =>
  new MonitorError({
    code: 'lock-folder',
    message: `The folder ${folder}, in which one monitor tells another that it is at work, cannot be made`,
    detail: [errorText(cause)],
    suggestion: 'see that the folder for temporary files (TMPDIR) exists and can be written to',
    cause,
  });

/** A name that nobody else uses, not even another lock of this process. */
const asideOf = (path: string, what: string): string =>
  `${path}.${process.pid}-${randomBytes(4).toString('hex')}.${what}`;

/**
 * By a link, which fails where the name exists: the file has its content from its first moment. Without waiting: these
 * small steps take a tenth of the time that the detour over other threads does, which every `up` would pay.
 */
const tryCreate = (path: string): boolean => {
  const aside = asideOf(path, 'new');
  writeFileSync(aside, `${process.pid} ${startOf(process.pid)}\n`, { mode: 0o600 });
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

/** The process that holds the lock; `undefined` where it is gone, whoever has its number by now. */
const holderOf = (path: string): number | undefined => {
  const [written = '', start] = textOf(path).trim().split(' ');
  const pid = Number.parseInt(written, 10);
  if (!(pid > 0) || !isAlive(pid)) return undefined;
  return start === undefined || start === startOf(pid) ? pid : undefined;
};

/** Empty where it cannot be read. */
const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/** When a process started, in clock ticks since the machine did (proc(5), /proc/PID/stat, field 22); `-` where there is no /proc. */
const startOf = (pid: number): string => {
  const stat = textOf(`/proc/${pid}/stat`);
  // The second field is the program's name in parentheses, in which anything may stand.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '-';
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

/** By a rename to a name of our own; where that took a lock that another process got in the meantime, it goes back. */
const takeAway = (path: string): void => {
  const aside = asideOf(path, 'stale');
  try {
    renameSync(path, aside);
    if (holderOf(aside) !== undefined) linkSync(aside, path);
  } catch {
    // Somebody else was faster.
  }
  rmSync(aside, { force: true });
};

const stackLocked = (pid: number, timeoutMs: number, path: string): MonitorError =>
  new MonitorError({
    code: 'stack-locked',
    message: `Another monitor (process ${pid}) works on this stack, and was not done within ${timeoutMs / 1000} s`,
    detail: [`lock file: ${path}`],
    suggestion: 'wait for it, or end it, and run the command again',
  });
