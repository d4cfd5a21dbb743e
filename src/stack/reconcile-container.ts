import type { Container, ContainerDetail, FileStat, Network, NetworkAttachment } from '../docker/engine.ts';
import { configTime, markerIn } from '../prometheus/render.ts';
import { isOfStack, LABEL, type Role } from './labels.ts';
import type { DesiredContainer, DesiredStack, Snapshot } from './model.ts';
import { exporterPart, type Operation, type Part, type PublishedPort } from './operations.ts';

/** The stack's container for a desired one: by its labels, whatever its name. */
export const existingOf = (desired: DesiredContainer, stack: string, snapshot: Snapshot): Container | undefined => {
  const candidates = snapshot.containers.filter((c) => isOfStack(c, stack) && sameRole(c, desired));
  return candidates.find((c) => c.name === desired.spec.name) ?? candidates[0];
};

const sameRole = (container: Container, desired: DesiredContainer): boolean =>
  container.labels[LABEL.role] === desired.role &&
  container.labels[LABEL.exporter] === desired.spec.labels[LABEL.exporter];

/** What has to be done about one container. Pure. */
export const reconcileContainer = (
  desired: DesiredContainer,
  stack: DesiredStack,
  snapshot: Snapshot,
  restart: readonly Role[],
): Operation[] => {
  const existing = existingOf(desired, stack.name, snapshot);
  const detail = existing === undefined ? undefined : snapshot.own.get(existing.id);
  if (existing === undefined || detail === undefined) return creation(desired, stack, snapshot, 'it does not exist');
  const why = recreationCause(desired, existing, detail, snapshot);
  if (why !== undefined) return recreation(desired, existing, stack, snapshot, why);
  if (existing.state !== 'running') return starting(desired, existing, detail, stack, snapshot);
  const half = detail.halfConnected.find((name) => !desired.networks.some((n) => n.name === name));
  if (half !== undefined)
    return restarting(
      desired,
      detail,
      stack,
      `connecting it to network ${half} failed, and the engine cannot start it again like this`,
    );
  return restart.includes(desired.role)
    ? restarting(desired, detail, stack, 'a restart was asked for')
    : upkeep(desired, detail, stack, snapshot);
};

/** Prometheus flushes its head block within this; a SIGKILL costs a replay of the log at the next start. */
export const STOP_GRACE_SECONDS = 30;

const stopping = (part: Part, container: string, cause: string): Operation => ({
  kind: 'stopContainer',
  part,
  container,
  graceSeconds: STOP_GRACE_SECONDS,
  cause,
});

const partOf = ({ role, spec }: DesiredContainer): Part => (role === 'exporter' ? exporterPart(spec.name) : role);

/** Why one of its networks is joined, other than its first. */
const networkCause = ({ role }: DesiredContainer): string =>
  role === 'exporter' ? 'its server is on it' : 'a target is on it';

const creation = (desired: DesiredContainer, stack: DesiredStack, snapshot: Snapshot, cause: string): Operation[] => [
  ...preparation(desired, stack, snapshot),
  ...making(desired, cause),
];

const recreation = (
  desired: DesiredContainer,
  existing: Container,
  stack: DesiredStack,
  snapshot: Snapshot,
  cause: string,
): Operation[] => {
  const part = partOf(desired);
  return [
    ...preparation(desired, stack, snapshot),
    stopping(part, existing.name, cause),
    {
      kind: 'removeContainer',
      part,
      container: existing.name,
      id: existing.id,
      cause: desired.spec.mounts.length === 0 ? cause : `${cause}; its volume stays`,
    },
    ...making(desired, cause),
  ];
};

/** Everything that can fail without harm comes before the old container goes. */
const preparation = (desired: DesiredContainer, stack: DesiredStack, snapshot: Snapshot): Operation[] => {
  const part = partOf(desired);
  return [
    ...pullIfMissing(desired, snapshot),
    ...(desired.role === 'prometheus' ? [checkWithItsImage(desired, stack, snapshot)] : []),
    ...desired.spec.mounts
      .filter(({ volume }) => !snapshot.volumes.has(volume))
      .map(
        ({ volume }) =>
          ({
            kind: 'createVolume',
            part,
            name: volume,
            labels: desired.volumeLabels,
            cause: 'it does not exist',
          }) as const,
      ),
  ];
};

