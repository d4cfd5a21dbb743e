import { type Clash, duplicatesIn } from './clashes-of.ts';
import { exporterClashes } from './exporter-clashes.ts';
import type { MonitorConfig, TargetConfig } from './model.ts';
import { isServer, type Server } from './servers.ts';
import { parseDuration } from './values.ts';
import { quoted } from './words.ts';

/** All conflicts in `config`; paths are positions in its own lists. */
export function findClashes(config: MonitorConfig): Clash[] {
  return [
    ...sameValues(config),
    ...sameTargets(config.targets),
    ...jobs(config),
    ...exporterClashes(config),
    ...sameDashboards(config),
  ];
}

/** What Prometheus and Grafana cannot share. */
const sameValues = (config: MonitorConfig): Clash[] =>
  (['container', 'volume', 'port'] as const).flatMap((key) => {
    if (config.grafana[key] !== config.prometheus[key]) return [];
    const usedBy = (name: Server) => (at: string) =>
      `${config[name][key]} is already in use by \`${name}.${key}\` (${at})`;
    return [
      { path: ['grafana', key], with: ['prometheus', key], message: usedBy('prometheus'), turned: usedBy('grafana') },
    ];
  });

const sameTargets = (targets: readonly TargetConfig[]): Clash[] =>
  duplicatesIn('targets', targets, {
    key: ({ address, metrics_path }) => `${address}${metrics_path}`,
    message: ({ address }, other) => `duplicate target ${address} (also on ${other}): remove one of them`,
  });

const sameDashboards = ({ dashboards }: MonitorConfig): Clash[] =>
  duplicatesIn('dashboards', dashboards, {
    key: (source) => ('path' in source ? source.path : `${source.grafanaCom} of grafana.com`),
    message: (_, other) => `duplicate dashboard (also on ${other}): remove one of them`,
  });

const jobs = (config: MonitorConfig): Clash[] => [
  ...duplicatesIn('targets', config.targets, {
    key: ({ job_name }) => job_name,
    clash: (a, b) => !oneJob(a, b, config),
    at: 'job_name',
    message: (target, other, earlier) =>
      `the job ${quoted(target.job_name)} has another ${differences(target, earlier, config)} on ${other}: give one of them another \`job_name\``,
  }),
  ...duplicatesIn('scrape_configs', config.scrape_configs, {
    key: ({ job_name }) => job_name,
    at: 'job_name',
    message: ({ job_name }, other) =>
      `the job ${quoted(job_name)} is already in use (${other}): choose another \`job_name\``,
  }),
  ...passedAnd('a target', 'targets', config),
  ...passedAnd('an exporter', 'exporters', config),
  ...ownJobs(config),
];

/** Jobs of targets and exporters merge with each other; those of `scrape_configs` are passed through as they are. */
const passedAnd = (what: string, list: 'targets' | 'exporters', config: MonitorConfig): Clash[] =>
  config.scrape_configs.flatMap(({ job_name }, i) => {
    const other = config[list].findIndex((entry) => entry.job_name === job_name);
    if (other < 0) return [];
    const message = (at: string) =>
      `${what} and an entry of \`scrape_configs\` have the same job ${quoted(job_name)} (see ${at}): choose another \`job_name\` for one of them`;
    return [{ path: ['scrape_configs', i, 'job_name'], with: [list, other, 'job_name'], message }];
  });

const ownJobs = (config: MonitorConfig): Clash[] =>
  (['targets', 'scrape_configs', 'exporters'] as const).flatMap((list) =>
    config[list].flatMap(({ job_name }, i) => {
      if (!isServer(job_name)) return [];
      const path = [list, i, 'job_name'];
      const message = () => `the job name ${quoted(job_name)} is reserved for the stack: choose another \`job_name\``;
      return [{ path, with: path, message }];
    }),
  );

const intervalOf = (target: TargetConfig, config: MonitorConfig) =>
  parseDuration(target.scrape_interval ?? config.scrape_interval);

/** Whether two targets of one job name can be one job in prometheus.yml. */
const oneJob = (a: TargetConfig, b: TargetConfig, config: MonitorConfig): boolean =>
  a.metrics_path === b.metrics_path && a.scheme === b.scheme && intervalOf(a, config) === intervalOf(b, config);

const differences = (a: TargetConfig, b: TargetConfig, config: MonitorConfig): string =>
  [
    ...(a.metrics_path === b.metrics_path ? [] : ['`metrics_path`']),
    ...(a.scheme === b.scheme ? [] : ['`scheme`']),
    ...(intervalOf(a, config) === intervalOf(b, config) ? [] : ['`scrape_interval`']),
  ].join(' and ');
