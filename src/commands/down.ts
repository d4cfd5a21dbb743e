import { type Container, EngineError, type Network } from '../docker/engine.ts';
import { MonitorError } from '../errors.ts';
import type { DownReport } from '../output/report.ts';
import { STOP_GRACE_SECONDS } from '../stack/apply.ts';
import { isOfStack, LABEL, stackFilter } from '../stack/labels.ts';
import type { Deps } from './deps.ts';
import { exclusively, type Session, withSession } from './session.ts';

export interface DownOptions {
  volumes: boolean;
  yes: boolean;
}

/** How long to wait for another monitor on this stack; milliseconds. */
const LOCK_MS = 60_000;

/** Removes what is the stack's: its containers and its network; its volumes only where that is asked for and confirmed. */
export const runDown = (deps: Deps, options: DownOptions): Promise<DownReport> =>
  withSession(deps, (session) => {
    return exclusively(session, LOCK_MS, async () => {
      const volumes = options.volumes ? await confirmedVolumes(session, options.yes) : [];
      const containers = await removeContainers(session);
      const networks = await removeNetworks(session);
      const removedVolumes: string[] = [];
      for (const name of volumes) {
        await inStep(session, `remove volume ${name}`, () => session.engine.removeVolume(name));
        removedVolumes.push(`volume ${name}`);
      }
      return {
        kind: 'down',
        stack: session.loaded.config.name,
        removed: [...containers, ...networks.removed, ...removedVolumes],
        kept: [...networks.kept, ...(await keptVolumes(session, volumes))],
        notices: networks.notices,
      };
    });
  });

const inStep = async (session: Session, label: string, work: () => Promise<void>): Promise<void> => {
  session.deps.signal.throwIfAborted();
  const step = session.deps.reporter.start(label);
  try {
    await work();
    step.done();
  } catch (error) {
    step.failed();
    throw error;
  }
};

/** Asked before anything is removed. */
const confirmedVolumes = async ({ engine, loaded, deps }: Session, yes: boolean): Promise<string[]> => {
  const volumes = (await engine.listVolumes(stackFilter(loaded.config.name))).map((v) => v.name).sort();
  if (volumes.length === 0 || yes) return volumes;
  const question = `Remove ${volumes.join(' and ')}, with every metric and dashboard stored in them?`;
  if (deps.confirm === undefined) {
    throw new MonitorError({
      code: 'confirmation-needed',
      message: `\`monitor down --volumes\` removes ${volumes.join(' and ')} for good, and has to be confirmed`,
      detail: ['it asks only at a terminal, and not with --json'],
      suggestion: 'add --yes to confirm',
      exitCode: 2,
    });
  }
  if (await deps.confirm(question)) return volumes;
  throw new MonitorError({
    code: 'declined',
    message: 'Nothing was removed',
    suggestion: '`monitor down` without --volumes keeps the data',
  });
};

const removeContainers = async (session: Session): Promise<string[]> => {
  const { engine, loaded } = session;
  const containers = await engine.listContainers(stackFilter(loaded.config.name));
  await Promise.all(
    containers.map((c) =>
      inStep(session, `remove container ${c.name}`, async () => {
        if (c.labels[LABEL.role] === 'prometheus') await engine.stopContainer(c.id, STOP_GRACE_SECONDS);
        else await engine.stopContainer(c.id, 5);
        await engine.removeContainer(c.id);
      }),
    ),
  );
  return containers.map((c) => `container ${c.name}`);
};

interface NetworkOutcome {
  removed: string[];
  kept: string[];
  notices: string[];
}

const removeNetworks = async (session: Session): Promise<NetworkOutcome> => {
  const { engine, loaded } = session;
  const { name, network } = loaded.config;
  const [networks, containers] = await Promise.all([engine.listNetworks(), engine.listContainers()]);
  const outcome: NetworkOutcome = { removed: [], kept: [], notices: [] };
  for (const ours of networks.filter((n) => isOfStack(n, name))) {
    const users = usersOf(ours, containers);
    if (users.length > 0) {
      outcome.kept.push(`network ${ours.name}`);
      outcome.notices.push(
        `network ${ours.name} stays: ${users.join(', ')} ${users.length === 1 ? 'is' : 'are'} on it`,
      );
      continue;
    }
    await inStep(session, `remove network ${ours.name}`, () => engine.removeNetwork(ours.id).catch(ignoreGone));
    outcome.removed.push(`network ${ours.name}`);
  }
  if (networks.some((n) => n.name === network && !isOfStack(n, name))) {
    outcome.kept.push(`network ${network} (not of this stack)`);
  }
  return outcome;
};

/**
 * The users' containers on a network of ours: their attachment is theirs. Stopped ones too, which the engine does not
 * count when it removes a network, and which could not be started again without it.
 */
const usersOf = (network: Network, containers: readonly Container[]): string[] =>
  containers
    .filter((c) => c.networks.some((n) => (n.networkId === '' ? n.name === network.name : n.networkId === network.id)))
    .map((c) => c.name);

const ignoreGone = (error: unknown): void => {
  if (!(error instanceof EngineError && error.status === 404)) throw error;
};

const keptVolumes = async ({ engine, loaded }: Session, removed: readonly string[]): Promise<string[]> => {
  const { prometheus, grafana, name } = loaded.config;
  const found = await Promise.all([prometheus.volume, grafana.volume].map((v) => engine.inspectVolume(v)));
  return found.flatMap((v) =>
    v === undefined || removed.includes(v.name)
      ? []
      : [`volume ${v.name}${isOfStack(v, name) ? '' : ' (not of this stack)'}`],
  );
};
