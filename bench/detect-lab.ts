import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { dockerClient } from '../scripts/sandbox/client.ts';
import type { MonitorConfig } from '../src/config/model.ts';
import { type EngineWindow, openEngineWindow } from '../test/support/engine-window.ts';
import { runCommand } from './command.ts';
import type { Lab } from './measure.ts';
import { type BenchStack, createStack } from './stack.ts';

/** A stack that finds its targets, on an engine that shows it only what a measure made; requests are counted. */
export interface DetectBench {
  config: MonitorConfig;
  /** The same stack, run with the whole engine in sight. */
  stack: BenchStack;
  /** Of the containers, and of whatever else asks them. */
  network: string;
  window: EngineWindow;
  monitor(...args: string[]): Promise<string>;
  /** Started, until the measure ends. */
  start(...args: string[]): ChildProcess;
  /** Containers with a tiny server of metrics on 9100; made and not started. Gives their names. */
  make(count: number, prefix: string): Promise<string[]>;
  startContainer(name: string): Promise<void>;
  removeContainer(name: string): Promise<void>;
  /** What Prometheus says is loaded, and the instances that it lists. */
  loaded(): Promise<string>;
  targets(): Promise<string>;
}

const OWNER = 'monitor.bench.owner';

const SERVER = `
cat >/serve <<'END'
while read -r line && [ "$line" != "$(printf '\\r')" ]; do :; done
printf 'HTTP/1.0 200 OK\\r\\nContent-Type: text/plain; version=0.0.4\\r\\n\\r\\n# TYPE bench_up gauge\\nbench_up 1\\n'
END
exec nc -ll -p 9100 -e sh /serve`;

/** Side by side, so that the engine is busy and not swamped. */
const AT_ONCE = 4;

export const createDetectBench = async (lab: Lab, purpose: string): Promise<DetectBench> => {
  const docker = await dockerClient();
  const { busybox } = await lab.images();
  const stack = await createStack(lab, purpose, (config) => ({
    ...config,
    detect: { ...config.detect, enabled: true },
  }));
  const { name } = stack.config;
  const Labels = { [OWNER]: name };
  const window = await openEngineWindow(name, (l) => l[OWNER] === name || l['monitor.stack'] === name);
  const network = `${name}-app`;
  await docker.createNetwork({ Name: network, Labels, CheckDuplicate: true });
  const env = { ...process.env, DOCKER_HOST: window.host };
  const running = new Set<ChildProcess>();
  lab.atEnd(() => docker.getNetwork(network).remove());
  lab.atEnd(async () => {
    const mine = await docker.listContainers({ all: true, filters: { label: [`${OWNER}=${name}`] } });
    await inTurns(mine, ({ Id }) => docker.getContainer(Id).remove({ force: true, v: true }));
  });
  lab.atEnd(() => window.close());
  lab.atEnd(async () => {
    for (const child of running) child.kill('SIGTERM');
    await runCommand(stack.command(['down']));
  });
  const ask = (path: string): Promise<string> => askPort(stack.config.prometheus.port, path);
  return {
    config: stack.config,
    stack,
    network,
    window,
    monitor: (...args) => runCommand({ ...stack.command(args), env }),
    start: (...args) => {
      const { program, args: all, cwd } = stack.command(args);
      const child = spawn(program, [...all], { env, stdio: 'ignore', ...(cwd === undefined ? {} : { cwd }) });
      running.add(child);
      return child;
    },
    make: async (count, prefix) => {
      const names = Array.from({ length: count }, (_, i) => `${name}-${prefix}-${i}`);
      await inTurns(names, (container) =>
        docker.createContainer({
          name: container,
          Image: busybox,
          Entrypoint: [],
          Cmd: ['sh', '-c', SERVER],
          Labels,
          ExposedPorts: { '9100/tcp': {} },
          HostConfig: { NetworkMode: network },
        }),
      );
      return names;
    },
    startContainer: (container) => docker.getContainer(container).start(),
    removeContainer: (container) => docker.getContainer(container).remove({ force: true, v: true }),
    loaded: () => ask('/api/v1/status/config'),
    targets: () => ask('/api/v1/targets?state=active'),
  };
};

export const inTurns = async <T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> => {
  const left = [...items];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
    }),
  );
};

/** A published port may accept before anything listens behind it, and then says nothing for good. */
export const askPort = async (port: number, path: string): Promise<string> =>
  (await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(2000) })).text();

/** Milliseconds, by this machine's clock, at which `is` first holds. */
export const momentOf = async (is: () => Promise<boolean>, everyMs: number, timeoutMs = 90_000): Promise<number> => {
  const deadline = Date.now() + timeoutMs;
  while (!(await is().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`it did not happen within ${timeoutMs / 1000} s: ${is}`);
    await sleep(everyMs);
  }
  return Date.now();
};

/** Whether a Prometheus shows a change in its target list as it comes: from 3.12 on (PR 18187). */
export const listsAtOnce = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 3 || (major === 3 && minor >= 12);
};
