import { type Clash, clashesOf } from './clashes-of.ts';
import { exporterClashes } from './exporter-clashes.ts';
import type { DashboardSource, MonitorConfig, TargetConfig } from './model.ts';
import { isServer, SERVERS, type Server } from './servers.ts';
import type { Path } from './shape.ts';
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
function sameValues(config: MonitorConfig): Clash[] {
  return (['container', 'volume', 'port'] as const).flatMap((key) =>
    clashesOf(
      SERVERS,
      (server) => `${config[server][key]}`,
      () => true,
    ).map(([second, first]) => {
      const [server, other] = [SERVERS[second] ?? 'grafana', SERVERS[first] ?? 'prometheus'];
      const usedBy = (name: Server) => (at: string) =>
        `${config[name][key]} is already in use by \`${name}.${key}\` (${at})`;
      return { path: [server, key], with: [other, key], message: usedBy(other), turned: usedBy(server) };
    }),
  );
}

function sameTargets(targets: readonly TargetConfig[]): Clash[] {
  return clashesOf(
    targets,
    ({ address, metrics_path }) => `${address}${metrics_path}`,
    () => true,
  ).map(([i, first]) => ({
    path: ['targets', i],
    with: ['targets', first],
    message: (other) => `duplicate target ${targets[i]?.address} (also on ${other}): remove one of them`,
  }));
}

function sameDashboards({ dashboards }: MonitorConfig): Clash[] {
  const nameOf = (source: DashboardSource) => ('path' in source ? source.path : `${source.grafanaCom} of grafana.com`);
  return clashesOf(dashboards, nameOf, () => true).map(([i, first]) => ({
    path: ['dashboards', i],
    with: ['dashboards', first],
    message: (other) => `duplicate dashboard (also on ${other}): remove one of them`,
  }));
}

function jobs(config: MonitorConfig): Clash[] {
  const { targets, scrape_configs: passed } = config;
  const ofTargets = clashesOf(
    targets,
    ({ job_name }) => job_name,
    (a, b) => !oneJob(a, b, config),
  ).map(
    ([i, first]): Clash => ({
      path: jobPath(i),
      with: jobPath(first),
      message: (other) =>
        `the job ${quoted(targets[i]?.job_name ?? '')} has another ${differences(targets[i], targets[first], config)} on ${other}: give one of them another \`job_name\``,
    }),
  );
  const ofPassed = clashesOf(
    passed,
    ({ job_name }) => job_name,
    () => true,
  ).map(
    ([i, first]): Clash => ({
      path: ['scrape_configs', i, 'job_name'],
      with: ['scrape_configs', first, 'job_name'],
      message: (other) =>
        `the job ${quoted(passed[i]?.job_name ?? '')} is already in use (${other}): choose another \`job_name\``,
    }),
  );
  return [...ofTargets, ...ofPassed, ...passedAndTargets(config), ...ownJobs(config)];
}

function passedAndTargets(config: MonitorConfig): Clash[] {
  return config.scrape_configs.flatMap(({ job_name }, i) => {
    const target = config.targets.findIndex((candidate) => candidate.job_name === job_name);
    if (target < 0) return [];
    const message = (other: string) =>
      `a target and an entry of \`scrape_configs\` have the same job ${quoted(job_name)} (see ${other}): choose another \`job_name\` for one of them`;
    return [{ path: ['scrape_configs', i, 'job_name'], with: jobPath(target), message }];
  });
}

function ownJobs(config: MonitorConfig): Clash[] {
  const message = (name: string) => () =>
    `the job name ${quoted(name)} is reserved for the stack: choose another \`job_name\``;
  const paths: [Path, string][] = [
    ...config.targets.map(({ job_name }, i): [Path, string] => [jobPath(i), job_name]),
    ...config.scrape_configs.map(({ job_name }, i): [Path, string] => [['scrape_configs', i, 'job_name'], job_name]),
    ...config.exporters.map(({ job_name }, i): [Path, string] => [['exporters', i, 'job_name'], job_name]),
  ];
  return paths
    .filter(([, name]) => isServer(name))
    .map(([path, name]) => ({ path, with: path, message: message(name) }));
}

const jobPath = (target: number): Path => ['targets', target, 'job_name'];

const intervalOf = (target: TargetConfig, config: MonitorConfig) =>
  parseDuration(target.scrape_interval ?? config.scrape_interval);

/** Whether two targets of one job name can be one job in prometheus.yml. */
export const oneJob = (a: TargetConfig, b: TargetConfig, config: MonitorConfig): boolean =>
  a.metrics_path === b.metrics_path && a.scheme === b.scheme && intervalOf(a, config) === intervalOf(b, config);

function differences(a: TargetConfig | undefined, b: TargetConfig | undefined, config: MonitorConfig): string {
  if (a === undefined || b === undefined) return '';
  return [
    ...(a.metrics_path === b.metrics_path ? [] : ['`metrics_path`']),
    ...(a.scheme === b.scheme ? [] : ['`scheme`']),
    ...(intervalOf(a, config) === intervalOf(b, config) ? [] : ['`scrape_interval`']),
  ].join(' and ');
}
