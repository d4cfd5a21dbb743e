import type { Define } from './command.ts';

/** A command in the help. The rest of it is in its file, which is loaded when it is called; without one, it has subcommands alone. */
export type Entry = readonly [
  name: string,
  description: string,
  load?: () => Promise<{ command: Define }>,
  commands?: readonly Entry[],
];

const EXPORTS: readonly Entry[] = [
  ['compose', 'print or write the stack as a Compose project', () => import('../commands/export-compose.ts')],
  ['kubernetes', 'print or write the stack as Kubernetes manifests', () => import('../commands/export-kubernetes.ts')],
];

const STACK: readonly Entry[] = [
  ['init', 'write monitor.yml, and a password for Grafana', () => import('../commands/init.ts')],
  ['up', 'create and start the stack, or update it', () => import('../commands/up.ts')],
  ['restart', 'restart Prometheus and Grafana', () => import('../commands/restart.ts')],
  ['down', 'remove the containers and the network; the data stays', () => import('../commands/down.ts')],
  ['password', 'print or reset Grafana’s admin password', () => import('../commands/password.ts')],
  ['export', 'export the stack to Kubernetes or Compose', undefined, EXPORTS],
];

const TARGETS: readonly Entry[] = [
  ['add-target', 'add an endpoint to monitor.yml and scrape it', () => import('../commands/add-target.ts')],
  [
    'remove-target',
    'remove an endpoint from monitor.yml and stop scraping it',
    () => import('../commands/remove-target.ts'),
  ],
  ['add-exporter', 'start an exporter for a server or this machine', () => import('../commands/add-exporter.ts')],
  [
    'remove-exporter',
    'remove an exporter, its container and its target',
    () => import('../commands/remove-exporter.ts'),
  ],
  ['detect', 'list which containers serve metrics, and why', () => import('../commands/detect.ts')],
  ['explain', 'explain why a target is down or missing', () => import('../commands/explain.ts')],
  ['watch', 'update the targets as containers start and stop', () => import('../commands/watch.ts')],
];

const DASHBOARDS: readonly Entry[] = [
  ['generate', 'print the dashboards generated from metrics', () => import('../commands/dashboards-generate.ts')],
  ['add', 'add a dashboard to monitor.yml and to Grafana', () => import('../commands/dashboards-add.ts')],
  ['remove', 'remove a dashboard from monitor.yml and Grafana', () => import('../commands/dashboards-remove.ts')],
  ['pull', 'write dashboards that were edited in Grafana to files', () => import('../commands/dashboards-pull.ts')],
  ['check', 'list the panels that have no data, and why', () => import('../commands/dashboards-check.ts')],
];

const LOOKING: readonly Entry[] = [
  ['status', 'show containers, addresses and targets', () => import('../commands/status.ts')],
  ['logs', 'print the logs of the containers', () => import('../commands/logs.ts')],
  ['open', 'open Grafana or Prometheus in a browser', () => import('../commands/open.ts')],
  ['query', 'query Prometheus, as a table or a chart', () => import('../commands/query.ts')],
  ['metrics', 'list the metrics in Prometheus', () => import('../commands/metrics.ts')],
  ['dashboards', 'list the dashboards in Grafana', () => import('../commands/dashboards.ts'), DASHBOARDS],
  ['render', 'print prometheus.yml as `up` would write it', () => import('../commands/render.ts')],
];

const SHELL: readonly Entry[] = [
  ['completion', 'print the completion script for a shell', () => import('../commands/completion.ts')],
];

/** All commands, in groups and in the order of the help. */
export const GROUPS: readonly (readonly [heading: string, commands: readonly Entry[]])[] = [
  ['Stack:', STACK],
  ['Targets:', TARGETS],
  ['Looking:', LOOKING],
  ['Shell:', SHELL],
];
