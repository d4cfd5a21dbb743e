/**
 * The servers of a stack. Each name is a key of monitor.yml, the role of a container, the name of a job, and what users type
 * (`monitor logs grafana`), its name on the stack's network; src/stack/components.ts has the rest of each.
 */
export const SERVERS = ['prometheus', 'grafana'] as const;

export type Server = (typeof SERVERS)[number];

export const isServer = (name: string): name is Server => SERVERS.some((server) => server === name);

/** As they are written in a sentence. */
export const SERVER_TITLES: Record<Server, string> = { prometheus: 'Prometheus', grafana: 'Grafana' };

export const forServers = <T>(of: (server: Server) => T): Record<Server, T> => ({
  prometheus: of('prometheus'),
  grafana: of('grafana'),
});
