import type { CreateContainer, Labels } from '../docker/engine.ts';
import type { Role } from './labels.ts';
import type { StackFile } from './types.ts';

/** What can be done to the engine: each kind is one call, or one wait. */
export interface OperationKinds {
  pullImage: { image: string };
  createNetwork: { name: string; labels: Labels };
  createVolume: { name: string; labels: Labels };
  /** `promtool check config` in a container that runs, or in one made from `image` for the purpose. */
  checkConfig: { text: string; container: string } | { text: string; image: string };
  createContainer: { role: Role; spec: CreateContainer };
  stopContainer: { container: string };
  removeContainer: { container: string; id: string };
  connectNetwork: { container: string; network: string; aliases: readonly string[] };
  disconnectNetwork: { container: string; network: string };
  putFiles: { container: string; files: readonly StackFile[] };
  startContainer: { role: Role; container: string; port: PublishedPort | undefined };
  /** SIGHUP. */
  reloadConfig: { container: string };
  /** `wasRunning`: nothing starts it before this, since the look found it running. */
  awaitReady: { role: Role; container: string; wasRunning?: true };
  /** Until Prometheus says that this text is the one it has loaded. */
  awaitConfig: { container: string; text: string };
  removeNetwork: { name: string; id: string };
  removeVolume: { name: string };
}

export interface PublishedPort {
  bind: string;
  host: number;
}

export type OperationKind = keyof OperationKinds;

/** Operations of one lane run one after another; `stack` before the others, the others side by side. */
export type Lane = 'stack' | 'prometheus' | 'grafana' | ExporterLane;
/** Each exporter has its own, by its container's name. */
export type ExporterLane = `exporter ${string}`;

/** What a command may leave to others; `exporter` is all of them. */
export type LaneChoice = Lane | 'exporter';
export const isExporterLane = (lane: Lane): lane is ExporterLane => lane.startsWith('exporter ');
export const exporterLane = (container: string): ExporterLane => `exporter ${container}`;
export const isChosen = (lane: Lane, chosen: readonly LaneChoice[]): boolean =>
  chosen.includes(lane) || (isExporterLane(lane) && chosen.includes('exporter'));

export type Operation<K extends OperationKind = OperationKind> = {
  [Kind in K]: { kind: Kind; lane: Lane; cause: string } & OperationKinds[Kind];
}[K];

export interface Plan {
  operations: Operation[];
  /** What the user should know, though nothing is done about it. */
  notices: string[];
}

type Describer<K extends OperationKind> = (operation: Operation<K>) => string;

const describers: { [K in OperationKind]: Describer<K> } = {
  pullImage: (o) => `pull image ${o.image}`,
  createNetwork: (o) => `create network ${o.name}`,
  createVolume: (o) => `create volume ${o.name}`,
  checkConfig: (o) => `check prometheus.yml with promtool in ${'container' in o ? o.container : o.image}`,
  createContainer: (o) => `create container ${o.spec.name}`,
  stopContainer: (o) => `stop container ${o.container}`,
  removeContainer: (o) => `remove container ${o.container}`,
  connectNetwork: (o) => `connect ${o.container} to network ${o.network}`,
  disconnectNetwork: (o) => `disconnect ${o.container} from network ${o.network}`,
  putFiles: (o) => `put ${o.files.map((f) => f.path).join(', ')} into ${o.container}`,
  startContainer: (o) => `start container ${o.container}`,
  reloadConfig: (o) => `reload ${o.container}`,
  awaitReady: (o) => `wait until ${o.container} is ready`,
  awaitConfig: (o) => `compare what ${o.container} has loaded with what was rendered`,
  removeNetwork: (o) => `remove network ${o.name}`,
  removeVolume: (o) => `remove volume ${o.name}`,
};

/** What an operation does, for a person: `create network monitoring`. */
export const describe = <K extends OperationKind>(operation: Operation<K>): string => {
  const describer: Describer<K> = describers[operation.kind];
  return describer(operation);
};

/** Kinds that alter nothing: a plan of these alone is a plan that changes nothing. */
const WAITS: ReadonlySet<OperationKind> = new Set(['awaitReady', 'awaitConfig']);

export const changesSomething = (operation: Operation): boolean => !WAITS.has(operation.kind);
