import type { MonitorConfig } from '../config/model.ts';
import type { Container, Network, Volume } from '../docker/engine.ts';
import { isOfStack, LABEL } from './labels.ts';
import type { Operation, Plan } from './operations.ts';
import { STOP_GRACE_SECONDS } from './reconcile-container.ts';

/** What the engine has when a stack goes. */
export interface SeenDown {
  containers: readonly Container[];
  networks: readonly Network[];
  /** Those of the stack. */
  volumes: readonly Volume[];
  /** Those that monitor.yml names, as far as they exist. */
  named: readonly Volume[];
}

export interface PlannedDown {
  plan: Plan;
  /** What stays, for a person. */
  kept: string[];
}

/** Grafana and exporters have nothing to flush. */
const SHORT_GRACE_SECONDS = 5;

/** What removes a stack: its containers, then its network; with `volumes`, its volumes too. Pure. */
export const planDown = (config: MonitorConfig, seen: SeenDown, { volumes }: { volumes: boolean }): PlannedDown => {
  const { name, network } = config;
  const containers = seen.containers.filter((c) => isOfStack(c, name));
  const networks = seen.networks
    .filter((n) => isOfStack(n, name))
    .map((n) => ({ ...n, users: usersOf(n, seen.containers, name) }));
  const foreign = seen.networks.filter((n) => n.name === network && !isOfStack(n, name));
  const removedVolumes = volumes ? seen.volumes : [];
  const operations: Operation[] = [
    ...containers.flatMap((c) => removal(c)),
    ...networks
      .filter((n) => n.users.length === 0)
      .map((n) => ({ kind: 'removeNetwork', part: 'stack', name: n.name, id: n.id, cause: 'down' }) as const),
    ...removedVolumes.map((v) => ({ kind: 'removeVolume', part: 'stack', name: v.name, cause: '--volumes' }) as const),
  ];
  return {
    plan: inOrder(
      operations,
      networks.filter((n) => n.users.length > 0).map((n) => inUse(n.name, n.users)),
    ),
    kept: [
      ...networks.filter((n) => n.users.length > 0).map((n) => `network ${n.name}`),
      ...foreign.map((n) => `network ${n.name} (not created by this stack)`),
      ...seen.named
        .filter((v) => !removedVolumes.some((r) => r.name === v.name))
        .map((v) => `volume ${v.name}${isOfStack(v, name) ? '' : ' (not created by this stack)'}`),
    ],
  };
};

const removal = ({ name, id, labels }: Container): Operation[] => {
  const graceSeconds = labels[LABEL.role] === 'prometheus' ? STOP_GRACE_SECONDS : SHORT_GRACE_SECONDS;
  const common = { part: 'stack', container: name, cause: 'down' } as const;
  return [
    { kind: 'stopContainer', graceSeconds, ...common },
    { kind: 'removeContainer', id, ...common },
  ];
};

/** Containers side by side, then what they use. */
const inOrder = (operations: readonly Operation[], notices: string[]): Plan => {
  const removals = operations.flatMap((o, n) => (o.kind === 'removeContainer' ? [n] : []));
  const needs: Partial<Record<Operation['kind'], (index: number) => number[]>> = {
    stopContainer: () => [],
    removeContainer: (index) => [index - 1],
  };
  return {
    operations: operations.map((o, n) => ({ ...o, needs: needs[o.kind]?.(n) ?? removals })),
    notices,
    problems: [],
  };
};

const inUse = (network: string, users: readonly string[]): string =>
  `network ${network} is kept: ${users.join(', ')} ${users.length === 1 ? 'is' : 'are'} connected to it`;

/**
 * The users' containers on a network of ours: their attachment is theirs. Stopped ones too, which the engine does not
 * count when it removes a network, and which could not be started again without it.
 */
const usersOf = (network: Network, containers: readonly Container[], stack: string): string[] =>
  containers
    .filter((c) => !isOfStack(c, stack))
    .filter((c) => c.networks.some((n) => (n.networkId === '' ? n.name === network.name : n.networkId === network.id)))
    .map((c) => c.name);
