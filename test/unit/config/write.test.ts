import { chmod, lstat, mkdir, mkdtemp, open, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeFileAtomically } from '../../../src/config/write.ts';
import { asNobody, rejectionOf } from './support.ts';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'monitor-write-'));
  path = join(folder, 'monitor.yml');
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

const modeOf = async (file: string) => (await stat(file)).mode & 0o777;

/** Makes a method of every open file fail, as a disk does. */
async function failing(method: 'writeFile' | 'sync', code: string) {
  const handle = await open(folder, 'r');
  const prototype = Object.getPrototypeOf(handle);
  await handle.close();
  vi.spyOn(prototype, method).mockRejectedValue(Object.assign(new Error(`${code}: it failed`), { code }));
}

describe('writeFileAtomically', () => {
  it('creates a new file', async () => {
    await writeFileAtomically(path, 'new ü');
    expect(await readFile(path, 'utf8')).toBe('new ü');
    expect(await readdir(folder)).toEqual(['monitor.yml']);
  });

  it('keeps the mode of the file that it replaces', async () => {
    await writeFile(path, 'old');
    await chmod(path, 0o640);
    await writeFileAtomically(path, 'new');
    expect([await readFile(path, 'utf8'), await modeOf(path)]).toEqual(['new', 0o640]);
  });

  it('gives the mode that is asked for', async () => {
    await writeFileAtomically(path, 'secret', 0o600);
    expect(await modeOf(path)).toBe(0o600);
    await chmod(path, 0o644);
    await writeFileAtomically(path, 'secret', 0o600);
    expect(await modeOf(path)).toBe(0o600);
  });

  it('writes the target of a symbolic link, and keeps the link', async () => {
    await mkdir(join(folder, 'real'));
    await writeFile(join(folder, 'real', 'file.yml'), 'old');
    await symlink(join('real', 'file.yml'), path);
    await writeFileAtomically(path, 'new');
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
    expect(await readFile(join(folder, 'real', 'file.yml'), 'utf8')).toBe('new');
    expect(await readdir(join(folder, 'real'))).toEqual(['file.yml']);
  });

  it.each([
    ['writeFile', 'ENOSPC', /the disk is full/],
    ['writeFile', 'EDQUOT', /quota/],
    ['sync', 'EIO', /it failed/],
  ] as const)('keeps the old file where %s fails with %s', async (method, code, words) => {
    await writeFile(path, 'old');
    await failing(method, code);
    const error = await rejectionOf(writeFileAtomically(path, 'new'));
    vi.restoreAllMocks();
    expect(error).toMatchObject({ code: 'write-failed', exitCode: 1 });
    expect(error.message).toMatch(words);
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['monitor.yml']);
  });

  it('reports a missing folder, and a path that is a folder', async () => {
    expect((await rejectionOf(writeFileAtomically(join(folder, 'no', 'x'), ''))).message).toMatch(
      /folder does not exist/,
    );
    expect((await rejectionOf(writeFileAtomically(folder, ''))).code).toBe('write-failed');
    expect(await readdir(folder)).toEqual([]);
  });

  it('ends with one of two texts where two are written at once', async () => {
    await Promise.all([writeFileAtomically(path, 'a'.repeat(1e5)), writeFileAtomically(path, 'b'.repeat(1e5))]);
    expect(await readFile(path, 'utf8')).toMatch(/^(a{100000}|b{100000})$/);
    expect(await readdir(folder)).toEqual(['monitor.yml']);
  });

  it('leaves a read-only file alone, though its folder may be written', async () => {
    await writeFile(path, 'old', { mode: 0o444 });
    await chmod(folder, 0o777);
    expect((await asNobody(() => rejectionOf(writeFileAtomically(path, 'new')))).message).toMatch(/permission denied/);
    expect(await readFile(path, 'utf8')).toBe('old');
  });

  it('leaves the file alone where its folder may not be written', async () => {
    await writeFile(path, 'old');
    await chmod(path, 0o666);
    await chmod(folder, 0o755);
    expect((await asNobody(() => rejectionOf(writeFileAtomically(path, 'new')))).message).toMatch(/permission denied/);
    expect(await readFile(path, 'utf8')).toBe('old');
  });
});
