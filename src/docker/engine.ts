import type { Duplex } from 'node:stream';
import type {
  Container,
  ContainerDetail,
  ContainerState,
  EngineEvent,
  Image,
  Labels,
  Network,
  Volume,
} from './mapping.ts';

export type {
  Container,
  ContainerDetail,
  ContainerPort,
  ContainerState,
  EngineEvent,
  Image,
  Labels,
  Network,
  NetworkAttachment,
  Volume,
} from './mapping.ts';

/**
 * The Docker engine as this program sees it: only the calls that it makes, with types of its own.
 * Every call fails with a MonitorError where the user can do something about it, and with an EngineError
 * (status and the engine's own words) where a call is refused. Each has a deadline, except the ones that stream.
 */
export interface Engine {
  readonly endpoint: Endpoint;

  /** All containers, stopped ones too, in one call. `labels`: only those that carry each `key=value`. */
  listContainers(labels?: readonly string[]): Promise<Container[]>;
  /** `undefined` where there is none. */
  inspectContainer(idOrName: string): Promise<ContainerDetail | undefined>;
  listNetworks(): Promise<Network[]>;
  listVolumes(labels: readonly string[]): Promise<Volume[]>;
  inspectVolume(name: string): Promise<Volume | undefined>;
  inspectImage(reference: string): Promise<Image | undefined>;

  /** Ends when the image is there; `onProgress` hears of bytes received so far, over all layers. */
  pullImage(reference: string, onProgress: (p: PullProgress) => void, signal?: AbortSignal): Promise<void>;
  /** Fails with status 409 where the name is taken. */
  createNetwork(name: string, labels: Labels): Promise<string>;
  removeNetwork(id: string): Promise<void>;
  createVolume(name: string, labels: Labels): Promise<void>;
  removeVolume(name: string): Promise<void>;

  createContainer(spec: CreateContainer): Promise<string>;
  /** Holds the stdin of an `attached` container open: the container ends when the stream is destroyed or this process ends. */
  attach(id: string): Promise<Duplex>;
  /** Already running is fine. */
  startContainer(id: string): Promise<void>;
  /** One that is not running, or is gone, is fine. `graceSeconds`: from SIGTERM to SIGKILL. */
  stopContainer(id: string, graceSeconds: number): Promise<void>;
  /**
   * What happened to a container so far, or to all of them, oldest first: `start`, `kill`, `oom` and `die` events, as far as
   * the engine remembers them, which are the last 256 of all its events.
   */
  pastEvents(id?: string): Promise<EngineEvent[]>;
  /** Ends when the container has ended, with its exit code. */
  waitContainer(id: string, signal?: AbortSignal): Promise<number>;
  /** With its anonymous volumes; one that is gone is fine. */
  removeContainer(id: string): Promise<void>;
  killContainer(id: string, signal: string): Promise<void>;
  connectNetwork(networkId: string, containerId: string, aliases: readonly string[]): Promise<void>;
  /** Not connected is fine. */
  disconnectNetwork(networkId: string, containerId: string): Promise<void>;

  /** Puts files into a container, running or not; paths are absolute, missing folders are made (root, 0755). */
  putFiles(containerId: string, files: readonly ContainerFile[]): Promise<void>;
  /** A file's size and time; `undefined` where there is none. Takes milliseconds, where reading one takes 100. */
  statFile(containerId: string, path: string): Promise<FileStat | undefined>;
  /** Runs a command to its end. A program that is not in the image gives exit code 126 or 127. */
  exec(containerId: string, command: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** A command's stdin and stdout as one stream: what carries HTTP into a container of a remote engine. */
  execStream(containerId: string, command: readonly string[]): Promise<Duplex>;

  /** The last `tail` lines, stdout and stderr in the order in which they came. */
  logs(containerId: string, tail: number | 'all'): Promise<string[]>;
  followLogs(containerId: string, tail: number | 'all', onLine: LineHandler, signal: AbortSignal): Promise<void>;
  /** Runs until `signal` aborts; throws when the engine is lost. `onOpen`: the stream is open. */
  events(onEvent: (event: EngineEvent) => void, signal: AbortSignal, onOpen?: () => void): Promise<void>;

  close(): void;
}

export type LineHandler = (line: string, stream: 'stdout' | 'stderr') => void;

/** What an engine tells of itself in the headers of its first answer. */
export interface Greeting {
  isPodman: boolean;
  /** Milliseconds that its clock is ahead of this machine's, to a second; 0 where they agree. */
  clockAhead: number;
}

/** How the engine was reached. */
export interface Endpoint {
  /** As DOCKER_HOST writes it: `unix:///var/run/docker.sock`, `tcp://host:2376`, `ssh://user@host`, `npipe://...` */
  host: string;
  /** What named it, for a person: `context "colima"`, `DOCKER_HOST`, `the default socket`. */
  source: string;
  /** The engine's ports are published on this machine: a socket or a pipe, not tcp or ssh. */
  local: boolean;
}

/** The states in which a container is on its networks, and keeps the engine from removing them. */
export const ON_A_NETWORK: ReadonlySet<ContainerState> = new Set(['running', 'paused', 'restarting']);

export interface PullProgress {
  receivedBytes: number;
  /** As far as the registry has told yet. */
  totalBytes: number;
}

export interface CreateContainer {
  name: string;
  image: string;
  /** Absent: the image's. */
  entrypoint?: readonly string[];
  command?: readonly string[];
  env: Record<string, string>;
  labels: Labels;
  /** Named volumes. */
  mounts: readonly { volume: string; target: string; readOnly?: boolean }[];
  /** Published with both ExposedPorts and PortBindings: the engine ignores a binding without the other. */
  ports: readonly { container: number; host: number; bind: string }[];
  /** The first network; the engine refuses more than one at creation before API 1.44. `none` and `host` are possible. */
  network: { name: string; aliases: readonly string[] };
  /** `host.docker.internal:host-gateway` */
  extraHosts: readonly string[];
  restart: 'no' | 'unless-stopped';
  capDrop: readonly string[];
  /** `no-new-privileges` and the like. */
  securityOpt: readonly string[];
  /** Bounds the container's log: `json-file` options; empty: the engine's default driver as it is. */
  logOptions: Record<string, string>;
  user?: string;
  /** Bind mounts from the host, `/proc:/host/proc:ro`; only exporters of the host use them. */
  binds?: readonly string[];
  pidMode?: 'host';
  /** Its stdin is open while a client is attached, it ends at once when told to, and then the engine removes it. */
  attached?: true;
}

export interface ContainerFile {
  /** Absolute. */
  path: string;
  content: string | Buffer;
  mode: number;
  uid: number;
  gid: number;
  /** Unix seconds; absent: now. */
  modified?: number;
}

export interface FileStat {
  /** Bytes. */
  size: number;
  /** Unix seconds. */
  modified: number;
}

export interface ExecOptions {
  stdin?: string;
  /** Milliseconds; 30,000 where absent. */
  timeoutMs?: number;
  /** What it writes is not text: one character for each byte (latin1), instead of UTF-8. */
  binary?: boolean;
}

export interface ExecResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** An id as the docker command shows it; on every user-defined network it is a name of its container too. */
export const shortId = (id: string): string => id.slice(0, 12);

/** The engine refused a call: its HTTP status (0: no answer) and its own words. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  constructor(
    readonly status: number,
    message: string,
    options?: { cause?: unknown },
    /** What was being done: `starting container web`; empty where that is not known. */
    readonly doing = '',
  ) {
    super(message, options);
  }
}
