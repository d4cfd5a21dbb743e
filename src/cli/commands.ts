import type { Define } from './command.ts';

/** A command in the help; the rest of it is in its file, which is loaded when the command is called. */
export interface Entry {
  name: string;
  description: string;
  /** Absent: it has subcommands only. */
  load?: () => Promise<{ command: Define }>;
  commands?: readonly Entry[];
}

/** All commands, in groups and in the order of the help. */
export const GROUPS: readonly { heading: string; commands: readonly Entry[] }[] = [
  {
    heading: 'Stack:',
    commands: [
      {
        name: 'init',
        description: 'write monitor.yml with all defaults, and a Grafana password',
        load: () => import('../commands/init.ts'),
      },
      {
        name: 'up',
        description: 'create and start the stack, or update it',
        load: () => import('../commands/up.ts'),
      },
      {
        name: 'restart',
        description: 'restart Prometheus and Grafana',
        load: () => import('../commands/restart.ts'),
      },
      {
        name: 'down',
        description: 'remove the containers and the network; the data stays',
        load: () => import('../commands/down.ts'),
      },
      {
        name: 'password',
        description: 'print or reset Grafana’s admin password',
        load: () => import('../commands/password.ts'),
      },
      {
        name: 'export',
        description: 'export the stack to Kubernetes or Compose',
        commands: [
          {
            name: 'compose',
            description: 'print or write the stack as a Compose project',
            load: () => import('../commands/export-compose.ts'),
          },
          {
            name: 'kubernetes',
            description: 'print or write the stack as Kubernetes manifests',
            load: () => import('../commands/export-kubernetes.ts'),
          },
        ],
      },
    ],
  },
  {
    heading: 'Targets:',
    commands: [
      {
        name: 'add-target',
        description: 'add an endpoint to monitor.yml and scrape it',
        load: () => import('../commands/add-target.ts'),
      },
      {
        name: 'remove-target',
        description: 'remove an endpoint from monitor.yml and stop scraping it',
        load: () => import('../commands/remove-target.ts'),
      },
      {
        name: 'add-exporter',
        description: 'start an exporter for a server or this machine',
        load: () => import('../commands/add-exporter.ts'),
      },
      {
        name: 'remove-exporter',
        description: 'remove an exporter, its container and its target',
        load: () => import('../commands/remove-exporter.ts'),
      },
      {
        name: 'detect',
        description: 'list which containers serve metrics, and why',
        load: () => import('../commands/detect.ts'),
      },
      {
        name: 'explain',
        description: 'explain why a target is down or missing',
        load: () => import('../commands/explain.ts'),
      },
      {
        name: 'watch',
        description: 'update the targets as containers start and stop',
        load: () => import('../commands/watch.ts'),
      },
    ],
  },
  {
    heading: 'Looking:',
    commands: [
      {
        name: 'status',
        description: 'show containers, addresses and targets',
        load: () => import('../commands/status.ts'),
      },
      { name: 'logs', description: 'print the logs of the containers', load: () => import('../commands/logs.ts') },
      {
        name: 'open',
        description: 'open Grafana or Prometheus in a browser',
        load: () => import('../commands/open.ts'),
      },
      {
        name: 'query',
        description: 'query Prometheus, as a table or a chart',
        load: () => import('../commands/query.ts'),
      },
      {
        name: 'metrics',
        description: 'list the metrics in Prometheus',
        load: () => import('../commands/metrics.ts'),
      },
      {
        name: 'dashboards',
        description: 'list the dashboards in Grafana',
        load: () => import('../commands/dashboards.ts'),
        commands: [
          {
            name: 'generate',
            description: 'print the dashboards generated from metrics',
            load: () => import('../commands/dashboards-generate.ts'),
          },
          {
            name: 'add',
            description: 'add a dashboard to monitor.yml and to Grafana',
            load: () => import('../commands/dashboards-add.ts'),
          },
          {
            name: 'remove',
            description: 'remove a dashboard from monitor.yml and Grafana',
            load: () => import('../commands/dashboards-remove.ts'),
          },
          {
            name: 'pull',
            description: 'write dashboards that were edited in Grafana to files',
            load: () => import('../commands/dashboards-pull.ts'),
          },
          {
            name: 'check',
            description: 'explain which panels have no data, and why',
            load: () => import('../commands/dashboards-check.ts'),
          },
        ],
      },
      {
        name: 'render',
        description: 'print prometheus.yml as `up` would write it',
        load: () => import('../commands/render.ts'),
      },
    ],
  },
  {
    heading: 'Shell:',
    commands: [
      {
        name: 'completion',
        description: 'print the completion script for a shell',
        load: () => import('../commands/completion.ts'),
      },
    ],
  },
];
