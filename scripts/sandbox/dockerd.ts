import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_HOST, whyNoAnswer } from './engine-address.ts';
import { isAlive } from './lock.ts';
import { cacheDir } from './paths.ts';
import { environment, lastLines, tryRun } from './run.ts';

const START_DEADLINE_MS = 90_000;
const STOP_DEADLINE_MS = 30_000;
const POLL_MS = 150;

/** Remembers the dockerd that we started, so that only that one is ever stopped by us. */
const startedFile = () => join(tmpdir(), 'monitor-sandbox-dockerd.pid');
const logFile = () => join(cacheDir(), 'dockerd.log');

/**
 * Starts dockerd on its default socket and data root and waits until it answers. It is a session of its own with its
 * output in a file: it outlives the process that started it. dockerd chooses its storage driver itself.
 */
export async function startDockerd(): Promise<void> {
  dropStalePidFile('/var/run/docker.pid', 'dockerd');
  dropStalePidFile('/var/run/docker/containerd/containerd.pid', 'containerd');
  if (existsSync('/run/systemd/system') && (await tryRun('systemctl', ['start', 'docker'])).code === 0) {
    return waitForAnswer(() => undefined, 'journalctl -u docker shows its log');
  }
  mkdirSync(cacheDir(), { recursive: true });
  const log = openSync(logFile(), 'w');
  const child = spawn('dockerd', [], { detached: true, stdio: ['ignore', log, log], env: environment() });
  let ended: string | undefined;
  child.on('error', (error) => {
    ended = error.message;
  });
  child.on('exit', (code, signal) => {
    ended = `dockerd ended with ${signal ?? `code ${code}`}`;
  });
  child.unref();
  if (child.pid !== undefined) writeFileSync(startedFile(), String(child.pid));
  await waitForAnswer(() => ended, `its log is ${logFile()}`);
}

async function waitForAnswer(ended: () => string | undefined, whereLog: string): Promise<void> {
  const deadline = Date.now() + START_DEADLINE_MS;
  for (;;) {
    const silence = await whyNoAnswer(DEFAULT_HOST);
    if (silence === undefined) return;
    const why = ended() ?? (Date.now() > deadline ? `no answer after ${START_DEADLINE_MS / 1000} s: ${silence}` : '');
    if (why) {
      throw new Error(`dockerd did not start (${why}); ${whereLog}. Its last lines:\n${logTail()}`);
    }
    await sleep(POLL_MS);
  }
}

/**
 * dockerd refuses to start while the process named in its pid file exists, and after a reboot or a killed dockerd that
 * number may belong to any other program.
 */
function dropStalePidFile(file: string, program: string): void {
  const pid = readPid(file);
  if (pid !== undefined && programOf(pid) !== program) rmSync(file, { force: true });
}

/** Stops the dockerd that `startDockerd` started, and says whether there was one. Any other engine is left alone. */
export async function stopDockerd(): Promise<boolean> {
  const pid = readPid(startedFile());
  rmSync(startedFile(), { force: true });
  if (pid === undefined || programOf(pid) !== 'dockerd') return false;
  process.kill(pid, 'SIGTERM');
  const deadline = Date.now() + STOP_DEADLINE_MS;
  while (isAlive(pid)) {
    if (Date.now() > deadline)
      throw new Error(`dockerd (process ${pid}) still runs ${STOP_DEADLINE_MS / 1000} s after SIGTERM`);
    await sleep(POLL_MS);
  }
  return true;
}

function readPid(file: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10) || undefined;
  } catch {
    return undefined;
  }
}

/** The program's name as the kernel knows it; a zombie has ended. */
function programOf(pid: number): string | undefined {
  try {
    const [, name, state] = /^\d+ \((.*)\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return state === 'Z' ? undefined : name;
  } catch {
    return undefined;
  }
}

function logTail(): string {
  try {
    const lines = readFileSync(logFile(), 'utf8').split('\n');
    return lastLines(lines.filter((line) => !line.includes('module=grpc')).join('\n'), 10);
  } catch {
    return '(no log)';
  }
}
