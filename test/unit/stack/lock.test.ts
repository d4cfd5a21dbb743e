import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type LockOptions, withLock } from '../../../src/stack/lock.ts';

const folder = join(tmpdir(), `monitor-locks-${userInfo().uid}`);
const others: ChildProcess[] = [];

const options = (key: string, changes: Partial<LockOptions> = {}): LockOptions => ({
  key,
  runtimeDir: undefined,
  timeoutMs: 5000,
  signal: new AbortController().signal,
  onWait: () => {},
  ...changes,
});

const newKey = () => `lock-test-${randomBytes(6).toString('hex')}`;
const fileOf = (key: string) => join(folder, createHash('sha256').update(key).digest('hex').slice(0, 16));

/** A lock file as a process of that id leaves it. */
const lockedBy = (key: string, pid: number | string): void => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(fileOf(key), `${pid}\n`);
};

/** Another process, which holds nothing and does nothing. */
const other = (): number => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  others.push(child);
  return child.pid ?? 0;
};

const end = async (child: ChildProcess | undefined): Promise<void> => {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
};

afterEach(() => Promise.all(others.splice(0).map(end)));

it('gives the work’s result, and is gone afterwards', async () => {
  const key = newKey();
  const during = await withLock(options(key), async () => readFileSync(fileOf(key), 'utf8'));
  expect(during).toMatch(new RegExp(`^${process.pid} \\S+\\n$`));
  expect(readdirSync(folder).filter((name) => fileOf(key).endsWith(name.slice(0, 16)))).toEqual([]);
});

it('is gone when the work fails, and the failure is the work’s own', async () => {
  const key = newKey();
  await expect(withLock(options(key), () => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
  await expect(withLock(options(key), async () => 'next')).resolves.toBe('next');
});

it('one works after the other', async () => {
  const key = newKey();
  let inside = 0;
  const work = async () => {
    inside += 1;
    expect(inside).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 5 }, () => withLock(options(key), work)));
});

it('waits for another process, says once for which, and goes on when that ends', async () => {
  const key = newKey();
  const pid = other();
  lockedBy(key, pid);
  const told: number[] = [];
  const onWait = (holder: number) => {
    told.push(holder);
    void end(others[0]);
  };
  await expect(withLock(options(key, { onWait }), async () => 'done')).resolves.toBe('done');
  expect(told).toEqual([pid]);
});

it('fails with the process and what to do when that does not end in time', async () => {
  const key = newKey();
  const pid = other();
  lockedBy(key, pid);
  await expect(withLock(options(key, { timeoutMs: 1 }), async () => 'done')).rejects.toMatchObject({
    code: 'stack-locked',
    message: expect.stringContaining(`process ${pid}`),
    suggestion: expect.stringContaining('wait for it, or stop it'),
  });
  expect(readFileSync(fileOf(key), 'utf8')).toBe(`${pid}\n`);
});

it('can be interrupted while it waits', async () => {
  const key = newKey();
  lockedBy(key, other());
  const controller = new AbortController();
  const onWait = () => controller.abort(new Error('interrupted'));
  await expect(withLock(options(key, { signal: controller.signal, onWait }), async () => 1)).rejects.toThrow();
});

it.each(['of a process that is gone', 'that says nothing', 'that is no number'])(
  'a lock %s is taken over, which the work hears of',
  async (kind) => {
    const key = newKey();
    const pid = other();
    await end(others[0]);
    lockedBy(key, { 'of a process that is gone': pid, 'that says nothing': '' }[kind] ?? 'x');
    await expect(withLock(options(key), async (takenOver) => takenOver)).resolves.toBe(true);
    await expect(withLock(options(key), async (takenOver) => takenOver)).resolves.toBe(false);
  },
);

it.runIf(process.platform === 'linux')('so is one whose number another process has by now', async () => {
  const key = newKey();
  lockedBy(key, `${other()} 1`);
  await expect(withLock(options(key), async (takenOver) => takenOver)).resolves.toBe(true);
});

it('a stale lock is taken over by one of many only', async () => {
  const key = newKey();
  const pid = other();
  await end(others[0]);
  lockedBy(key, pid);
  let inside = 0;
  const work = async () => {
    inside += 1;
    expect(inside).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 5 }, () => withLock(options(key), work)));
});

it.runIf(process.platform === 'linux')('where there is no folder for it, that is said at once', async () => {
  const { TMPDIR } = process.env;
  process.env['TMPDIR'] = '/proc/nope';
  try {
    await expect(withLock(options(newKey()), async () => 1)).rejects.toMatchObject({ code: 'lock-folder' });
  } finally {
    if (TMPDIR === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = TMPDIR;
  }
});

it('a folder of the session that does not exist is passed over', async () => {
  const runtimeDir = join(folder, 'nope');
  await expect(withLock(options(newKey(), { runtimeDir }), async () => 1)).resolves.toBe(1);
});

it('stacks of different names, or engines, do not wait for each other', async () => {
  const [a, b] = [newKey(), newKey()];
  await withLock(options(a), () => withLock(options(b, { timeoutMs: 1 }), async () => {}));
});
