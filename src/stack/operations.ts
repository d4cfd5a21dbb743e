import type { Server } from '../config/servers.ts';
import type { CreateContainer, Labels } from '../docker/engine.ts';
import type { Problem } from '../grafana/dashboard-model.ts';
import type { GrafanaOperationArguments } from '../grafana/model.ts';
import type { DashboardOperationArguments } from '../grafana/reconcile-dashboards.ts';
import type { Role } from './labels.ts';
import type { StackFile } from './model.ts';

/** What can be done to the engine and to Grafana: each kind is one call, or one wait. */
export interface OperationKinds extends GrafanaOperationArguments, DashboardOperationArguments {
  pullImage: { image: string };
  createNetwork: { name: string; labels: Labels };
  createVolume: { name: string; labels: Labels };
  /** By promtool in a container that runs, or in a throwaway one of `image` with the `mounts` that exist already. */
  checkConfig: { text: string; container: string } | { text: string; image: string; mounts: CreateContainer['mounts'] };
  createContainer: { role: Role; spec: CreateContainer };
  /** `graceSeconds`: from SIGTERM to SIGKILL. */
  stopContainer: { container: string; graceSeconds: number };
  removeContainer: { container: string; id: string };
  connectNetwork: { container: string; network: string; aliases: readonly string[] };
  disconnectNetwork: { container: string; network: string };
  putFiles: { container: string; files: readonly StackFile[] };
  startContainer: { role: Role; container: string; port: CreateContainer['ports'][number] | undefined };
  /** SIGHUP. */
  reloadConfig: { container: string };
  /** `wasRunning`: no operation starts it, since the look found it running. */
  awaitReady: { role: Role; container: string; wasRunning?: true };
  /** Until Prometheus reports this text as the one it has loaded. */
  awaitConfig: { container: string; text: string };
  removeNetwork: { name: string; id: string };
  removeVolume: { name: string };
}

export type OperationKind = keyof OperationKinds;

/** The part of the stack that an operation belongs to; `stack` is what all parts share. */
export type Part = 'stack' | Server | ExporterPart | DashboardPart;
/** Each exporter is a part of its own, by its container's name. */
export type ExporterPart = `exporter ${string}`;
/** Each dashboard is one too, by its uid, and so is their folder. */
export type DashboardPart = 'dashboards' | `dashboard ${string}`;

/** What a command may leave to others; `exporter` is all of them, `grafana` has the dashboards. */
export type PartChoice = Part | 'exporter';
export const isDashboardPart = (part: Part): part is DashboardPart => part.startsWith('dashboard');
/** What fails in such a part stops nothing but what needs it. */
export const standsAlone = (part: Part): boolean => isExporterPart(part) || isDashboardPart(part);
export const isExporterPart = (part: Part): part is ExporterPart => part.startsWith('exporter ');
export const exporterPart = (container: string): ExporterPart => `exporter ${container}`;
export const isChosen = (part: Part, chosen: readonly PartChoice[]): boolean =>
  chosen.includes(part) ||
  (isExporterPart(part) && chosen.includes('exporter')) ||
  (isDashboardPart(part) && chosen.includes('grafana'));

/** What is done, and why. */
export type Action<K extends OperationKind = OperationKind> = {
  [Kind in K]: { kind: Kind; cause: string } & OperationKinds[Kind];
}[K];

/** An action on a part of the stack. */
export type Operation<K extends OperationKind = OperationKind> = {
  [Kind in K]: { part: Part } & Action<Kind>;
}[K];

/** An operation of a plan, with the operations (by their index in the plan) that have to be done before it. */
export type Planned = Operation & { needs: readonly number[] };

export interface Plan {
  operations: readonly Planned[];
  /** What the user should know, though nothing is done about it. */
  notices: string[];
  /** What cannot be done: the rest is. */
  problems: readonly Problem[];
}

