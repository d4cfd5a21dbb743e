import type {
  Container,
  ContainerDetail,
  CreateContainer,
  FileStat,
  Network,
  NetworkAttachment,
} from '../docker/engine.ts';
import { configTime, markerIn } from '../prometheus/render.ts';
import { LABEL, type Role } from './labels.ts';
import type { DesiredContainer, Snapshot } from './model.ts';
import { type Action, exporterPart, type Operation } from './operations.ts';

/** The stack's container for a desired one: by its labels, whatever its name. */
export const existingOf = ({ spec }: DesiredContainer, { containers }: Snapshot): Container | undefined => {
  const candidates = containers.filter(({ labels }) => IDENTITY.every((label) => labels[label] === spec.labels[label]));
  return candidates.find((c) => c.name === spec.name) ?? candidates[0];
};

const IDENTITY = [LABEL.stack, LABEL.role, LABEL.exporter];

/** What has to be done about one container. Pure. */
export const reconcileContainer = (
  desired: DesiredContainer,
  snapshot: Snapshot,
  restart: readonly Role[],
): Operation[] => {
  const { role, spec } = desired;
  const part = role === 'exporter' ? exporterPart(spec.name) : role;
  return actionsFor(desired, snapshot, restart).map((action) => ({ ...action, part }));
};

const actionsFor = (desired: DesiredContainer, snapshot: Snapshot, restart: readonly Role[]): Action[] => {
  const existing = existingOf(desired, snapshot);
  const detail = existing && snapshot.own.get(existing.id);
  if (existing === undefined || detail === undefined)
    return [...preparation(desired, snapshot), ...making(desired, 'it does not exist')];
  const why = recreationCause(desired, existing, detail, snapshot);
  if (why !== undefined)
    return [...preparation(desired, snapshot), ...removal(desired, existing, why), ...making(desired, why)];
  if (existing.state !== 'running') return starting(desired, existing, detail, snapshot);
  const half = detail.halfConnected.find((name) => !desired.networks.some((n) => n.name === name));
  if (half !== undefined)
    return restarting(
      desired,
      detail,
      `connecting it to network ${half} failed, and the engine cannot start it again like this`,
    );
  return restart.includes(desired.role)
    ? restarting(desired, detail, 'a restart was asked for')
    : upkeep(desired, detail, snapshot);
};

/** Prometheus flushes its head block within this; a SIGKILL costs a replay of the log at the next start. */
export const STOP_GRACE_SECONDS = 30;

const stopping = (container: string, cause: string): Action => ({
  kind: 'stopContainer',
  container,
  graceSeconds: STOP_GRACE_SECONDS,
  cause,
});

/** Everything that can fail without harm comes before the old container goes. */
const preparation = (desired: DesiredContainer, snapshot: Snapshot): Action[] => [
  ...pullIfMissing(desired, snapshot),
  ...checksWithImage(desired, snapshot),
  ...desired.spec.mounts.flatMap(({ volume: name }): Action[] =>
    snapshot.volumes.has(name)
      ? []
      : [{ kind: 'createVolume', name, labels: desired.volumeLabels, cause: 'it does not exist' }],
  ),
];

const pullIfMissing = ({ spec: { image } }: DesiredContainer, { images }: Snapshot): Action[] =>
  images.has(image) ? [] : [{ kind: 'pullImage', image, cause: 'the engine does not have it' }];

/** prometheus.yml, of Prometheus alone. */
const configsOf = ({ role, files }: DesiredContainer): string[] =>
  role === 'prometheus' ? files.map((f) => f.content) : [];

const checks = (
  desired: DesiredContainer,
  where: { container: string } | Pick<CreateContainer, 'image' | 'mounts'>,
): Action[] =>
  configsOf(desired).map((text) => ({ kind: 'checkConfig', ...where, text, cause: 'before it is put in place' }));

const checksWithImage = (desired: DesiredContainer, { volumes }: Snapshot): Action[] => {
  const { image, mounts } = desired.spec;
  return checks(desired, { image, mounts: mounts.filter(({ volume }) => volumes.has(volume)) });
};

const removal = ({ spec }: DesiredContainer, { name, id }: Container, cause: string): Action[] => [
  stopping(name, cause),
  {
    kind: 'removeContainer',
    container: name,
    id,
    cause: spec.mounts.length === 0 ? cause : `${cause}; its volume stays`,
  },
];

const making = (desired: DesiredContainer, cause: string): Action[] => {
  const { role, spec, networks } = desired;
  return [
    { kind: 'createContainer', role, spec, cause },
    ...networks.slice(1).map((network) => connecting(desired, network)),
    ...launch(desired, 'it is new'),
  ];
};

