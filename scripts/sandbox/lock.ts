import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheDir } from './paths.ts';

const POLL_MS = 200;
const PATIENCE_MS = 15 * 60 * 1000;

/**
 * Runs `work` while no other process runs work of the same name: vitest workers, the demo and a developer's shell may all
 * want the engine or the same image at once. The lock is a file with the holder's process id, so that the lock of a
 * process that died counts as free.
 *
 * @throws Error when another process has held it for a quarter of an hour.
 */
export async function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  const dir = join(cacheDir(), 'locks');
  mkdirSync(dir, { recursive: true });
  const file = join(dir, `${name}.lock`);
  const deadline = Date.now() + PATIENCE_MS;
  while (!take(file)) {
    if (Date.now() > deadline)
      throw new Error(`Process ${holderOf(file)} still works on ${name}. If it does not, delete ${file}.`);
    dropIfDead(file);
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** A hard link appears together with its content, so nobody ever reads a lock without its holder. */
function take(file: string): boolean {
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    linkSync(mine, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(mine, { force: true });
  }
}

function dropIfDead(file: string): void {
  const holder = holderOf(file);
  if (holder !== undefined && !isAlive(holder)) rmSync(file, { force: true });
}

function holderOf(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Signal 0 only asks; EPERM means the process exists and is somebody else's. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