const pullIfMissing = (desired: DesiredContainer, { images }: Snapshot): Operation[] => {
  const { image } = desired.spec;
  return images.has(image)
    ? []
    : [{ kind: 'pullImage', part: partOf(desired), image, cause: 'the engine does not have it' }];
};

const checkWithItsImage = (desired: DesiredContainer, stack: DesiredStack, { volumes }: Snapshot): Operation => ({
  kind: 'checkConfig',
  part: partOf(desired),
  image: desired.spec.image,
  mounts: desired.spec.mounts.filter(({ volume }) => volumes.has(volume)),
  text: stack.prometheusConfig,
  cause: 'before it is put in place',
});

const making = (desired: DesiredContainer, cause: string): Operation[] => {
  const part = partOf(desired);
  const { name } = desired.spec;
  return [
    { kind: 'createContainer', part, role: desired.role, spec: desired.spec, cause },
    ...desired.networks.slice(1).map(
      (n): Operation => ({
        kind: 'connectNetwork',
        part,
        container: name,
        network: n.name,
        aliases: n.aliases,
        cause: networkCause(desired),
      }),
    ),
    ...launch(desired, 'it is new'),
  ];
};

/** From a container that does not run to one that is ready. */
const launch = (desired: DesiredContainer, cause: string): Operation[] => {
  const part = partOf(desired);
  const { role, spec, files } = desired;
  const container = spec.name;
  return [
    ...(files.length === 0 ? [] : [{ kind: 'putFiles', part, container, files, cause: 'before it starts' } as const]),
    { kind: 'startContainer', part, role, container, port: publishedPort(desired), cause },
    ...readiness(desired),
  ];
};

const publishedPort = ({ spec }: DesiredContainer): PublishedPort | undefined => {
  const port = spec.ports[0];
  return port === undefined ? undefined : { bind: port.bind, host: port.host };
};

const readiness = (desired: DesiredContainer, start: { wasRunning?: true } = {}): Operation[] => {
  const part = partOf(desired);
  const container = desired.spec.name;
  const cause = desired.role === 'exporter' ? 'it may end at its start' : 'a start is done when it answers';
  return [
    { kind: 'awaitReady', part, role: desired.role, container, cause, ...start },
    ...(desired.role === 'prometheus'
      ? desired.files.map(
          ({ content }): Operation => ({
            kind: 'awaitConfig',
            part,
            container,
            text: content,
            cause: 'a configuration counts when it is loaded',
          }),
        )
      : []),
  ];
};

const restarting = (
  desired: DesiredContainer,
  detail: ContainerDetail,
  stack: DesiredStack,
  cause: string,
): Operation[] => {
  const part = partOf(desired);
  const container = desired.spec.name;
  return [
    ...(desired.role === 'prometheus'
      ? [
          {
            kind: 'checkConfig',
            part,
            container,
            text: stack.prometheusConfig,
            cause: 'before it is put in place',
          } as const,
        ]
      : []),
    stopping(part, container, cause),
    ...networkDifferences(desired, detail),
    ...launch(desired, cause),
  ];
};

const starting = (
  desired: DesiredContainer,
  existing: Container,
  detail: ContainerDetail,
  stack: DesiredStack,
  snapshot: Snapshot,
): Operation[] => {
  const part = partOf(desired);
  const container = desired.spec.name;
  const check =
    desired.role === 'prometheus'
      ? [...pullIfMissing(desired, snapshot), checkWithItsImage(desired, stack, snapshot)]
      : [];
  const halt: Operation[] = existing.state === 'restarting' ? [stopping(part, container, 'it keeps restarting')] : [];
  return [...check, ...halt, ...networkDifferences(desired, detail), ...launch(desired, `it is ${existing.state}`)];
};

/** A running container that needs no new one: its networks, its configuration. */
const upkeep = (
  desired: DesiredContainer,
  detail: ContainerDetail,
  stack: DesiredStack,
  snapshot: Snapshot,
): Operation[] => {
  const differences = networkDifferences(desired, detail);
  const joined = differences.filter(
    (o) => o.kind !== 'disconnectNetwork' || desired.networks.some((n) => n.name === o.network),
  );
  const left = differences.filter((o) => !joined.includes(o));
  const config = desired.role === 'prometheus' ? configChange(desired, stack, snapshot) : [];
  const proved =
    desired.role === 'exporter' || (config.length + differences.length === 0 && hasAnswered(desired.role, snapshot));
  return [...joined, ...config, ...left, ...(proved ? [] : readiness(desired, { wasRunning: true }))];
};

