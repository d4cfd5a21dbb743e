import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { whyNoAnswer } from '../sandbox/engine-address.ts';
import { environment, lastLines } from '../sandbox/run.ts';

const ENTER = fileURLToPath(new URL('enter.sh', import.meta.url));
const SOCKET = '/run/engine/docker.sock';
const START_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 30_000;

/** For setpriv: what it starts is killed when this process ends, however it ends. */
const DIES_WITH_US = ['--pdeathsig', 'KILL'];

/** crun refuses a machine whose cgroups are not all of version 2. */
const UNIFIED = existsSync('/sys/fs/cgroup/cgroup.controllers');

/** The engines of Debian's newest suite: the command that serves the API on `SOCKET`, and where it keeps its data. */
export const ENGINES = {
  docker28: { command: ['dockerd', '--host', `unix://${SOCKET}`], data: 'var/lib/docker' },
  podman: {
    command: [
      // By default its events go to journald, which does not run there.
      ...['podman', '--events-backend', 'file', '--cgroup-manager', 'cgroupfs'],
      ...(UNIFIED ? [] : ['--runtime', 'runc']),
      ...['system', 'service', '--time', '0', `unix://${SOCKET}`],
    ],
    data: 'var/lib/containers',
  },
};

export type EngineName = keyof typeof ENGINES;

export interface RunningEngine {
  /** As DOCKER_HOST writes it; it can be used from anywhere on this machine. */
  host: string;
  /** What to put before a command that has to reach the ports that the engine publishes. */
  inside: string[];
  /** Ends the engine and all that it runs. */
  stop(): Promise<void>;
}

/**
 * Starts an engine with `root` as its root folder, in namespaces of its own, without anything of an earlier run: its
 * processes, mounts and network end with it.
 *
 * @throws Error with the engine's last words when it does not answer in time.
 */
export async function startEngine(name: EngineName, root: string): Promise<RunningEngine> {
  const { command, data } = ENGINES[name];
  rmSync(join(root, data), { recursive: true, force: true });
  const sockets = mkdtempSync(join(tmpdir(), `${name}-`));
  const logFile = join(sockets, 'log');
  const log = openSync(logFile, 'w');
  const enter = [...DIES_WITH_US, 'unshare', '--mount', '--net', '--pid', '--fork', '--kill-child', ENTER];
  const child = spawn('setpriv', [...enter, root, sockets, ...command], {
    stdio: ['ignore', log, log],
    env: environment(),
  });
  const ended = once(child, 'exit');
  const stop = async () => {
    await end(child, ended);
    rmSync(sockets, { recursive: true, force: true });
  };
  const host = `unix://${join(sockets, 'docker.sock')}`;
  try {
    await answering(host, child);
    // Of unshare: Podman's own main thread may stay behind in the network of a container.
    return { host, inside: ['setpriv', ...DIES_WITH_US, 'nsenter', `--net=/proc/${child.pid}/ns/net`], stop };
  } catch (error) {
    const words = lastLines(readFileSync(logFile, 'utf8'), 10);
    await stop();
    throw new Error(`${name} did not start: ${error instanceof Error ? error.message : error}\n${words}`);
  }
}

async function answering(host: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_DEADLINE_MS;
  for (;;) {
    const silence = await whyNoAnswer(host);
    if (silence === undefined) return;
    if (child.exitCode !== null) throw new Error(`it ended with code ${child.exitCode}`);
    if (Date.now() > deadline) throw new Error(`no answer after ${START_DEADLINE_MS / 1000} s: ${silence}`);
    await sleep(200);
  }
}

/** unshare forks: its child is the engine, which is process 1 of its namespace. */
const engineOf = ({ pid }: ChildProcess): number =>
  Number.parseInt(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'), 10);

/** An engine that ends by itself takes its cgroups with it; when unshare is killed, the kernel ends all that is left. */
async function end(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const engine = engineOf(child);
  if (engine > 0) process.kill(engine, 'SIGTERM');
  await Promise.race([ended, sleep(STOP_DEADLINE_MS, undefined, { ref: false })]);
  child.kill('SIGKILL');
  await ended;
}
