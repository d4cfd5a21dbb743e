import { isCalled, PROMETHEUS_ALIAS } from '../detect/reach.ts';
import type { Container, Network } from '../docker/engine.ts';
import { isOfStack, LABEL, type Role } from './labels.ts';
import type { Operation, Plan } from './operation.ts';
import { existingOf, planContainer } from './plan-container.ts';
import { refuseBusyPorts, refuseForeignContainers, refusePulls } from './refusals.ts';
import type { DesiredContainer, DesiredStack, ObservedEngine, PullPolicy } from './types.ts';

export interface PlanOptions {
  pull: PullPolicy;
  /** Roles whose containers are restarted even where nothing else is to be done. */
  restart?: readonly Role[];
}

/**
 * What has to be done so that the engine matches. Pure: the same input gives the same plan.
 * Fails with `name-taken`, `port-in-use` or `image-missing` before anything is changed.
 */
export const planStack = (desired: DesiredStack, observed: ObservedEngine, options: PlanOptions): Plan => {
  refuseForeignContainers(desired, observed);
  refuseBusyPorts(desired, observed);
  const network = planNetwork(desired, observed);
  const operations = [
    ...network.operations,
    ...strayContainers(desired, observed).map(
      (c): Operation => ({
        kind: 'removeContainer',
        lane: 'stack',
        container: c.name,
        id: c.id,
        cause: 'monitor.yml names no such container any more',
      }),
    ),
    ...desired.containers.flatMap((c) => planContainer(c, desired, observed, options.restart ?? [])),
  ];
  if (options.pull === 'never') refusePulls(operations);
  return {
    operations,
    notices: [
      ...network.notices,
      ...desired.containers.flatMap((c) => volumeNotices(c, desired, observed)),
      ...namesakeNotices(desired, observed),
    ],
  };
};

/** The network to use, and how to get there. */
interface NetworkPlan extends Plan {
  /** Those that are there and stay. */
  networks: Network[];
}

const planNetwork = ({ network, name }: DesiredStack, observed: ObservedEngine): NetworkPlan => {
  const called = observed.networks.filter((n) => n.name === network.name);
  const foreign = called.find((n) => !isOfStack(n, name));
  const used = foreign ?? called.find((n) => isInUse(n, observed)) ?? called[0];
  const surplus = called.filter((n) => n !== used && isOfStack(n, name));
  const create: Operation = { kind: 'createNetwork', lane: 'stack', ...network, cause: 'it does not exist' };
  return {
    networks: observed.networks.filter((n) => !surplus.includes(n)),
    operations: used === undefined ? [create] : surplus.map(removalOfNamesake),
    notices:
      foreign === undefined ? [] : [`network ${network.name} is not of this stack: it is used, and never removed`],
  };
};

const isInUse = ({ id }: Network, { containers }: ObservedEngine): boolean =>
  containers.some((c) => c.state === 'running' && c.networks.some((n) => n.networkId === id));

/** Engines before API 1.44 make two where two processes ask at the same time, and then refuse either by its name. */
const removalOfNamesake = ({ name, id }: Network): Operation => ({
  kind: 'removeNetwork',
  lane: 'stack',
  name,
  id,
  cause: 'another network has the same name',
});

const volumeNotices = ({ spec }: DesiredContainer, { name }: DesiredStack, { volumes }: ObservedEngine): string[] =>
  spec.mounts.flatMap(({ volume }) => {
    const found = volumes.get(volume);
    return found === undefined || isOfStack(found, name)
      ? []
      : [`volume ${volume} is not of this stack: it is used with what is in it, and never removed`];
  });

/** Grafana asks for `prometheus` on the stack's network: whoever else is called so there may answer in its place. */
const namesakeNotices = ({ name, network }: DesiredStack, observed: ObservedEngine): string[] =>
  observed.containers
    .filter((c) => !isOfStack(c, name) && c.state === 'running' && isCalledPrometheus(c, network.name, observed))
    .map(
      (c) =>
        `container ${c.name} is known as "${PROMETHEUS_ALIAS}" on network ${network.name} too, so Grafana may be led to it: take it off that network, or set another \`network\` in monitor.yml`,
    );

const isCalledPrometheus = (container: Container, network: string, { aliases }: ObservedEngine): boolean => {
  if (!container.networks.some((n) => n.name === network)) return false;
  const known = aliases.get(container.id)?.some((a) => a.network === network && a.alias === PROMETHEUS_ALIAS);
  return isCalled(container, PROMETHEUS_ALIAS) || known === true;
};

const strayContainers = (desired: DesiredStack, observed: ObservedEngine): Container[] => {
  const wanted = new Set(desired.containers.map((c) => existingOf(c, desired.name, observed)?.id));
  const isSpared = (c: Container): boolean => desired.spared.includes(c.labels[LABEL.exporter] ?? '');
  return observed.containers.filter((c) => isOfStack(c, desired.name) && !wanted.has(c.id) && !isSpared(c));
};
