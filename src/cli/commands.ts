import type { Define } from './command.ts';

/** A command in the help; the rest of it is in its file, which is loaded when the command is called. */
export interface Entry {
  name: string;
  description: string;
  /** Absent: it has subcommands only. */
  load?: () => Promise<{ command: Define }>;
  commands?: readonly Entry[];
}

const entry = (name: string, description: string, load?: Entry['load'], commands?: readonly Entry[]): Entry => ({
  name,
  description,
  load,
  commands,
});

/** All commands, in groups and in the order of the help. */
export const GROUPS: readonly (readonly [heading: string, commands: readonly Entry[]])[] = [
  [
    'Stack:',
    [
      entry('init', 'write monitor.yml with all defaults, and a Grafana password', () => import('../commands/init.ts')),
      entry('up', 'create and start the stack, or update it', () => import('../commands/up.ts')),
      entry('restart', 'restart Prometheus and Grafana', () => import('../commands/restart.ts')),
      entry('down', 'remove the containers and the network; the data stays', () => import('../commands/down.ts')),
      entry('password', 'print or reset Grafana’s admin password', () => import('../commands/password.ts')),
      entry('export', 'export the stack to Kubernetes or Compose', undefined, [
        entry(
          'compose',
          'print or write the stack as a Compose project',
          () => import('../commands/export-compose.ts'),
        ),
        entry(
          'kubernetes',
          'print or write the stack as Kubernetes manifests',
          () => import('../commands/export-kubernetes.ts'),
        ),
      ]),
    ],
  ],
  [
    'Targets:',
    [
      entry('add-target', 'add an endpoint to monitor.yml and scrape it', () => import('../commands/add-target.ts')),
      entry(
        'remove-target',
        'remove an endpoint from monitor.yml and stop scraping it',
        () => import('../commands/remove-target.ts'),
      ),
      entry(
        'add-exporter',
        'start an exporter for a server or this machine',
        () => import('../commands/add-exporter.ts'),
      ),
      entry(
        'remove-exporter',
        'remove an exporter, its container and its target',
        () => import('../commands/remove-exporter.ts'),
      ),
      entry('detect', 'list which containers serve metrics, and why', () => import('../commands/detect.ts')),
      entry('explain', 'explain why a target is down or missing', () => import('../commands/explain.ts')),
      entry('watch', 'update the targets as containers start and stop', () => import('../commands/watch.ts')),
    ],
  ],
  [
    'Looking:',
    [
      entry('status', 'show containers, addresses and targets', () => import('../commands/status.ts')),
      entry('logs', 'print the logs of the containers', () => import('../commands/logs.ts')),
      entry('open', 'open Grafana or Prometheus in a browser', () => import('../commands/open.ts')),
      entry('query', 'query Prometheus, as a table or a chart', () => import('../commands/query.ts')),
      entry('metrics', 'list the metrics in Prometheus', () => import('../commands/metrics.ts')),
      entry('dashboards', 'list the dashboards in Grafana', () => import('../commands/dashboards.ts'), [
        entry(
          'generate',
          'print the dashboards generated from metrics',
          () => import('../commands/dashboards-generate.ts'),
        ),
        entry('add', 'add a dashboard to monitor.yml and to Grafana', () => import('../commands/dashboards-add.ts')),
        entry(
          'remove',
          'remove a dashboard from monitor.yml and Grafana',
          () => import('../commands/dashboards-remove.ts'),
        ),
        entry(
          'pull',
          'write dashboards that were edited in Grafana to files',
          () => import('../commands/dashboards-pull.ts'),
        ),
        entry('check', 'explain which panels have no data, and why', () => import('../commands/dashboards-check.ts')),
      ]),
      entry('render', 'print prometheus.yml as `up` would write it', () => import('../commands/render.ts')),
    ],
  ],
  [
    'Shell:',
    [entry('completion', 'print the completion script for a shell', () => import('../commands/completion.ts'))],
  ],
];
