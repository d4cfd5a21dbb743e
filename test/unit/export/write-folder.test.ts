import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { HEADER } from '../../../src/export/model.ts';
import { writeFolder } from '../../../src/export/write-folder.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'export-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const FILES = [
  { path: 'a.yaml', text: 'a\n' },
  { path: 'secret.yaml', text: 's\n', mode: 0o600 },
  { path: 'sub/b.yaml', text: 'b\n', folderMode: 0o700 },
];

it('writes all files, and leaves alone and names what else is there', async () => {
  writeFileSync(join(folder, 'other'), 'mine');
  writeFileSync(join(folder, 'a.yaml'), 'old');
  expect(await writeFolder(folder, FILES)).toEqual(['other']);
  expect(readFileSync(join(folder, 'a.yaml'), 'utf8')).toBe('a\n');
  expect(readFileSync(join(folder, 'other'), 'utf8')).toBe('mine');
  expect(statSync(join(folder, 'secret.yaml')).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'sub')).mode & 0o777).toBe(0o700);
  expect(await writeFolder(folder, FILES)).toEqual(['other']);
});

it('one file that cannot be written leaves all as it was', async () => {
  writeFileSync(join(folder, 'a.yaml'), 'old');
  mkdirSync(join(folder, 'secret.yaml'));
  await expect(writeFolder(folder, FILES)).rejects.toMatchObject({ code: 'write-failed' });
  expect(readFileSync(join(folder, 'a.yaml'), 'utf8')).toBe('old');
  expect(readdirSync(folder).sort()).toEqual(['a.yaml', 'secret.yaml']);
});

it('a file of the same name that is not from an export is not replaced', async () => {
  const ours = [...FILES, { path: 'compose.yaml', text: `${HEADER}new\n` }];
  writeFileSync(join(folder, 'compose.yaml'), 'services: {}\n');
  await expect(writeFolder(folder, ours)).rejects.toMatchObject({
    code: 'file-exists',
    message: expect.stringContaining('compose.yaml'),
  });
  expect(readdirSync(folder)).toEqual(['compose.yaml']);
  writeFileSync(join(folder, 'compose.yaml'), `${HEADER}old\n`);
  await writeFolder(folder, ours);
  expect(readFileSync(join(folder, 'compose.yaml'), 'utf8')).toBe(`${HEADER}new\n`);
});

it('a folder that was made for it goes again where nothing could be written', async () => {
  await expect(writeFolder(join(folder, 'new'), [...FILES, { path: 'a.yaml/c', text: '' }])).rejects.toMatchObject({
    code: 'write-failed',
  });
  expect(readdirSync(folder)).toEqual([]);
  await expect(writeFolder('/proc/new/folder', FILES)).rejects.toMatchObject({ code: 'write-failed' });
  writeFileSync(join(folder, 'file'), '');
  await expect(writeFolder(join(folder, 'file'), FILES)).rejects.toMatchObject({
    code: 'write-failed',
    message: expect.stringContaining('a file has its name'),
  });
});
