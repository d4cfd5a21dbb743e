import { type ContainerFile, type Engine, EngineError } from '../docker/engine.ts';
import { isGone, networkRefusal } from '../docker/refusals.ts';
import { MonitorError } from '../errors.ts';
import { checkInContainer, checkWithImage } from '../prometheus/check.ts';
import type { ExecuteContext } from './context.ts';
import { stackLabels } from './labels.ts';
import type { StackFile } from './model.ts';
import type { Operation, OperationKind } from './operations.ts';
import { NetworkRefused } from './outdated.ts';
import type { Step } from './progress.ts';
import { isHeldBy, portInUse, publishedPorts } from './refusals.ts';
import { awaitConfig, awaitReady } from './waits.ts';

type Performer<K extends OperationKind> = (
  operation: Operation<K>,
  context: ExecuteContext,
  update: Step['update'],
) => Promise<void>;

/** Does one operation. Fails as its call does. */
export const perform = <K extends OperationKind>(
  operation: Operation<K>,
  context: ExecuteContext,
  update: Step['update'],
): Promise<void> => {
  const performer: Performer<K> = PERFORMERS[operation.kind];
  return performer(operation, context, update);
};

/** One for each kind: the compiler refuses a kind without. */
const PERFORMERS: { [K in OperationKind]: Performer<K> } = {
  pullImage: ({ image }, { engine, signal }, update) =>
    engine.pullImage(image, (p) => update(pullText(p.receivedBytes, p.totalBytes)), signal),
  createNetwork: async ({ name, labels }, { engine }) => {
    await engine.createNetwork(name, labels).catch((error: unknown) => {
      if (!(error instanceof EngineError)) throw error;
      // Another process created it in the meantime: it is there, which is all that was wanted.
      if (error.status !== 409) throw notCreated(name, error);
    });
  },
  createVolume: ({ name, labels }, { engine }) => engine.createVolume(name, labels),
  checkConfig: (operation, { engine, loaded, signal }) =>
    'container' in operation
      ? checkInContainer(engine, operation.container, operation.text)
      : checkWithImage(engine, { ...operation, labels: stackLabels(loaded.config.name) }, signal),
  createContainer: async ({ spec }, { engine }) => {
    await engine.createContainer(spec);
  },
  stopContainer: ({ container, graceSeconds }, { engine }) => engine.stopContainer(container, graceSeconds),
  removeContainer: ({ id }, { engine }) => engine.removeContainer(id),
  connectNetwork: async ({ part, container, network, aliases }, { engine }) => {
    try {
      await engine.connectNetwork(network, container, aliases);
    } catch (error) {
      const isRefused = error instanceof EngineError && !isGone(error) && part === 'prometheus';
      throw isRefused ? new NetworkRefused(network, error) : error;
    }
  },
  disconnectNetwork: ({ container, network }, { engine }) => engine.disconnectNetwork(network, container),
  putFiles: async ({ container, files }, { engine }) => {
    const secret = files.some((file) => file.secret);
    const user = secret ? ((await engine.inspectContainer(container))?.user ?? '') : '';
    await engine.putFiles(
      container,
      files.map((file) => ownedFile(file, user)),
    );
  },
  startContainer: (operation, context) => start(operation, context),
  reloadConfig: ({ container }, { engine }) => hangUp(engine, container),
  awaitReady,
  awaitConfig,
  removeNetwork: ({ id }, { engine }) => engine.removeNetwork(id),
  removeVolume: ({ name }, { engine }) => engine.removeVolume(name),
  createDatasource: async ({ datasource }, { grafana }) => (await grafana()).createDatasource(datasource),
  updateDatasource: async ({ current, datasource }, { grafana }) =>
    (await grafana()).updateDatasource(current, datasource),
  createFolder: async ({ folder }, { grafana }) => (await grafana()).createFolder(folder),
  saveDashboard: async (operation, { grafana }) => {
    await (await grafana()).saveDashboard(operation);
  },
  deleteDashboard: async ({ uid }, { grafana }) => (await grafana()).deleteDashboard(uid),
};

/**
 * From inside where the image has a shell: a container with `unless-stopped` to which the engine has sent any signal is not
 * started again after a crash, or with the engine (https://github.com/moby/moby/issues/41302).
 */
const hangUp = async (engine: Engine, container: string): Promise<void> => {
  const { exitCode } = await engine.exec(container, ['sh', '-c', 'kill -HUP 1']);
  if (exitCode !== 0) await engine.killContainer(container, 'SIGHUP');
};

/** Whatever the status says: Docker 20.10 answers 404 where it has no address range left. */
const notCreated = (network: string, error: EngineError): MonitorError => {
  const refusal = networkRefusal(error.message);
  return new MonitorError({
    code: refusal ?? 'network-refused',
    message: `The engine cannot create network ${network}`,
    detail: [error.message],
    suggestion:
      refusal === 'no-address-range'
        ? 'remove the networks that nothing uses (`docker network prune`), or set `network` in monitor.yml to one that exists, then run `monitor up` again'
        : 'fix what it reports, then run `monitor up` again',
    cause: error,
  });
};

const MIB = 1024 * 1024;
const pullText = (received: number, total: number): string =>
  total > 0 ? `${Math.round(received / MIB)} of ${Math.round(total / MIB)} MiB` : `${Math.round(received / MIB)} MiB`;

/** A secret belongs to the container's numeric user; where that is a name, every user in the container may read it. */
const ownedFile = ({ path, content, secret, modified }: StackFile, user: string): ContainerFile => {
  const [, uid] = /^(\d+)(?::\d+)?$/.exec(user || '0') ?? [];
  if (!secret) return { path, content, mode: 0o644, uid: 0, gid: 0, modified };
  return uid === undefined
    ? { path, content, mode: 0o444, uid: 0, gid: 0 }
    : { path, content, mode: 0o400, uid: Number(uid), gid: 0 };
};

const PORT_TAKEN = /port is already allocated|address already in use|failed to bind host port/i;

const start = async (
  { role, container, port }: Operation<'startContainer'>,
  { engine }: ExecuteContext,
): Promise<void> => {
  try {
    await engine.startContainer(container);
  } catch (error) {
    if (!(error instanceof EngineError) || !PORT_TAKEN.test(error.message) || port === undefined) throw error;
    // It never ran: left behind, it would hold its name and nothing else.
    await engine.removeContainer(container);
    const others = await engine.listContainers();
    const { bind, host } = port;
    const holder = others.find((c) => c.ports.some((p) => isHeldBy(p, bind, host)))?.name;
    throw portInUse({ role, bind, host, holder, taken: publishedPorts(others) });
  }
};
