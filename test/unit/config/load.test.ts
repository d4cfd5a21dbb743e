import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findConfig, loadConfig } from '../../../src/config/load.ts';
import { asNobody, rejectionOf } from './support.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'monitor-load-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('findConfig', () => {
  it('finds the nearest monitor.yml, upwards', async () => {
    const deep = join(folder, 'a', 'b', 'c');
    await mkdir(deep, { recursive: true });
    await writeFile(join(folder, 'monitor.yml'), '');
    await writeFile(join(folder, 'a', 'monitor.yml'), '');
    expect(await findConfig(deep)).toBe(join(folder, 'a', 'monitor.yml'));
  });

  it.each<[string, (path: string) => Promise<unknown>, string]>([
    ['a folder', (path) => mkdir(path), 'is a folder'],
    ['a pipe', async (path) => execFileSync('mkfifo', [path]), 'is not a regular file'],
    ['a link to itself', (path) => symlink('monitor.yml', path), 'is a symbolic link to itself'],
  ])('does not look further up than %s of that name', async (_, make, why) => {
    await writeFile(join(folder, 'monitor.yml'), '');
    await mkdir(join(folder, 'a', 'b'), { recursive: true });
    await make(join(folder, 'a', 'monitor.yml'));
    const error = await rejectionOf(findConfig(join(folder, 'a', 'b')));
    expect(error).toMatchObject({ code: 'config-unreadable', detail: [why], exitCode: 2 });
    expect(error.message).toContain(join(folder, 'a', 'monitor.yml'));
    expect(error.suggestion).toContain('--config FILE');
  });

  it('fails with the folders that were searched, and suggests init', async () => {
    const error = await rejectionOf(findConfig(join(folder, 'no', 'where')));
    expect(error).toMatchObject({ code: 'config-missing', exitCode: 2 });
    expect(error.detail[0]).toBe(`${join(folder, 'no', 'where', 'monitor.yml')}: does not exist`);
    expect(error.detail.at(-1)).toBe('/monitor.yml: does not exist');
    expect(error.suggestion).toContain('monitor init');
  });

  it('takes the file that is named, relative to the folder', async () => {
    await writeFile(join(folder, 'other.yml'), '');
    expect(await findConfig(folder, 'other.yml')).toBe(join(folder, 'other.yml'));
    expect(await findConfig('/', join(folder, 'other.yml'))).toBe(join(folder, 'other.yml'));
  });

  it.each([
    ["it's missing.yml", 'config-missing', 'does not exist', "`monitor --config 'it'\\''s missing.yml' init`"],
    ['loop.yml', 'config-unreadable', 'is a symbolic link to itself', '--config FILE'],
    ['/dev/null', 'config-unreadable', 'is not a regular file', '--config FILE'],
    ['.', 'config-unreadable', 'is a folder', 'name the file: --config monitor.yml'],
  ])('does not look elsewhere for %s', async (name, code, reason, suggestion) => {
    await symlink('loop.yml', join(folder, 'loop.yml'));
    const error = await rejectionOf(findConfig(folder, name));
    expect(error).toMatchObject({ code, exitCode: 2, detail: [reason] });
    expect(error.message).toMatch(/cannot be read/);
    expect(error.suggestion).toContain(suggestion);
  });
});

describe('loadConfig', () => {
  const write = async (content: string | Buffer) => {
    const path = join(folder, 'monitor.yml');
    await writeFile(path, content);
    return path;
  };

  it('reads the text byte for byte, and resolves it', async () => {
    const text = '\uFEFFversion: 1\r\nname: shop # ü';
    const path = await write(text);
    expect(await loadConfig(path)).toMatchObject({ path, text, config: { name: 'shop' } });
  });

  it.each<[name: string, content: string | Buffer, words: RegExp]>([
    ['UTF-16', Buffer.from('\uFEFFversion: 1', 'utf16le'), /UTF-16/],
    ['Latin-1', Buffer.from('name: \xfc', 'latin1'), /UTF-8 does not allow/],
    ['5 MiB', Buffer.alloc(5 * 2 ** 20, 'a'), /5\.0 MiB, the limit is 256 KiB/],
    ['1 MiB', Buffer.alloc(2 ** 20, '['), /too large: 1048576 characters/],
    ['junk', Buffer.from([0, 1, 2, 3]), /:1:1 {2}not a text file/],
    ['empty', '', /the file is empty/],
  ])('refuses %s', async (_, content, words) => {
    const error = await rejectionOf(loadConfig(await write(content)));
    expect(error).toMatchObject({ code: 'invalid-config', exitCode: 2 });
    expect(error.detail.join('\n')).toMatch(words);
  });

  it('reports a file that does not exist, and a folder', async () => {
    expect(await rejectionOf(loadConfig(join(folder, 'gone.yml')))).toMatchObject({ code: 'config-missing' });
    const error = await rejectionOf(loadConfig(folder));
    expect(error).toMatchObject({ code: 'config-unreadable', exitCode: 2, detail: ['is a folder'] });
  });

  it('reports a file that may not be read', async () => {
    const path = await write('version: 1');
    await chmod(folder, 0o755);
    await chmod(path, 0);
    const error = await asNobody(() => rejectionOf(loadConfig(path)));
    expect(error).toMatchObject({ code: 'config-unreadable', detail: ['permission denied'] });
  });

  it('is found above a folder that may not be entered', async () => {
    await mkdir(join(folder, 'closed'), { mode: 0 });
    await chmod(folder, 0o755);
    await write('version: 1');
    expect(await asNobody(() => findConfig(join(folder, 'closed')))).toBe(join(folder, 'monitor.yml'));
  });
});
