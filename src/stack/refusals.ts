import type { Container, ContainerPort } from '../docker/engine.ts';
import { MonitorError } from '../errors.ts';
import { isOfAnyStack, isOfStack, LABEL } from './labels.ts';
import type { Operation } from './operation.ts';
import { existingOf } from './plan-container.ts';
import type { DesiredStack, ObservedEngine } from './types.ts';

/** What forbids a plan, found before anything is changed. */

export const refuseForeignContainers = (desired: DesiredStack, { containers }: ObservedEngine): void => {
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
        ? `The container name ${quoted} is taken by a container that is not of this stack`
        : `The container names ${quoted} are taken by containers that are not of this stack`,
    detail: taken.map(
      ({ foreign }) => `${foreign.name}: ${ownerWords(foreign)}, image ${foreign.image}, ${foreign.state}`,
    ),
    suggestion: `${composeDown(taken.map((t) => t.foreign))}give ours another name (${taken.map((t) => (t.role === 'exporter' ? '`container` of the exporter' : `${t.role}.container`)).join(' and ')} in monitor.yml), or remove theirs (docker rm -f ${names.join(' ')})`,
  });
};

const COMPOSE_PROJECT = 'com.docker.compose.project';

const ownerWords = ({ labels, ...container }: Container): string => {
  if (isOfAnyStack({ labels, ...container })) return `of the stack "${labels[LABEL.stack]}"`;
  const project = labels[COMPOSE_PROJECT];
  return project === undefined ? 'not made by monitor' : `of the Compose project "${project}"`;
};

/** The way back from an exported project. */
const composeDown = (containers: readonly Container[]): string => {
  const projects = [...new Set(containers.flatMap(({ labels }) => labels[COMPOSE_PROJECT] ?? []))];
  return projects.map((project) => `run \`docker compose -p ${project} down\` and \`monitor up\` again, or `).join('');
};

export const refuseBusyPorts = (desired: DesiredStack, observed: ObservedEngine): void => {
  const own = new Set(desired.containers.map((c) => existingOf(c, desired.name, observed)?.id));
  for (const { role, spec } of desired.containers) {
    for (const { host, bind } of spec.ports) {
      const holder = observed.containers.find((c) => !own.has(c.id) && c.ports.some((p) => isHeldBy(p, bind, host)));
      if (holder === undefined && !observed.busyPorts.includes(host)) continue;
      throw portInUse({ role, bind, host, holder: holder?.name, taken: takenPorts(desired, observed) });
    }
  }
};

const EVERYWHERE: readonly (string | undefined)[] = [undefined, '', '0.0.0.0', '::'];

/** Whether a published port keeps `bind:host` from being published: another address, or UDP, does not. */
export const isHeldBy = ({ publicPort, hostIp, type }: ContainerPort, bind: string, host: number): boolean =>
  publicPort === host &&
  type === 'tcp' &&
  (hostIp === bind || EVERYWHERE.includes(hostIp) || EVERYWHERE.includes(bind));

const takenPorts = (desired: DesiredStack, observed: ObservedEngine): number[] => [
  ...desired.containers.flatMap((c) => c.spec.ports.map((p) => p.host)),
  ...observed.containers.flatMap((c) => c.ports.flatMap((p) => (p.publicPort === undefined ? [] : [p.publicPort]))),
  ...observed.busyPorts,
];

export interface BusyPort {
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
    message: `Port ${host} on ${bind}, which ${role} is to be published on, is in use`,
    detail: [holder === undefined ? 'by a process on the engine’s machine' : `by container ${holder}`],
    suggestion: `set ${role}.port in monitor.yml to another one${free}, or stop what holds it`,
  });
};

export const refusePulls = (operations: readonly Operation[]): void => {
  const missing = operations.flatMap((o) => (o.kind === 'pullImage' ? [o.image] : []));
  if (missing.length === 0) return;
  throw new MonitorError({
    code: 'image-missing',
    message: `The engine does not have ${missing.join(' and ')}, and --pull never forbids fetching`,
    suggestion: `run \`monitor up\` without --pull never, or load it: docker load -i FILE`,
  });
};
