import type { MonitorConfig } from '../config/model.ts';
import type { Container, Network, Volume } from '../docker/engine.ts';
import { MonitorError } from '../errors.ts';
import { isOfStack, LABEL } from './labels.ts';
import type { Operation, Plan, Planned } from './operations.ts';
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

/** Grafana and exporters have nothing to flush. */
const SHORT_GRACE_SECONDS = 5;

/**
 * What removes a stack: its containers, then its network; with `volumes`, its volumes too. `kept`: what stays, for a person.
 * Pure. Fails with `volume-in-use` where another container has a volume that is to be removed.
 */
export const planDown = (
  config: MonitorConfig,
  seen: SeenDown,
  { volumes }: { volumes: boolean },
): { plan: Plan; kept: string[] } => {
  const { name, network } = config;
  const containers = seen.containers.filter((c) => isOfStack(c, name));
  const networks = seen.networks
    .filter((n) => isOfStack(n, name))
    .map((n) => ({ ...n, users: usersOf(n, seen.containers, name) }));
  const used = networks.filter((n) => n.users.length > 0);
  const foreign = seen.networks.filter((n) => n.name === network && !isOfStack(n, name));
  const gone = volumes ? seen.volumes : [];
  refuseUsedVolumes(
    gone,
    seen.containers.filter((c) => !isOfStack(c, name)),
  );
  const operations: Operation[] = [
    ...containers.flatMap(removal),
    ...networks
      .filter((n) => !used.includes(n))
      .map((n): Operation => ({ kind: 'removeNetwork', part: 'stack', name: n.name, id: n.id, cause: 'down' })),
    ...gone.map((v): Operation => ({ kind: 'removeVolume', part: 'stack', name: v.name, cause: '--volumes' })),
  ];
  const notices = used.map(
    ({ name, users }) =>
      `network ${name} is kept: ${users.join(', ')} ${users.length === 1 ? 'is' : 'are'} connected to it`,
  );
  return {
    plan: { operations: inOrder(operations), notices, problems: [] },
    kept: [
      ...used.map((n) => `network ${n.name}`),
      ...foreign.map((n) => `network ${n.name} (not created by this stack)`),
      ...seen.named
        .filter((v) => !gone.some((g) => g.name === v.name))
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
const inOrder = (operations: readonly Operation[]): Planned[] => {
  const removals = operations.flatMap((o, n) => (o.kind === 'removeContainer' ? [n] : []));
  const needsOf = ({ kind }: Operation, index: number): number[] => {
    if (kind === 'stopContainer') return [];
    return kind === 'removeContainer' ? [index - 1] : removals;
  };
  return operations.map((o, n) => ({ ...o, needs: needsOf(o, n) }));
};

/**
 * The users' containers on a network of ours: their attachment is theirs. Stopped ones too, which the engine does not
 * count when it removes a network, and which could not be started again without it.
 */
const usersOf = (network: Network, containers: readonly Container[], stack: string): string[] =>
  containers
    .filter((c) => !isOfStack(c, stack))
    .filter((c) => c.networks.some((n) => (n.networkId === '' ? n.name === network.name : n.networkId === network.id)))
    .map((c) => c.name);

/** Stopped containers too: the engine removes no volume that one of them has. */
const refuseUsedVolumes = (volumes: readonly Volume[], others: readonly Container[]): void => {
  for (const { name } of volumes) {
    const users = others.filter((c) => c.mounts.some((m) => m.name === name)).map((c) => c.name);
    if (users.length === 0) continue;
    throw new MonitorError({
      code: 'volume-in-use',
      message: `Volume ${name} cannot be removed: it is in use by container ${users.join(' and ')}`,
      suggestion: `remove the container first (\`docker rm -f ${users.join(' ')}\`), or keep the data with \`monitor down\``,
    });
  }
};