const connecting = (
  { role, spec }: DesiredContainer,
  { name, aliases }: DesiredContainer['networks'][number],
): Extract<Action, { kind: 'connectNetwork' }> => {
  const needed = role === 'exporter' ? 'its server is on it' : 'a target is on it';
  const cause = name === spec.network.name ? 'it is the stack’s own' : needed;
  return { kind: 'connectNetwork', container: spec.name, network: name, aliases, cause };
};

/** From a container that does not run to one that is ready. */
const launch = (desired: DesiredContainer, cause: string): Action[] => {
  const { role, spec, files } = desired;
  const container = spec.name;
  const put: Action = { kind: 'putFiles', container, files, cause: 'before it starts' };
  return [
    ...(files.length === 0 ? [] : [put]),
    { kind: 'startContainer', role, container, port: spec.ports[0], cause },
    ...readiness(desired),
  ];
};

const readiness = (desired: DesiredContainer, wasRunning?: true): Action[] => {
  const { role, spec } = desired;
  const container = spec.name;
  const cause = role === 'exporter' ? 'it may end at its start' : 'a start is done when it answers';
  return [
    { kind: 'awaitReady', role, container, wasRunning, cause },
    ...configsOf(desired).map(
      (text): Action => ({ kind: 'awaitConfig', container, text, cause: 'a configuration counts when it is loaded' }),
    ),
  ];
};

const restarting = (desired: DesiredContainer, detail: ContainerDetail, cause: string): Action[] => [
  ...checks(desired, { container: desired.spec.name }),
  stopping(desired.spec.name, cause),
  ...joins(desired, detail),
  ...leaves(desired, detail),
  ...launch(desired, cause),
];

const starting = (
  desired: DesiredContainer,
  { state }: Container,
  detail: ContainerDetail,
  snapshot: Snapshot,
): Action[] => [
  ...(desired.role === 'prometheus' ? pullIfMissing(desired, snapshot) : []),
  ...checksWithImage(desired, snapshot),
  ...(state === 'restarting' ? [stopping(desired.spec.name, 'it keeps restarting')] : []),
  ...joins(desired, detail),
  ...leaves(desired, detail),
  ...launch(desired, `it is ${state}`),
];

/** A running container that needs no new one: its networks, its configuration. */
const upkeep = (desired: DesiredContainer, detail: ContainerDetail, snapshot: Snapshot): Action[] => {
  const { role } = desired;
  const changes = [...joins(desired, detail), ...configChange(desired, snapshot), ...leaves(desired, detail)];
  const proved = role === 'exporter' || (changes.length === 0 && hasAnswered(role, snapshot));
  return proved ? changes : [...changes, ...readiness(desired, true)];
};

/** The look itself found it ready: Prometheus answers no API call before it is. */
const hasAnswered = (role: Role, { prometheus, grafana }: Snapshot): boolean =>
  role === 'prometheus' ? prometheus?.loaded !== undefined : grafana !== undefined;

const configChange = (desired: DesiredContainer, { prometheus }: Snapshot): Action[] => {
  const container = desired.spec.name;
  const [cause] = configsOf(desired).flatMap((text) => configCause(text, prometheus?.file, prometheus?.loaded) ?? []);
  if (cause === undefined) return [];
  return [
    ...checks(desired, { container }),
    { kind: 'putFiles', container, files: desired.files, cause },
    { kind: 'reloadConfig', container, cause },
  ];
};

const configCause = (text: string, file: FileStat | undefined, loaded: string | undefined): string | undefined => {
  if (file?.size !== Buffer.byteLength(text) || file.modified !== configTime(text)) return 'prometheus.yml changed';
  if (loaded === undefined || loaded.includes(markerIn(text))) return undefined;
  return 'the prometheus.yml in place is not the one that is loaded';
};

/** Connects it where it is not, or not by all its names. */
const joins = (desired: DesiredContainer, { networks }: ContainerDetail): Action[] =>
  desired.networks.flatMap((wanted): Action[] => {
    const has = networks.find((n) => n.name === wanted.name);
    const connect = connecting(desired, wanted);
    if (has === undefined) return [connect];
    const nameless = wanted.aliases.filter((a) => !has.aliases.includes(a));
    if (nameless.length === 0) return [];
    const { container, network } = connect;
    const cause = `it lacks the alias ${nameless.join(', ')} there`;
    return [
      { kind: 'disconnectNetwork', container, network, cause },
      { ...connect, cause },
    ];
  });

const leaves = ({ role, spec, networks }: DesiredContainer, detail: ContainerDetail): Action[] => {
  const cause = role === 'exporter' ? 'its server is not on it' : 'no target needs it';
  return [...detail.networks.map((n) => n.name), ...detail.halfConnected]
    .filter((name) => !networks.some((wanted) => wanted.name === name))
    .map((network) => ({ kind: 'disconnectNetwork', container: spec.name, network, cause }));
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
