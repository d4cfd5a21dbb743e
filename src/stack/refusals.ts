import type { Container, ContainerPort } from '../docker/engine.ts';
import { MonitorError } from '../errors.ts';
import { isOfStack, LABEL } from './labels.ts';
import type { DesiredStack, Snapshot } from './model.ts';
import type { Operation } from './operations.ts';
import { OutdatedPlan } from './outdated.ts';
import { existingOf } from './reconcile-container.ts';

/** What forbids a plan, found before anything is changed. */

export const refuseForeignContainers = (desired: DesiredStack, { containers }: Snapshot): void => {
  const taken = desired.containers.flatMap(({ role, spec }) => {
    const foreign = containers.find((c) => c.name === spec.name && !isOfStack(c, desired.name));
    return foreign === undefined ? [] : [{ role, foreign }];
  });
  if (taken.length === 0) return;
  const names = taken.map((t) => t.foreign.name);
  const quoted = names.map((name) => `"${name}"`).join(' and ');
  throw new MonitorError({
    code: 'name-taken',
    message:
      taken.length === 1
        ? `The container name ${quoted} is already in use by a container that does not belong to this stack`
        : `The container names ${quoted} are already in use by containers that do not belong to this stack`,
    detail: taken.map(
      ({ foreign }) => `${foreign.name}: ${ownerWords(foreign)}, image ${foreign.image}, ${foreign.state}`,
    ),
    suggestion: `${downFirst(taken.map((t) => t.foreign))}choose another name (${taken.map((t) => (t.role === 'exporter' ? '`container` of the exporter' : `${t.role}.container`)).join(' and ')} in monitor.yml), or remove the existing one (docker rm -f ${names.join(' ')})`,
  });
};

const COMPOSE_PROJECT = 'com.docker.compose.project';

const ownerWords = ({ labels }: Container): string => {
  const { [LABEL.stack]: stack, [COMPOSE_PROJECT]: project } = labels;
  if (stack !== undefined) return `belongs to the stack "${stack}"`;
  return project === undefined ? 'not created by monitor' : `belongs to the Compose project "${project}"`;
};

/** The way back from an exported project, and from a stack that had another name. */
const downFirst = (containers: readonly Container[]): string => {
  const owners = (label: string): string[] => [...new Set(containers.flatMap(({ labels }) => labels[label] ?? []))];
  const downs = [
    ...owners(COMPOSE_PROJECT).map((project) => `\`docker compose -p ${project} down\``),
    ...owners(LABEL.stack).map((stack) => `\`monitor down\` with \`name: ${stack}\` in monitor.yml`),
  ];
  return downs.map((down) => `run ${down} and \`monitor up\` again, or `).join('');
};

/** Docker and Podman publish no port of a container that is only on such a network. */
export const refuseInternalNetwork = ({ network }: DesiredStack, { networks }: Snapshot): void => {
  if (!networks.some((n) => n.name === network.name && n.isInternal)) return;
  throw new MonitorError({
    code: 'network-internal',
    message: `Network ${network.name} is internal, so the ports of Prometheus and Grafana cannot be published`,
    suggestion:
      'set `network` in monitor.yml to another one: Prometheus joins the networks of its targets in addition, internal ones too',
  });
};

/** A port that no container is known to hold may be held by ours, which the engine is just starting: that is looked at again. */
export const refuseBusyPorts = (desired: DesiredStack, snapshot: Snapshot): void => {
  const own = new Set(desired.containers.map((c) => existingOf(c, snapshot)?.id));
  for (const container of desired.containers) {
    const { role, spec } = container;
    for (const { host, bind } of spec.ports) {
      const holder = snapshot.containers.find((c) => !own.has(c.id) && c.ports.some((p) => isHeldBy(p, bind, host)));
      if (holder === undefined && !snapshot.busyPorts.includes(host)) continue;
      const error = portInUse({ role, bind, host, holder: holder?.name, taken: takenPorts(desired, snapshot) });
      const existing = existingOf(container, snapshot);
      const mayBeStarting = holder === undefined && existing !== undefined && existing.state !== 'running';
      throw mayBeStarting ? new OutdatedPlan(error) : error;
    }
  }
};

const EVERYWHERE: readonly (string | undefined)[] = [undefined, '', '0.0.0.0', '::'];

/** Whether a published port keeps `bind:host` from being published: another address, or UDP, does not. */
export const isHeldBy = ({ publicPort, hostIp, type }: ContainerPort, bind: string, host: number): boolean =>
  publicPort === host &&
  type === 'tcp' &&
  (hostIp === bind || EVERYWHERE.includes(hostIp) || EVERYWHERE.includes(bind));

const takenPorts = (desired: DesiredStack, snapshot: Snapshot): number[] => [
  ...desired.containers.flatMap((c) => c.spec.ports.map((p) => p.host)),
  ...publishedPorts(snapshot.containers),
  ...snapshot.busyPorts,
];

export const publishedPorts = (containers: readonly Container[]): number[] =>
  containers.flatMap((c) => c.ports.flatMap((p) => p.publicPort ?? []));

interface BusyPort {
  role: string;
  bind: string;
  host: number;
  /** The container that publishes it, where one does. */
  holder: string | undefined;
  /** Ports that are no way out. */
  taken: readonly number[];
}

/** The error for a host port that something else holds, with the next one that nothing is known to hold. */
export const portInUse = ({ role, bind, host, holder, taken }: BusyPort): MonitorError => {
  let next = host + 1;
  while (taken.includes(next)) next += 1;
  const free = next > 65_535 ? '' : ` (${next} looks free)`;
  return new MonitorError({
    code: 'port-in-use',
    message: `Port ${host} on ${bind}, on which ${role} is to be published, is already in use`,
    detail: [holder === undefined ? 'by a process on this machine' : `by container ${holder}`],
    suggestion: `set ${role}.port in monitor.yml to another port${free}, or stop what uses it`,
  });
};

export const refusePulls = (operations: readonly Operation[]): void => {
  const missing = operations.flatMap((o) => (o.kind === 'pullImage' ? [o.image] : []));
  if (missing.length === 0) return;
  throw new MonitorError({
    code: 'image-missing',
    message: `The engine does not have ${missing.join(' and ')}, and --pull never keeps it from pulling`,
    suggestion: `run \`monitor up\` without --pull never, or load it: docker load -i FILE`,
  });
};
