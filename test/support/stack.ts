import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { docker, stateOf } from './engine-view.ts';
import { type MonitorOptions, monitor, type Ran, type Running, startMonitor } from './monitor.ts';
import { type UsersThings, usersThings } from './users-things.ts';
import './sandbox-context.ts';

/** A stack of a test's own: a folder, a name that nothing else has, free ports. */
export interface TestStack {
  name: string;
  folder: string;
  network: string;
  prometheus: Service;
  grafana: Service;
  /** The user's things beside it. */
  users: UsersThings;
  /** Runs the built program in the folder. */
  monitor(args: readonly string[], env?: MonitorOptions['env']): Promise<Ran>;
  /** The same, and throws with all that it wrote unless it ends with 0. */
  succeed(args: readonly string[], env?: MonitorOptions['env']): Promise<Ran>;
  start(args: readonly string[], env?: MonitorOptions['env']): Running;
  /** monitor.yml as it is. */
  config(): string;
  writeConfig(text: string): void;
  /** Replaces a part of monitor.yml that has to be there. */
  edit(from: string | RegExp, to: string): void;
  /** A file below `.monitor/`. */
  stateFile(name: string): string;
  /** What would differ if anything had been done to the engine. */
  state(): Promise<unknown>;
  /** Removes all of it, and the user's things. */
  remove(): Promise<void>;
}

export interface Service {
  container: string;
  volume: string;
  port: number;
  url: string;
}

export interface StackOptions {
  /** Part of its name. */
  what: string;
  prometheusImage?: string;
  /** Without it there is no monitor.yml, for `init` to write. */
  config?: boolean;
  /** Lines that follow the generated ones. */
  more?: string;
}

export const freshStack = async (options: StackOptions): Promise<TestStack> => {
  const name = `t-${options.what}-${randomBytes(3).toString('hex')}`;
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  const file = join(folder, 'monitor.yml');
  const [prometheusPort = 0, grafanaPort = 0] = await freePorts(2);
  const service = (role: string, port: number): Service => ({
    container: `${name}-${role}`,
    volume: `${name}-${role}-data`,
    port,
    url: `http://127.0.0.1:${port}`,
  });
  const prometheus = service('prometheus', prometheusPort);
  const grafana = service('grafana', grafanaPort);
  const network = `${name}-monitoring`;
  const users = usersThings(name);
  const stack: TestStack = {
    name,
    folder,
    network,
    prometheus,
    grafana,
    users,
    monitor: (args, env = {}) => monitor(args, { cwd: folder, env }),
    succeed: async (args, env = {}) => {
      const ran = await monitor(args, { cwd: folder, env });
      if (ran.code === 0) return ran;
      throw new Error(`\`monitor ${args.join(' ')}\` ended with ${ran.code}:\n${ran.stdout}\n${ran.stderr}`);
    },
    start: (args, env = {}) => startMonitor(args, { cwd: folder, env }),
    config: () => readFileSync(file, 'utf8'),
    writeConfig: (text) => writeFileSync(file, text),
    edit: (from, to) => {
      const before = readFileSync(file, 'utf8');
      const after = before.replace(from, to);
      if (after === before) throw new Error(`monitor.yml has no ${from}:\n${before}`);
      writeFileSync(file, after);
    },
    stateFile: (path) => readFileSync(join(folder, '.monitor', path), 'utf8'),
    state: () =>
      stateOf({
        containers: [prometheus.container, grafana.container],
        networks: [network],
        volumes: [prometheus.volume, grafana.volume],
      }),
    remove: async () => {
      await removeStack(name);
      await users.remove();
      await removeStack(name);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  if (options.config !== false) stack.writeConfig(configText(stack, options));
  return stack;
};

/** Scrapes often, so that tests need not wait; finds nothing by itself, since others use this engine too. */
const configText = ({ name, prometheus, grafana }: TestStack, { prometheusImage, more }: StackOptions): string => `\
version: 1
name: ${name}
scrape_interval: 1s
prometheus:
  image: ${prometheusImage ?? inject('images').prometheus.image}
  port: ${prometheus.port}
  retention: {time: 15d}
grafana:
  image: ${inject('images').grafana.image}
  port: ${grafana.port}
detect: {enabled: false}
${more ?? 'targets: []\nscrape_configs: []'}
`;

/** By the label alone: what is not the stack's stays. */
const removeStack = async (name: string): Promise<void> => {
  const ours = { filters: { label: [`monitor.stack=${name}`] } };
  const containers = await docker.listContainers({ all: true, ...ours });
  await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
  for (const { Id } of await docker.listNetworks(ours)) await docker.getNetwork(Id).remove().catch(keepUsed);
  const { Volumes } = await docker.listVolumes(ours);
  await Promise.all((Volumes ?? []).map(({ Name }) => docker.getVolume(Name).remove()));
};

/** A network with the user's container on it goes when that is gone. */
const keepUsed = (error: unknown): void => {
  if (!(error instanceof Error && /active endpoints/.test(error.message))) throw error;
};

/** Ports of this machine that nothing listens on now, each once. */
export const freePorts = async (count: number): Promise<number[]> => {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => addressOf(server.address()).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
};

const addressOf = (address: AddressInfo | string | null): AddressInfo => {
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address;
};
