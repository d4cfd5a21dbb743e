import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadCached } from '../../../src/cli/code-cache.ts';

interface Greeter {
  greet(): string;
}

let folder: string;
let file: string;
let cache: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'monitor-code-cache-'));
  file = join(folder, 'greeter.cjs');
  cache = join(folder, 'cache', 'up.one');
  writeFileSync(file, `const { basename } = require('node:path');\nexports.greet = () => basename(__filename); // end`);
});

afterEach(() => rmSync(folder, { recursive: true }));

/** The module under test as a file of its own, for a process that can be ended where it hangs. */
const bundled = (): string => {
  const outfile = join(folder, 'code-cache.cjs');
  const entry = new URL('../../../src/cli/code-cache.ts', import.meta.url).pathname;
  buildSync({ entryPoints: [entry], outfile, platform: 'node', format: 'cjs' });
  return outfile;
};

const start = (path = cache): string | undefined => {
  const { exports, store } = loadCached<Greeter>(file, path);
  const said = exports.greet?.();
  store();
  return said;
};

it('loads a file as Node does, and keeps its code for this user alone', () => {
  expect(start()).toBe('greeter.cjs');
  expect(statSync(cache).mode & 0o777).toBe(0o600);
  const kept = statSync(cache).ino;
  expect(start()).toBe('greeter.cjs');
  expect(statSync(cache).ino).toBe(kept);
});

it('ignores a damaged cache, and writes a new one', () => {
  const damaged = 'not what V8 wrote';
  mkdirSync(join(folder, 'cache'));
  writeFileSync(cache, damaged, { mode: 0o600 });
  expect(start()).toBe('greeter.cjs');
  expect(readFileSync(cache, 'latin1')).not.toBe(damaged);
});

it('does not run a file that another user may have written', () => {
  start();
  chmodSync(cache, 0o666);
  expect(start()).toBe('greeter.cjs');
  expect(statSync(cache).mode & 0o777).toBe(0o600);
});

it('works if the cache cannot be written', () => {
  writeFileSync(join(folder, 'cache'), '');
  expect(start()).toBe('greeter.cjs');
});

it('works if the folder above cannot be created', () => {
  expect(start(join(folder, 'none', 'none', 'cache', 'up.one'))).toBe('greeter.cjs');
  expect(readdirSync(folder)).toEqual(['greeter.cjs']);
});

it.skipIf(process.platform !== 'linux')('does not try for ever where the system makes no folders', () => {
  const script = `require(${JSON.stringify(bundled())}).loadCached(${JSON.stringify(file)}, '/proc/none/monitor/up.one').store()`;
  execFileSync(process.execPath, ['-e', script], { timeout: 10_000 });
});

it('creates its folder, and the one above it', () => {
  const path = join(folder, 'caches', 'monitor', 'up.one');
  start(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it('removes the caches of other builds, and keeps those of other commands', () => {
  mkdirSync(join(folder, 'cache'));
  for (const name of ['up.zero', 'down.zero']) writeFileSync(join(folder, 'cache', name), '');
  start();
  expect(readdirSync(join(folder, 'cache')).sort()).toEqual(['down.zero', 'up.one']);
});
