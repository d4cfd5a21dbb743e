import { inject } from 'vitest';
import type { DetectedRow } from '../../src/detect/assemble.ts';
import type { ReportOf } from '../../src/output/report.ts';
import { eventually } from './ask.ts';
import { docker, findNetwork } from './engine-view.ts';
import { type EngineWindow, openEngineWindow } from './engine-window.ts';
import type { Ran, Running } from './monitor.ts';
import { freshStack, type StackOptions, type TestStack } from './stack.ts';
import './sandbox-context.ts';

const OWNER = 'monitor.test.owner';

/** A container of the user's. Its name gets the lab's own before it. */
export interface Part {
  name: string;
  image?: string;
  /** A shell script; absent: a server of metrics on 9100. */
  sh?: string;
  /** A Node program instead. */
  node?: string;
  labels?: Record<string, string>;
  expose?: readonly number[];
  /** Published on a free port of this machine. */
  publish?: readonly number[];
  /** Short names of the lab's networks; absent: `net`. */
  networks?: readonly string[];
  /** Instead of networks: `host`, `none`, `bridge`, or `container:` and a short name. */
  mode?: string;
  aliases?: readonly string[];
  restart?: 'no' | 'always';
  /** Its full name, for one that must not have the lab's before it. */
  fullName?: string;
}

/** A stack that detects, and the user's containers around it, on an engine that shows nothing else. */
export interface DetectLab {
  stack: TestStack;
  window: EngineWindow;
  /** `web` -> the container's full name. */
  named(short: string): string;
  network(short: string, options?: { Internal: true }): Promise<void>;
  /** Starts it, and waits until it has said that it is ready (a server does, a script of one's own need not). */
  run(part: Part): Promise<string>;
  /** The same, not started. */
  make(part: Part): Promise<string>;
  monitor(...args: string[]): Promise<Ran>;
  succeed(...args: string[]): Promise<Ran>;
  start(...args: string[]): Running;
  detect(): Promise<ReportOf<'detect'>>;
  /** A container's rows of a report. */
  rowsOf(report: ReportOf<'detect'>, short: string): DetectedRow[];
  remove(): Promise<void>;
}

/** Metrics over HTTP from a shell: `$1` is the port. Concurrent, and cheap. */
const SERVE = `
trap 'exit 0' TERM
cat >/serve <<'END'
while read -r line && [ "$line" != "$(printf '\\r')" ]; do :; done
printf 'HTTP/1.0 200 OK\\r\\nContent-Type: text/plain; version=0.0.4\\r\\n\\r\\n# TYPE lab_up gauge\\nlab_up 1\\n'
END
for port in $PORTS; do nc -ll -p $port -e sh /serve & done
echo ready
wait
`;

export const serving = (...ports: number[]): string => `PORTS="${ports.join(' ')}"\n${SERVE}`;

export const detectLab = async (options: StackOptions): Promise<DetectLab> => {
  const stack = await freshStack(options);
  stack.edit('detect: {enabled: false}', 'detect: {enabled: true}');
  const labels = { [OWNER]: stack.name };
  const window = await openEngineWindow(
    stack.name,
    (l) => l[OWNER] === stack.name || l['monitor.stack'] === stack.name,
  );
  const env = { DOCKER_HOST: window.host };
  const named = (short: string): string => `${stack.name}-${short}`;
  const network = async (short: string, options?: { Internal: true }): Promise<void> => {
    await docker.createNetwork({ Name: named(short), Labels: labels, CheckDuplicate: true, ...options });
  };
  await network('net');
  const lab: DetectLab = {
    stack,
    window,
    named,
    network,
    run: (part) => runPart(part, named, labels),
    make: (part) => makePart(part, named, labels),
    monitor: (...args) => stack.monitor(args, env),
    succeed: (...args) => stack.succeed(args, env),
    start: (...args) => stack.start(args, env),
    detect: async () => (await stack.succeed(['--json', 'detect'], env)).report('detect'),
    rowsOf: ({ rows }, short) => rows.filter((row) => row.container === named(short)),
    remove: async () => {
      await window.close();
      await removeContainers(`monitor.stack=${stack.name}`);
      await removeContainers(`${OWNER}=${stack.name}`);
      const mine = { filters: { label: [`${OWNER}=${stack.name}`] } };
      for (const { Id } of await docker.listNetworks(mine)) await eventually(() => removeNetwork(Id));
      await stack.remove();
    },
  };
  return lab;
};

type Named = (short: string) => string;

const runPart = async (part: Part, named: Named, owner: Record<string, string>): Promise<string> => {
  const id = await makePart(part, named, owner);
  await docker.getContainer(id).start();
  const isServer = part.sh === undefined || part.sh.startsWith('PORTS=');
  if (isServer && part.node === undefined) await saysReady(id);
  return id;
};

const makePart = async (part: Part, named: Named, owner: Record<string, string>): Promise<string> => {
  const { expose = [], publish = [], networks = ['net'], aliases = [] } = part;
  const [first = 'net', ...more] = networks;
  const shared = /^container:(.*)$/.exec(part.mode ?? '')?.[1];
  const mode = shared === undefined ? (part.mode ?? named(first)) : `container:${named(shared)}`;
  const onOwn = part.mode === undefined;
  const command = part.node === undefined ? ['sh', '-c', part.sh ?? serving(9100)] : ['node', '-e', part.node];
  const made = await docker.createContainer({
    name: part.fullName ?? named(part.name),
    Image: part.image ?? (part.node === undefined ? inject('images').busybox : inject('images').node),
    Entrypoint: [],
    Cmd: command,
    Labels: { ...part.labels, ...owner },
    ExposedPorts: Object.fromEntries([...expose, ...publish].map((p) => [`${p}/tcp`, {}])),
    HostConfig: {
      NetworkMode: mode,
      RestartPolicy: { Name: part.restart ?? 'no' },
      PortBindings: Object.fromEntries(publish.map((p) => [`${p}/tcp`, [{ HostIp: '127.0.0.1', HostPort: '' }]])),
    },
    ...(onOwn ? { NetworkingConfig: { EndpointsConfig: { [mode]: { Aliases: [...aliases] } } } } : {}),
  });
  for (const name of onOwn ? more : []) await docker.getNetwork(named(name)).connect({ Container: made.id });
  return made.id;
};

/** Waits until a container has logged `ready`. */
export const saysReady = (id: string): Promise<void> =>
  eventually(async () => {
    const log = await docker.getContainer(id).logs({ stdout: true, stderr: true });
    if (!log.toString().includes('ready')) throw new Error(`container ${id} is not ready: ${log}`);
  });

const removeContainers = async (label: string): Promise<void> => {
  const containers = await docker.listContainers({ all: true, filters: { label: [label] } });
  // One that restarts at the moment of its removal leaves its endpoint on the network (seen with 20.10).
  const restarting = containers.filter(({ State }) => State === 'restarting');
  await Promise.all(restarting.map(({ Id }) => docker.getContainer(Id).stop({ t: 0 })));
  // Podman refuses to remove one in whose network another one still is.
  await Promise.all(
    containers.map(({ Id }) => eventually(() => docker.getContainer(Id).remove({ force: true, v: true }))),
  );
};

/** Another monitor on this engine may stand on it to ask, and leaves as soon as it has asked. */
const removeNetwork = async (id: string): Promise<void> => {
  const found = await findNetwork(id);
  for (const container of Object.keys(found?.Containers ?? {})) {
    await docker.getNetwork(id).disconnect({ Container: container, Force: true });
  }
  await docker.getNetwork(id).remove();
};
