import type { Server } from '../config/servers.ts';
import type { Labels } from '../docker/engine.ts';

/** What the stack's containers are, each one of a kind but for the exporters. */
export type Role = Server | 'exporter';

/** The labels by which the engine tells what belongs to which stack: there is no other record of it. */
export const LABEL = {
  stack: 'monitor.stack',
  role: 'monitor.role',
  configHash: 'monitor.config-hash',
  exporter: 'monitor.exporter',
  /** Of an exporter: its server as it dials it, `172.17.0.4:5432`. */
  server: 'monitor.server',
  secret: 'monitor.secret',
  discovery: 'monitor.discovery',
  /** Of a throwaway container: the process that made it. */
  owner: 'monitor.owner',
} as const;

export const stackLabels = (stack: string): Labels => ({ [LABEL.stack]: stack });

/** The label filter, as the engine's list calls take it. */
export const stackFilter = (stack: string): string[] => [`${LABEL.stack}=${stack}`];

/** Whether a labelled thing belongs to this stack. */
export const isOfStack = (thing: { labels: Labels }, stack: string): boolean => thing.labels[LABEL.stack] === stack;

/** The stack's container of a role; of several, any. */
export const containerIn = <T extends { labels: Labels }>(
  containers: readonly T[],
  stack: string,
  role: Role,
): T | undefined => containers.find((c) => isOfStack(c, stack) && c.labels[LABEL.role] === role);

/** Whether a labelled thing belongs to any stack of this program. */
export const isOfAnyStack = (thing: { labels: Labels }): boolean => thing.labels[LABEL.stack] !== undefined;

/** As `LABEL.role` of a container from which endpoints are asked. */
export const THROWAWAY_ROLE = 'probe';

/** Whether a container is a throwaway one, which is not a component of its stack. */
export const isThrowaway = ({ labels }: { labels: Labels }): boolean => labels[LABEL.role] === THROWAWAY_ROLE;
