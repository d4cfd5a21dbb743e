import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { shellWord } from '../../src/words.ts';
import { whileRunning } from './interrupt.ts';
import { FOLDER, ROOT } from './names.ts';

const BIN = join(ROOT, 'bin/monitor.js');

/** Runs a command line of the built program in the demo's folder, as a person would see it, and gives its exit code. */
export async function monitor(...args: string[]): Promise<number> {
  process.stdout.write(`\n$ monitor ${args.map(shellWord).join(' ')}\n`);
  const child = spawn(process.execPath, [BIN, ...args], { cwd: FOLDER, stdio: 'inherit' });
  return whileRunning(child, exitCodeOf(child));
}

/** The same for a command that has to succeed. */
export async function mustMonitor(...args: string[]): Promise<void> {
  const code = await monitor(...args);
  if (code !== 0) throw new Error(`\`monitor ${args[0]}\` ended with exit code ${code}, so the demo stops here.`);
}

/** What a command prints with --json. Its exit code does not matter: an error is a document too. */
export async function monitorJson(...args: string[]): Promise<unknown> {
  const child = spawn(process.execPath, [BIN, ...args, '--json'], {
    cwd: FOLDER,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  await whileRunning(child, exitCodeOf(child));
  return JSON.parse(text);
}

function exitCodeOf(child: ReturnType<typeof spawn>): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