/**
 * Says of each operation what it has to wait for; everything else runs side by side. Pure.
 * Operations of one part follow each other, after those of `stack`. What fails without harm comes first: images are pulled
 * before anything is made, and a configuration is checked before any container is stopped. An exporter holds up no other part,
 * neither does a dashboard; it needs Grafana and its folder.
 */
export const planOf = (
  operations: readonly Operation[],
  notices: string[] = [],
  problems: readonly Problem[] = [],
): Plan => {
  const indices = (matches: (o: Operation) => boolean): number[] =>
    operations.flatMap((o, n) => (matches(o) ? [n] : []));
  const pulls = indices((o) => o.kind === 'pullImage' && !isExporterPart(o.part));
  const checks = indices((o) => o.kind === 'checkConfig');
  const shared = indices((o) => o.part === 'stack');
  const grafana = indices((o) => o.part === 'grafana');
  const folder = indices((o) => o.kind === 'createFolder');
  const needsOf = (operation: Operation, index: number): number[] => {
    const { kind, part } = operation;
    if (kind === 'pullImage') return [];
    const before = indices((o) => o.part === part).filter((n) => n < index);
    if (kind === 'checkConfig') return before.filter((n) => operations[n]?.kind === 'pullImage');
    return [
      ...before.slice(-1),
      ...(part === 'stack' ? [] : shared),
      ...(isExporterPart(part) ? [] : pulls),
      ...(isDashboardPart(part) ? [...grafana, ...folder] : []),
      ...(kind === 'stopContainer' || kind === 'removeContainer' ? checks : []),
    ];
  };
  return {
    operations: operations.map((o, n) => ({ ...o, needs: [...new Set(needsOf(o, n))].filter((need) => need !== n) })),
    notices,
    problems,
  };
};

/** Kinds that change nothing: a plan of these alone is a plan that changes nothing. */
const WAITS: ReadonlySet<OperationKind> = new Set(['awaitReady', 'awaitConfig']);

export const changesSomething = (operation: Operation): boolean => !WAITS.has(operation.kind);

interface Wording<K extends OperationKind> {
  /** What it is done to, as it is printed: `Container prometheus`. */
  resource: (operation: Operation<K>) => string;
  /** In the imperative, for a plan: `create`, which the resource follows, or all of it: `put a.yml into prometheus`. */
  text: string | ((operation: Operation<K>) => string);
  /** What the resource is when it is done: `Created`; absent where the operation is a step of another one. */
  done?: string | ((operation: Operation<K>) => string);
  /** What is done to it meanwhile; absent: as `done` has it, `Creating`. */
  doing?: (operation: Operation<K>) => string;
}

const pathsOf = ({ files }: Operation<'putFiles'>): string => files.map((f) => f.path).join(', ');
const container = (o: { container: string }): string => `Container ${o.container}`;
const network = (o: { network: string }): string => `Network ${o.network}`;
const datasource = (o: { datasource: { name: string } }): string => `Datasource ${o.datasource.name}`;
const dashboard = (o: { title: string }): string => `Dashboard ${o.title}`;

