import { type Clash, clashesOf } from './clashes-of.ts';
import { exporterClashes } from './exporter-clashes.ts';
import type { MonitorConfig, TargetConfig } from './model.ts';
import { parseDuration } from './values.ts';
import { quoted } from './words.ts';
import type { Path } from './yaml-source.ts';

/** The jobs that the stack has of its own. */
export const OWN_JOBS: readonly string[] = ['prometheus', 'grafana'];

/** Everything in `config` that does not go together; paths are positions in its own lists. */
export function findClashes(config: MonitorConfig): Clash[] {
  return [...sameValues(config), ...sameTargets(config.targets), ...jobs(config), ...exporterClashes(config)];
}

/** What Prometheus and Grafana cannot share. */
function sameValues({ prometheus, grafana }: MonitorConfig): Clash[] {
  return (['container', 'volume', 'port'] as const)
    .filter((key) => prometheus[key] === grafana[key])
    .map((key) => {
      const as = (service: string) => (other: string) =>
        `is ${grafana[key]}, as is \`${service}.${key}\` (${other}): each needs its own`;
      return { path: ['grafana', key], with: ['prometheus', key], message: as('prometheus'), turned: as('grafana') };
    });
}

function sameTargets(targets: readonly TargetConfig[]): Clash[] {
  return clashesOf(
    targets,
    ({ address, metrics_path }) => `${address}${metrics_path}`,
    () => true,
  ).map(([i, first]) => ({
    path: ['targets', i],
    with: ['targets', first],
    message: (other) => `${targets[i]?.address} is given twice (${other} too): leave one out`,
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
        `there are two jobs of the name ${quoted(targets[i]?.job_name ?? '')} (${other} too) that differ in ${differences(targets[i], targets[first], config)}: one of them needs another \`job_name\``,
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
        `${quoted(passed[i]?.job_name ?? '')} is the job of another entry (${other}): give it a name of its own`,
    }),
  );
  return [...ofTargets, ...ofPassed, ...passedAndTargets(config), ...ownJobs(config)];
}

function passedAndTargets(config: MonitorConfig): Clash[] {
  return config.scrape_configs.flatMap(({ job_name }, i) => {
    const target = config.targets.findIndex((candidate) => candidate.job_name === job_name);
    if (target < 0) return [];
    const message = (other: string) =>
      `${quoted(job_name)} is the job of a target (${other}): give it a name of its own`;
    return [{ path: ['scrape_configs', i, 'job_name'], with: jobPath(target), message }];
  });
}

function ownJobs(config: MonitorConfig): Clash[] {
  const message = (name: string) => () =>
    `${quoted(name)} is the name of a job that the stack has of its own: set another \`job_name\``;
  const paths: [Path, string][] = [
    ...config.targets.map(({ job_name }, i): [Path, string] => [jobPath(i), job_name]),
    ...config.scrape_configs.map(({ job_name }, i): [Path, string] => [['scrape_configs', i, 'job_name'], job_name]),
    ...config.exporters.map(({ job_name }, i): [Path, string] => [['exporters', i, 'job_name'], job_name]),
  ];
  return paths
    .filter(([, name]) => OWN_JOBS.includes(name))
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
