import { SERVERS } from '../config/servers.ts';
import { isCalled } from '../detect/reach.ts';
import type { Container, Network } from '../docker/engine.ts';
import type { LookedAtDashboards, Problem } from '../grafana/dashboard-model.ts';
import type { ObservedGrafana } from '../grafana/model.ts';
import { reconcileDatasource } from '../grafana/reconcile.ts';
import { reconcileDashboards } from '../grafana/reconcile-dashboards.ts';
import { isOfStack, LABEL, type Role } from './labels.ts';
import type { DesiredContainer, DesiredStack, PullPolicy, SeenGrafana, Snapshot } from './model.ts';
import { isChosen, type Operation, type PartChoice, type Plan, planOf } from './operations.ts';
import { existingOf, reconcileContainer } from './reconcile-container.ts';
import { refuseBusyPorts, refuseForeignContainers, refuseInternalNetwork, refusePulls } from './refusals.ts';

export interface ReconcileOptions {
  pull: PullPolicy;
  /** Roles whose containers are restarted even where nothing else is to be done. */
  restart?: readonly Role[];
  /** The parts of the stack that are looked after; absent: all. */
  only?: readonly PartChoice[];
  /** Whether dashboards that were edited in Grafana are written over. */
  overwrite?: boolean;
}

/**
 * What has to be done so that the engine and Grafana match. Pure: the same input gives the same plan.
 * Fails with `name-taken`, `network-internal`, `port-in-use`, `image-missing` or one of `reconcileDatasource`'s codes before anything is changed.
 */
export const reconcile = (desired: DesiredStack, snapshot: Snapshot, options: ReconcileOptions): Plan => {
  const { only = EVERYTHING } = options;
  refuseForeignContainers(desired, snapshot);
  refuseInternalNetwork(desired, snapshot);
  refuseBusyPorts(desired, snapshot);
  const network = networkOperations(desired, snapshot);
  // What a Grafana that cannot be asked yet has in its volume is compared once it is up.
  const content = only.includes('grafana') ? grafanaContent(desired, snapshot) : undefined;
  const grafana = content === undefined ? NOTHING : grafanaOperations(desired, content, options);
  const operations = [
    ...network.operations,
    ...strayContainers(desired, snapshot).map(
      (c): Operation => ({
        kind: 'removeContainer',
        part: 'stack',
        container: c.name,
        id: c.id,
        cause: 'it is no longer in monitor.yml',
      }),
    ),
    ...desired.containers.flatMap((c) => reconcileContainer(c, snapshot, options.restart ?? [])),
    ...grafana.operations,
  ].filter((o) => isChosen(o.part, only));
  if (options.pull === 'never') refusePulls(operations);
  const notices = [
    ...network.notices,
    ...desired.containers.flatMap((c) => volumeNotices(c, desired, snapshot)),
    ...namesakeNotices(desired, snapshot),
    ...grafana.notices,
  ];
  return planOf(operations, notices, grafana.problems);
};

const EVERYTHING: readonly PartChoice[] = ['stack', ...SERVERS, 'exporter'];

interface Proposal {
  operations: Operation[];
  notices: string[];
  problems: Problem[];
}

const NOTHING: Proposal = { operations: [], notices: [], problems: [] };

/** What a Grafana has; without `dashboards`: they were not looked at yet. */
type GrafanaContent = Pick<SeenGrafana, 'dashboards'> & { resources: ObservedGrafana };

/** What has to be done in a Grafana with this content. Pure. */
export const grafanaOperations = (
  { grafana }: DesiredStack,
  { resources, dashboards }: GrafanaContent,
  { overwrite }: Pick<ReconcileOptions, 'overwrite'>,
): Proposal => {
  const datasource = reconcileDatasource(grafana.datasource, resources);
  const boards = dashboards === undefined ? NOTHING : dashboardOperations(dashboards, overwrite);
  return {
    operations: [...datasource.operations.map((o): Operation => ({ ...o, part: 'grafana' })), ...boards.operations],
    notices: [...datasource.notices, ...boards.notices],
    problems: boards.problems,
  };
};

