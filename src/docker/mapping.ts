import { asRecord, list, number, text, textMap, texts } from '../json.ts';
// The engine's answers in this program's types, which follow from what is read. Fields: Docker Engine API reference, v1.41 to v1.51.

export type Labels = Record<string, string>;

/** A row of /containers/json. */
export type Container = ReturnType<typeof toContainer>;

export function toContainer(answer: unknown) {
  const row = asRecord(answer);
  return {
    id: text(row.Id),
    /** Without the leading slash. */
    name: ownName(texts(row.Names)),
    /** The reference that it was created from. */
    image: text(row.Image),
    imageId: text(row.ImageID),
    state: toState(row.State),
    /** `Up 2 seconds (healthy)` */
    status: text(row.Status),
    labels: textMap(row.Labels),
    /** Unix seconds. */
    created: number(row.Created),
    /** `bridge`, `host`, `none`, `container:<id>`, or a network's name. */
    networkMode: networkMode(row),
    networks: attachments(row, toState(row.State)).whole.map(toAttachment),
    /** Empty for a container that does not run, and for one that is only on internal networks or on the host's. */
    ports: list(row.Ports).map(toPort),
    mounts: list(row.Mounts).map(toMount),
  };
}

/** What only an inspect tells. */
export type ContainerDetail = ReturnType<typeof toContainerDetail>;

export function toContainerDetail(answer: unknown) {
  const root = asRecord(answer);
  const [state, config] = [asRecord(root.State), asRecord(root.Config)];
  const { whole, half } = attachments(root, toState(state.Status));
  return {
    id: text(root.Id),
    name: withoutSlash(text(root.Name)),
    image: text(config.Image),
    state: toState(state.Status),
    exitCode: number(state.ExitCode),
    /** Why it did not start, in the engine's words; else empty. */
    error: text(state.Error),
    oomKilled: state.OOMKilled === true,
    restartCount: number(root.RestartCount),
    /** When it was started last, and when it ended before; RFC 3339. */
    startedAt: text(state.StartedAt),
    finishedAt: text(state.FinishedAt),
    env: toEnv(texts(config.Env)),
    /** As the image or the container declares them; on any network, and while it does not run. */
    exposedPorts: Object.keys(asRecord(config.ExposedPorts)).map(toExposedPort),
    /** As the image or the container sets it: `nobody`, `472`, `472:0`, or empty for root. */
    user: text(config.User),
    networkMode: networkMode(root),
    networks: whole.map((attachment) => ({ ...toAttachment(attachment), aliases: texts(attachment[1].Aliases) })),
    /**
     * Networks that the engine failed to connect the container to while it ran: it is not on them. Docker (20.10 to 28) keeps
     * them with the container, does not start it again while such a network has no free address, and disconnects them only from a
     * container that does not run. Connecting again works once the network has room (seen with 20.10).
     */
    halfConnected: half.map(([name]) => name),
  };
}

export type Network = ReturnType<typeof toNetwork>;

export function toNetwork(answer: unknown) {
  const network = asRecord(answer);
  return {
    id: text(network.Id),
    name: text(network.Name),
    labels: textMap(network.Labels),
    /** Without a way out; the engine publishes no port there. */
    isInternal: network.Internal === true,
  };
}

export type Volume = ReturnType<typeof toVolume>;

export function toVolume(answer: unknown) {
  const volume = asRecord(answer);
  return { name: text(volume.Name), labels: textMap(volume.Labels) };
}

export type Image = ReturnType<typeof toImage>;

export function toImage(answer: unknown) {
  const image = asRecord(answer);
  return { id: text(image.Id), user: text(asRecord(image.Config).User) };
}

export type EngineEvent = NonNullable<ReturnType<typeof toEvent>>;

/** One line of /events. `undefined` for events of other things than containers and networks. */
export function toEvent(answer: unknown) {
  const event = asRecord(answer);
  const [type, actor] = [event.Type, asRecord(event.Actor)];
  if (type !== 'container' && type !== 'network') return undefined;
  return {
    type,
    /** `start`, `die`, `destroy` (in Podman's word `remove`), `rename`, `connect`, `disconnect`, ... */
    action: event.Action === 'remove' ? 'destroy' : text(event.Action),
    ...subjectOf(type, text(actor.ID), textMap(actor.Attributes)),
    /** Unix milliseconds, by the engine's clock. */
    // Nanoseconds exceed 2^53: what JSON.parse loses of them (256 ns) is nothing to a millisecond.
    time: Math.floor(number(event.timeNano) / 1e6) || number(event.time) * 1000,
  };
}

/** `id`: of the container, or of the network (Podman: its name; its events of a network are about the container). */
const subjectOf = (type: string, id: string, attributes: Labels): { id: string; attributes: Labels } => {
  const { network, container } = attributes;
  const isPodmans = type === 'network' && network !== undefined && container === undefined;
  return isPodmans ? { id: network, attributes: { ...attributes, container: id, name: network } } : { id, attributes };
};

const withoutSlash = (name: string): string => name.replace(/^\//, '');

/** A container that others link to has a name for each link as well, `/other/alias`. */
const ownName = (names: readonly string[]): string =>
  withoutSlash(names.find((name) => name.lastIndexOf('/') <= 0) ?? names[0] ?? '');

const STATES = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'] as const;

export type ContainerState = (typeof STATES)[number];

/** Podman has states of its own (`configured`, `stopping`, `stopped`); what is none of Docker's does not run. */
function toState(value: unknown): ContainerState {
  if (value === 'stopping') return 'running';
  if (value === 'configured' || value === 'initialized') return 'created';
  return STATES.find((state) => state === value) ?? 'exited';
}

/**
 * `default` is how Docker before 28 stores "none was named". Podman's list (5.8) has no modes: a container in another one's
 * network has that one's networks, and on them its short id as an alias.
 */
function networkMode(container: Record<string, unknown>): string {
  const mode = text(asRecord(container.HostConfig).NetworkMode);
  if (mode !== '') return mode === 'default' ? 'bridge' : mode;
  const networks = asRecord(asRecord(container.NetworkSettings).Networks);
  const alone = ['host', 'none'].find((name) => networks[name] !== undefined);
  const ids = Object.values(networks).flatMap((n) => texts(asRecord(n).Aliases).filter((a) => /^[\da-f]{12}$/.test(a)));
  const owner = ids.find((id) => !text(container.Id).startsWith(id));
  return alone ?? (owner === undefined ? 'bridge' : `container:${owner}`);
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

export type NetworkAttachment = ReturnType<typeof toAttachment>;

const toAttachment = ([name, endpoint]: Attachment) => ({
  name,
  networkId: text(endpoint.NetworkID),
  /** Empty while the container does not run. */
  ipAddress: text(endpoint.IPAddress),
  ipv6Address: text(endpoint.GlobalIPv6Address),
});

export type ContainerPort = ReturnType<typeof toPort>;

function toPort(answer: unknown) {
  const port = asRecord(answer);
  const type: 'tcp' | 'udp' | 'sctp' = port.Type === 'udp' || port.Type === 'sctp' ? port.Type : 'tcp';
  return {
    privatePort: number(port.PrivatePort),
    publicPort: number(port.PublicPort) || undefined,
    hostIp: text(port.IP) || undefined,
    type,
  };
}

/** `9100/tcp` */
function toExposedPort(text: string): ContainerPort {
  const [port, type] = text.split('/');
  return toPort({ PrivatePort: Number(port), Type: type });
}

function toMount(answer: unknown) {
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
