import { quoted } from '../words.ts';
import type { MonitorConfig, TargetConfig } from './model.ts';
import { isServer, SERVERS } from './servers.ts';
import { type Path, pathText } from './shape.ts';
import { parseDuration } from './values.ts';

/** Two values, each good by itself, that do not go together: the later one is reported, or the only one that is written. */
export interface Clash {
  path: Path;
  with: Path;
  /** `at` is where the other value is, such as `line 7`. */
  message: (at: string, other: Path) => string;
}

/** All conflicts in `config`; paths are positions in its own lists. */
export const findClashes = (config: MonitorConfig): Clash[] => [
  ...sameValues(config),
  ...duplicatesIn('targets', config.targets, {
    key: ({ address, metrics_path }) => `${address}${metrics_path}`,
    message: ({ address }, other) => `duplicate target ${address} (also on ${other}): remove one of them`,
  }),
  ...duplicatesIn('exporters', config.exporters, {
    key: (e) => `${e.name} ${e.for ?? ''}`,
    message: ({ name, for: server }, other) =>
      `duplicate exporter ${name}${server === undefined ? '' : ` for ${server}`} (also on ${other}): remove one of them`,
  }),
  ...duplicatesIn('dashboards', config.dashboards, {
    key: (source) => (typeof source === 'string' ? source : `${source.grafana_com} of grafana.com`),
    message: (_, other) => `duplicate dashboard (also on ${other}): remove one of them`,
  }),
  ...exporterContainers(config),
  ...jobs(config),
];

const inUse =
  (value: string | number): Clash['message'] =>
  (at, other) =>
    `${value} is already in use by \`${pathText(other)}\` (${at})`;

const sameValues = ({ prometheus, grafana }: MonitorConfig): Clash[] =>
  (['container', 'volume', 'port'] as const)
    .filter((key) => grafana[key] === prometheus[key])
    .map((key) => ({ path: ['grafana', key], with: ['prometheus', key], message: inUse(grafana[key]) }));

const exporterContainers = ({ exporters, ...config }: MonitorConfig): Clash[] => [
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
      message: inUse(container),
    })),
  ),
];

const jobs = (config: MonitorConfig): Clash[] => [
  ...duplicatesIn('targets', config.targets, {
    key: ({ job_name }) => job_name,
    clash: (a, b) => differences(a, b, config).length > 0,
    at: 'job_name',
    message: (target, other, earlier) =>
      `the job ${quoted(target.job_name)} has another ${differences(target, earlier, config).join(' and ')} on ${other}: give one of them another \`job_name\``,
  }),
  ...duplicatesIn('scrape_configs', config.scrape_configs, {
    key: ({ job_name }) => job_name,
    at: 'job_name',
    message: ({ job_name }, other) =>
      `the job ${quoted(job_name)} is already in use (${other}): choose another \`job_name\``,
  }),
  ...passedAnd('a target', 'targets', config),
  ...passedAnd('an exporter', 'exporters', config),
  ...(['targets', 'scrape_configs', 'exporters'] as const).flatMap((list) => reservedJobs(list, config)),
];

/** What one job in prometheus.yml has once, and two targets have differently. */
const differences = (a: TargetConfig, b: TargetConfig, config: MonitorConfig): string[] => {
  const once = ({ metrics_path, scheme, scrape_interval }: TargetConfig) => ({
    metrics_path,
    scheme,
    scrape_interval: parseDuration(scrape_interval ?? config.scrape_interval),
  });
  const other: Record<string, unknown> = once(b);
  return Object.entries(once(a)).flatMap(([key, value]) => (other[key] === value ? [] : [`\`${key}\``]));
};

/** Jobs of targets and exporters merge with each other; those of `scrape_configs` are passed through as they are. */
const passedAnd = (what: string, list: 'targets' | 'exporters', config: MonitorConfig): Clash[] =>
  config.scrape_configs.flatMap(({ job_name }, i) => {
    const other = config[list].findIndex((entry) => entry.job_name === job_name);
    if (other < 0) return [];
    const message = (at: string) =>
      `${what} and an entry of \`scrape_configs\` have the same job ${quoted(job_name)} (see ${at}): choose another \`job_name\` for one of them`;
    return [{ path: ['scrape_configs', i, 'job_name'], with: [list, other, 'job_name'], message }];
  });

const reservedJobs = (list: 'targets' | 'scrape_configs' | 'exporters', config: MonitorConfig): Clash[] =>
  config[list].flatMap(({ job_name }, i) => {
    if (!isServer(job_name)) return [];
    const path = [list, i, 'job_name'];
    const message = () => `the job name ${quoted(job_name)} is reserved for the stack: choose another \`job_name\``;
    return [{ path, with: path, message }];
  });

interface Uniqueness<T> {
  key: (entry: T) => string;
  /** Whether two entries of one key clash; absent: always. */
  clash?: (entry: T, earlier: T) => boolean;
  message: (entry: T, other: string, earlier: T) => string;
  /** The key of an entry that a problem is about; absent: the entry as a whole. */
  at?: string;
}

/** A clash for each entry of the list `name` whose key an earlier entry has. */
function duplicatesIn<T>(
  name: string,
  entries: readonly T[],
  { key, clash = () => true, message, at }: Uniqueness<T>,
): Clash[] {
  const pathOf = (position: number): Path => [name, position, ...(at === undefined ? [] : [at])];
  const first = new Map<string, { position: number; entry: T }>();
  return entries.flatMap((entry, position): Clash[] => {
    const earlier = first.get(key(entry));
    if (earlier === undefined) first.set(key(entry), { position, entry });
    if (earlier === undefined || !clash(entry, earlier.entry)) return [];
    const words = (other: string) => message(entry, other, earlier.entry);
    return [{ path: pathOf(position), with: pathOf(earlier.position), message: words }];
  });
}
