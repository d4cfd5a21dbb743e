import { type Clash, duplicatesIn } from './clashes-of.ts';
import type { MonitorConfig } from './model.ts';
import { SERVERS } from './servers.ts';

/** What does not go together with, or among, the exporters; their jobs are checked with those of the targets. */
export const exporterClashes = ({ exporters, ...config }: MonitorConfig): Clash[] => [
  ...duplicatesIn('exporters', exporters, {
    key: (e) => `${e.name} ${e.for ?? ''}`,
    message: ({ name, for: server }, other) =>
      `duplicate exporter ${name}${server === undefined ? '' : ` for ${server}`} (also on ${other}): remove one of them`,
  }),
  ...duplicatesIn('exporters', exporters, {
    key: (e) => e.container,
    clash: (a, b) => a.name !== b.name || a.for !== b.for,
    at: 'container',
    message: ({ container }, other) => `${container} is already in use by another exporter (${other})`,
  }),
  ...exporters.flatMap(({ container }, i): Clash[] =>
    SERVERS.filter((server) => config[server].container === container).map((server) => ({
      path: ['exporters', i, 'container'],
      with: [server, 'container'],
      message: (other) => `${container} is already in use by \`${server}.container\` (${other})`,
    })),
  ),
];
