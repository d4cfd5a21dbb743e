import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { afterEach, expect, it } from 'vitest';
import type { Engine } from '../../../src/docker/engine.ts';
import { withOpenShells } from '../../../src/watch/open-shells.ts';
import { fakeEngine } from '../../support/fake-engine.ts';

const LOCAL = { host: 'unix:///run/docker.sock', source: 'a test', local: true };

/** An engine whose containers are this machine, and how many shells it has started. */
const machine = (changes: Partial<Engine> = {}) => {
  const started: Duplex[] = [];
  const engine = fakeEngine({
    endpoint: LOCAL,
    execStream: async (_, [program = '', ...args]) => {
      const { stdin, stdout } = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'] });
      const stream = Duplex.from({ writable: stdin, readable: stdout });
      started.push(stream);
      return stream;
    },
    exec: async () => ({ exitCode: 0, stdout: 'by the engine', stderr: '' }),
    ...changes,
  });
  const shells = withOpenShells(engine);
  close = shells.close;
  return { exec: (...command: string[]) => shells.engine.exec('web', command), shells, started };
};

let close = (): void => {};
afterEach(() => close());

it('gives what a command writes and how it ends, one command after the other in one shell', async () => {
  const { exec, started } = machine();
  expect(await exec('printf', '%s', `it's\n"$HOME" \`x\``)).toEqual({
    exitCode: 0,
    stdout: `it's\n"$HOME" \`x\``,
    stderr: '',
  });
  expect(await exec('sh', '-c', 'echo out; echo err >&2; exit 7')).toEqual({
    exitCode: 7,
    stdout: 'out\n',
    stderr: 'err',
  });
  expect(await exec('cat')).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  expect(await exec('no-such-program')).toMatchObject({ exitCode: 127 });
  expect(started).toHaveLength(1);
});

it('gives bytes as they are', async () => {
  const { shells } = machine();
  const command = ['sh', '-c', 'head -c 300000 /dev/zero; printf "\\377\\n"'];
  const { stdout } = await shells.engine.exec('web', command, { binary: true });
  expect(stdout.length).toBe(300_002);
  expect(stdout.endsWith('\0\u00ff\n')).toBe(true);
});

it('runs two commands side by side', async () => {
  const { exec } = machine();
  const both = await Promise.all([exec('echo', 'a'), exec('echo', 'b')]);
  expect(both.map(({ stdout }) => stdout)).toEqual(['a\n', 'b\n']);
});

it('leaves a command to the engine where the shell ends, and opens another one for the next', async () => {
  const { exec, started } = machine();
  await exec('true');
  started[0]?.destroy();
  expect((await exec('echo', 'a')).stdout).toBe('by the engine');
  expect((await exec('echo', 'a')).stdout).toBe('a\n');
});

it('leaves a command to the engine where that is on another machine', async () => {
  const { exec, started } = machine({ endpoint: { ...LOCAL, local: false } });
  expect((await exec('echo', 'a')).stdout).toBe('by the engine');
  expect(started).toEqual([]);
});

it('leaves a command to the engine where there is no shell, or it takes too long', async () => {
  const without = machine({ execStream: () => Promise.reject(new Error('no shell')) });
  expect((await without.exec('echo', 'a')).stdout).toBe('by the engine');
  const { shells } = machine();
  expect((await shells.engine.exec('web', ['sleep', '10'], { timeoutMs: 20 })).stdout).toBe('by the engine');
});