const WORDINGS: { [K in OperationKind]: Wording<K> } = {
  pullImage: { resource: (o) => `Image ${o.image}`, text: 'pull', done: 'Pulled' },
  createNetwork: { resource: (o) => `Network ${o.name}`, text: 'create', done: 'Created' },
  createVolume: { resource: (o) => `Volume ${o.name}`, text: 'create', done: 'Created' },
  checkConfig: {
    resource: () => 'Config prometheus.yml',
    text: (o) => `check prometheus.yml with promtool in ${'container' in o ? o.container : o.image}`,
    doing: () => 'Checking with promtool',
  },
  createContainer: { resource: (o) => `Container ${o.spec.name}`, text: 'create', done: 'Created' },
  stopContainer: { resource: container, text: 'stop', done: 'Stopped' },
  removeContainer: { resource: container, text: 'remove', done: 'Removed' },
  connectNetwork: {
    resource: network,
    text: (o) => `connect ${o.container} to network ${o.network}`,
    done: 'Connected',
    doing: (o) => `Connecting ${o.container}`,
  },
  disconnectNetwork: {
    resource: network,
    text: (o) => `disconnect ${o.container} from network ${o.network}`,
    done: 'Disconnected',
    doing: (o) => `Disconnecting ${o.container}`,
  },
  putFiles: {
    resource: container,
    text: (o) => `put ${pathsOf(o)} into ${o.container}`,
    doing: (o) => `Copying ${pathsOf(o)}`,
  },
  startContainer: { resource: container, text: 'start', done: 'Started' },
  reloadConfig: { resource: container, text: (o) => `reload ${o.container}`, done: 'Reloaded' },
  awaitReady: {
    resource: container,
    text: (o) => `wait until ${o.container} is ready`,
    doing: () => 'Waiting until it is ready',
  },
  awaitConfig: {
    resource: container,
    text: (o) => `wait until ${o.container} has loaded prometheus.yml`,
    doing: () => 'Waiting until it has loaded prometheus.yml',
  },
  removeNetwork: { resource: (o) => `Network ${o.name}`, text: 'remove', done: 'Removed' },
  removeVolume: { resource: (o) => `Volume ${o.name}`, text: 'remove', done: 'Removed' },
  createDatasource: { resource: datasource, text: 'create', done: 'Created' },
  updateDatasource: { resource: datasource, text: 'update', done: 'Updated' },
  createFolder: { resource: (o) => `Folder ${o.folder.title}`, text: 'create', done: 'Created' },
  saveDashboard: {
    resource: dashboard,
    text: (o) => `${o.replaces === undefined ? 'create' : 'update'} dashboard ${o.title}`,
    done: (o) => (o.replaces === undefined ? 'Created' : 'Updated'),
  },
  deleteDashboard: { resource: dashboard, text: 'remove', done: 'Removed' },
};

const wordingOf = <K extends OperationKind>({ kind }: Operation<K>): Wording<K> => WORDINGS[kind];

/** What an operation is done to, as it is printed: `Container prometheus`. */
export const resourceOf = <K extends OperationKind>(operation: Operation<K>): string =>
  wordingOf(operation).resource(operation);

/** What an operation does, for a person: `create network monitoring`. */
export const describe = <K extends OperationKind>(operation: Operation<K>): string => {
  const { text, resource } = wordingOf(operation);
  return typeof text === 'function' ? text(operation) : `${text} ${uncapitalized(resource(operation))}`;
};

const uncapitalized = (words: string): string => words.charAt(0).toLowerCase() + words.slice(1);

/** What is done to the resource while the operation runs: `Creating`. */
export const doingOf = <K extends OperationKind>(operation: Operation<K>): string =>
  wordingOf(operation).doing?.(operation) ?? doneOf(operation)?.replace(/ed$/, 'ing') ?? describe(operation);

/** An operation in a report. */
export interface OperationRow {
  /** `create network monitoring` */
  operation: string;
  /** `Network monitoring` */
  resource: string;
  cause: string;
}

export const operationRows = (operations: readonly Operation[]): OperationRow[] =>
  operations.map((o) => ({ operation: describe(o), resource: resourceOf(o), cause: o.cause }));

/**
 * What has happened to a resource once these operations on it are done: `Started`, `Recreated`; `undefined` where they change
 * nothing that is worth a line. Pure.
 */
export const outcomeOf = (operations: readonly Operation[]): string | undefined => {
  const kinds = new Set(operations.map((o) => o.kind));
  if (kinds.has('removeContainer') && kinds.has('createContainer')) return 'Recreated';
  if (kinds.has('stopContainer') && kinds.has('startContainer')) return 'Restarted';
  return operations.flatMap((o) => doneOf(o) ?? []).at(-1);
};

const doneOf = <K extends OperationKind>(operation: Operation<K>): string | undefined => {
  const { done } = wordingOf(operation);
  return typeof done === 'function' ? done(operation) : done;
};
