import { asRecord, list, number, text, textMap, texts } from '../json.ts';
import type {
  Container,
  ContainerDetail,
  ContainerPort,
  ContainerState,
  EngineEvent,
  Image,
  Labels,
  Network,
  NetworkAttachment,
  Volume,
} from './engine.ts';

// The engine's answers in this program's types. Fields: Docker Engine API reference, v1.41 to v1.51.

export function toContainer(answer: unknown): Container {
  const row = asRecord(answer);
  return {
    id: text(row.Id),
    name: ownName(texts(row.Names)),
    image: text(row.Image),
    imageId: text(row.ImageID),
    state: toState(row.State),
    status: text(row.Status),
    labels: textMap(row.Labels),
    created: number(row.Created),
    networkMode: networkMode(asRecord(row.HostConfig)),
    networks: attachments(row, toState(row.State)).whole.map(toAttachment),
    ports: list(row.Ports).map(toPort),
    mounts: list(row.Mounts).map(toMount),
  };
}

export function toContainerDetail(answer: unknown): ContainerDetail {
  const root = asRecord(answer);
  const [state, config] = [asRecord(root.State), asRecord(root.Config)];
  const { whole, half } = attachments(root, toState(state.Status));
  return {
    id: text(root.Id),
    name: withoutSlash(text(root.Name)),
    image: text(config.Image),
    state: toState(state.Status),
    exitCode: number(state.ExitCode),
    error: text(state.Error),
    oomKilled: state.OOMKilled === true,
    restartCount: number(root.RestartCount),
    startedAt: text(state.StartedAt),
    finishedAt: text(state.FinishedAt),
    env: toEnv(texts(config.Env)),
    user: text(config.User),
    networkMode: networkMode(asRecord(root.HostConfig)),
    networks: whole.map((attachment) => ({ ...toAttachment(attachment), aliases: texts(attachment[1].Aliases) })),
    halfConnected: half.map(([name]) => name),
  };
}

export function toNetwork(answer: unknown): Network {
  const network = asRecord(answer);
  return { id: text(network.Id), name: text(network.Name), labels: textMap(network.Labels) };
}

export function toVolume(answer: unknown): Volume {
  const volume = asRecord(answer);
  return { name: text(volume.Name), labels: textMap(volume.Labels) };
}

export function toImage(answer: unknown): Image {
  const image = asRecord(answer);
  return { id: text(image.Id), user: text(asRecord(image.Config).User) };
}

/** One line of /events. `undefined` for events of other things than containers and networks. */
export function toEvent(answer: unknown): EngineEvent | undefined {
  const event = asRecord(answer);
  const [type, actor] = [event.Type, asRecord(event.Actor)];
  if (type !== 'container' && type !== 'network') return undefined;
  return {
    type,
    // Podman's word, which Docker has for nothing else.
    action: event.Action === 'remove' ? 'destroy' : text(event.Action),
    ...subjectOf(type, text(actor.ID), textMap(actor.Attributes)),
    // Nanoseconds exceed 2^53: what JSON.parse loses of them (256 ns) is nothing to a millisecond.
    time: Math.floor(number(event.timeNano) / 1e6) || number(event.time) * 1000,
  };
}

/** Podman's events of a network are about the container, and name the network. */
const subjectOf = (type: string, id: string, attributes: Labels): Pick<EngineEvent, 'id' | 'attributes'> => {
  const { network, container } = attributes;
  const isPodmans = type === 'network' && network !== undefined && container === undefined;
  return isPodmans ? { id: network, attributes: { ...attributes, container: id, name: network } } : { id, attributes };
};

const withoutSlash = (name: string): string => name.replace(/^\//, '');

/** A container that others link to has a name for each link as well, `/other/alias`. */
const ownName = (names: readonly string[]): string =>
  withoutSlash(names.find((name) => name.lastIndexOf('/') <= 0) ?? names[0] ?? '');

const STATES: readonly ContainerState[] = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'];

/** Podman has states of its own (`configured`, `stopping`, `stopped`); what is none of Docker's does not run. */
function toState(value: unknown): ContainerState {
  if (value === 'stopping') return 'running';
  if (value === 'configured' || value === 'initialized') return 'created';
  return STATES.find((state) => state === value) ?? 'exited';
}

/** `default` is how Docker before 28 stores "none was named". */
function networkMode(hostConfig: Record<string, unknown>): string {
  const mode = text(hostConfig.NetworkMode);
  return mode === '' || mode === 'default' ? 'bridge' : mode;
}

/** SHA-256 of `podman`: the network that Podman calls `bridge` among networks and `podman` on a container (seen with 5.8). */
const PODMAN_DEFAULT_NETWORK = '2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9';

type Attachment = [network: string, endpoint: Record<string, unknown>];

/** `half`: a running container is not on these. Podman gives no endpoint an id, and keeps no attachment that failed. */
function attachments(container: Record<string, unknown>, state: ContainerState) {
  const networks = asRecord(asRecord(container.NetworkSettings).Networks);
  const all = Object.entries(networks).map(([name, value]): Attachment => {
    const endpoint = asRecord(value);
    return [endpoint.NetworkID === PODMAN_DEFAULT_NETWORK ? 'bridge' : name, endpoint];
  });
  const isHalf = ([, endpoint]: Attachment): boolean =>
    state === 'running' && text(endpoint.EndpointID) + text(endpoint.NetworkID) === '';
  return { whole: all.filter((each) => !isHalf(each)), half: all.filter(isHalf) };
}

const toAttachment = ([name, endpoint]: Attachment): NetworkAttachment => ({
  name,
  networkId: text(endpoint.NetworkID),
  ipAddress: text(endpoint.IPAddress),
  ipv6Address: text(endpoint.GlobalIPv6Address),
});

function toPort(answer: unknown): ContainerPort {
  const port = asRecord(answer);
  return {
    privatePort: number(port.PrivatePort),
    publicPort: number(port.PublicPort) || undefined,
    hostIp: text(port.IP) || undefined,
    type: port.Type === 'udp' || port.Type === 'sctp' ? port.Type : 'tcp',
  };
}

function toMount(answer: unknown): Container['mounts'][number] {
  const mount = asRecord(answer);
  return { type: text(mount.Type), name: text(mount.Name) || undefined, destination: text(mount.Destination) };
}

const toEnv = (lines: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    lines.map((line) => {
      const [key = '', ...value] = line.split('=');
      return [key, value.join('=')];
    }),
  );