/** What has to be done to Grafana's dashboards. Pure. */
export const dashboardOperations = (
  { desired, observed, problems, notices }: LookedAtDashboards,
  overwrite = false,
): Proposal => {
  const plan = reconcileDashboards(desired, observed, { overwrite });
  return {
    operations: plan.operations.map((o) => ({
      ...o,
      part: o.kind === 'createFolder' ? 'dashboards' : `dashboard ${o.uid}`,
    })),
    notices: [...notices, ...plan.notices],
    problems: [...problems, ...plan.problems],
  };
};

/** What the Grafana has that will run; `undefined` where that is not known before it does. Pure. */
export const grafanaContent = (desired: DesiredStack, snapshot: Snapshot): GrafanaContent | undefined => {
  const wanted = desired.containers.find((c) => c.role === 'grafana');
  const volume = wanted?.spec.mounts[0]?.volume ?? '';
  if (!snapshot.volumes.has(volume)) return { resources: { ours: undefined, others: [] } };
  const existing = wanted && existingOf(wanted, snapshot);
  const keepsVolume = existing?.mounts.some((m) => m.name === volume) === true;
  const { resources, dashboards } = snapshot.grafana ?? {};
  return keepsVolume && resources !== undefined ? { resources, dashboards } : undefined;
};

const networkOperations = ({ network, name }: DesiredStack, snapshot: Snapshot): Omit<Proposal, 'problems'> => {
  const called = snapshot.networks.filter((n) => n.name === network.name);
  const foreign = called.find((n) => !isOfStack(n, name));
  const used = foreign ?? called.find((n) => isInUse(n, snapshot)) ?? called[0];
  const surplus = called.filter((n) => n !== used && isOfStack(n, name));
  const notice = `network ${network.name} was not created by this stack: it is used, and never removed`;
  return {
    operations:
      used === undefined
        ? [{ kind: 'createNetwork', part: 'stack', ...network, cause: 'it does not exist' }]
        : surplus.map(removalOfNamesake),
    notices: foreign === undefined ? [] : [notice],
  };
};

const isInUse = ({ id }: Network, { containers }: Snapshot): boolean =>
  containers.some((c) => c.state === 'running' && c.networks.some((n) => n.networkId === id));

/** Engines before API 1.44 make two where two processes ask at the same time, and then refuse either by its name. */
const removalOfNamesake = ({ name, id }: Network): Operation => ({
  kind: 'removeNetwork',
  part: 'stack',
  name,
  id,
  cause: 'another network has the same name',
});

const volumeNotices = ({ spec }: DesiredContainer, { name }: DesiredStack, { volumes }: Snapshot): string[] =>
  spec.mounts.flatMap(({ volume }) => {
    const found = volumes.get(volume);
    return found === undefined || isOfStack(found, name)
      ? []
      : [`volume ${volume} was not created by this stack: it is used with what is in it, and never removed`];
  });

/** Grafana asks for `prometheus` on the stack's network: another container of that name may answer instead. */
const namesakeNotices = ({ name, network }: DesiredStack, snapshot: Snapshot): string[] =>
  snapshot.containers
    .filter((c) => !isOfStack(c, name) && c.state === 'running' && isCalledPrometheus(c, network.name, snapshot))
    .map(
      (c) =>
        `container ${c.name} also has the name "prometheus" on network ${network.name}, so that Grafana may reach it instead: disconnect it from that network, or set another \`network\` in monitor.yml`,
    );

const isCalledPrometheus = (container: Container, network: string, { aliases }: Snapshot): boolean => {
  if (!container.networks.some((n) => n.name === network)) return false;
  const known = aliases.get(container.id)?.some((a) => a.network === network && a.alias === 'prometheus');
  return isCalled(container, 'prometheus') || known === true;
};

const strayContainers = (desired: DesiredStack, snapshot: Snapshot): Container[] => {
  const wanted = new Set(desired.containers.map((c) => existingOf(c, snapshot)?.id));
  const isSpared = (c: Container): boolean => desired.spared.includes(c.labels[LABEL.exporter] ?? '');
  return snapshot.containers.filter((c) => isOfStack(c, desired.name) && !wanted.has(c.id) && !isSpared(c));
};