/** The look itself found it ready: Prometheus answers no API call before it is. */
const hasAnswered = (role: Role, { prometheus, grafana }: Snapshot): boolean =>
  role === 'prometheus' ? prometheus?.loaded !== undefined : grafana !== undefined;

const configChange = (desired: DesiredContainer, stack: DesiredStack, { prometheus }: Snapshot): Operation[] => {
  const cause = configCause(stack.prometheusConfig, prometheus?.file, prometheus?.loaded);
  if (cause === undefined) return [];
  const part = partOf(desired);
  const container = desired.spec.name;
  return [
    { kind: 'checkConfig', part, container, text: stack.prometheusConfig, cause: 'before it is put in place' },
    { kind: 'putFiles', part, container, files: desired.files, cause },
    { kind: 'reloadConfig', part, container, cause },
  ];
};

const configCause = (text: string, file: FileStat | undefined, loaded: string | undefined): string | undefined => {
  if (file?.size !== Buffer.byteLength(text) || file.modified !== configTime(text)) return 'prometheus.yml changed';
  if (loaded === undefined || loaded.includes(markerIn(text))) return undefined;
  return 'the prometheus.yml in place is not the one that is loaded';
};

const networkDifferences = (desired: DesiredContainer, detail: ContainerDetail): Operation[] => {
  const part = partOf(desired);
  const container = desired.spec.name;
  const missing = desired.networks.flatMap((wanted): Operation[] => {
    const has = detail.networks.find((n) => n.name === wanted.name);
    const connect: Operation = {
      kind: 'connectNetwork',
      part,
      container,
      network: wanted.name,
      aliases: wanted.aliases,
      cause: wanted.name === desired.spec.network.name ? 'it is the stack’s own' : networkCause(desired),
    };
    if (has === undefined) return [connect];
    const nameless = wanted.aliases.filter((a) => !has.aliases.includes(a));
    if (nameless.length === 0) return [];
    const cause = `it lacks the alias ${nameless.join(', ')} there`;
    return [
      { kind: 'disconnectNetwork', part, container, network: wanted.name, cause },
      { ...connect, cause },
    ];
  });
  const extra = [...detail.networks.map((n) => n.name), ...detail.halfConnected]
    .filter((name) => !desired.networks.some((wanted) => wanted.name === name))
    .map(
      (network): Operation => ({
        kind: 'disconnectNetwork',
        part,
        container,
        network,
        cause: desired.role === 'exporter' ? 'its server is not on it' : 'no target needs it',
      }),
    );
  return [...missing, ...extra];
};

/** Why a container has to be recreated, or `undefined` where it can stay. */
const recreationCause = (
  { spec }: DesiredContainer,
  existing: Container,
  detail: ContainerDetail,
  snapshot: Snapshot,
): string | undefined => {
  if (existing.name !== spec.name) return `its name is ${existing.name}, wanted ${spec.name}`;
  // By the id: Podman puts a registry before a name (`localhost/`) that was given without one.
  const image = snapshot.images.get(spec.image);
  const sameName = existing.image === spec.image || detail.image === spec.image;
  if (!sameName && image?.id !== existing.imageId) return `its image is ${detail.image}, wanted ${spec.image}`;
  if (existing.labels[LABEL.configHash] !== spec.labels[LABEL.configHash])
    return 'its ports, mounts, environment, command or network changed';
  if (image !== undefined && image.id !== existing.imageId) return `image ${spec.image} is another one now`;
  if (existing.state === 'paused' || existing.state === 'dead' || existing.state === 'removing')
    return `it is ${existing.state}`;
  const gone = detail.networks.find((n) => !snapshot.networks.some((known) => isNetworkOf(known, n)));
  return gone === undefined || existing.state === 'running'
    ? undefined
    : `its network ${gone.name} was removed or recreated`;
};

/** A container that was never started has no network id yet: it will join by name. */
const isNetworkOf = (network: Network, attachment: NetworkAttachment): boolean =>
  attachment.networkId === '' ? network.name === attachment.name : network.id === attachment.networkId;
