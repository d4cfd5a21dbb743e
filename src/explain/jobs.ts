import { isDeepStrictEqual } from 'node:util';
import type { ScrapeConfig } from '../config/model.ts';
import { parseDuration } from '../config/values.ts';
import { objectsIn } from '../json.ts';
import type { TargetRow } from '../output/report.ts';
import { type LogLine, readLog, sinceLoading, timeOf } from '../prometheus/log.ts';
import { insteadOf, missingFile, type NamedFile } from '../prometheus/named-files.ts';
import type { Session } from '../stack/session.ts';
import type { TargetState } from '../stack/target-states.ts';
import { plural } from '../words.ts';
import { unreadFile } from './causes-job.ts';
import type { Finding, RunningPrometheus } from './evidence.ts';
import { readScrapeError } from './wrong.ts';

/** What is known of how a passed-through job finds targets. */
export interface JobLook {
  config: ScrapeConfig;
  /** All that Prometheus has loaded, with its defaults. */
  loaded: readonly ScrapeConfig[];
  /** The labels before relabelling of what it scrapes, and of what its `relabel_configs` drop. */
  active: readonly Labels[];
  dropped: readonly Labels[];
  /** Files that it names and that are not in Prometheus's container. */
  missing: readonly NamedFile[];
  /** Files of targets that Prometheus has read as they are. */
  read: ReadonlySet<string>;
  log: readonly LogLine[];
  prometheus: RunningPrometheus;
  /** Unix ms, by Prometheus's clock. */
  now: number;
}

type Labels = Readonly<Record<string, string>>;

/** Where a passed-through job finds no targets, or none that Prometheus scrapes. */
export interface EmptySource {
  job: string;
  /** `file_sd_configs`, ...; absent: of the job as a whole, which has no target then. */
  source?: string;
  /** What it found before is still scraped. */
  stale?: boolean;
  finding: Finding;
}

const SUFFIX = '_sd_configs';

/** `file_sd_configs`, ...: how a job finds its targets. */
const discoveriesOf = (config: ScrapeConfig): string[] => Object.keys(config).filter((key) => key.endsWith(SUFFIX));

/** `file`, as the log and the labels have it. */
const kindOf = (discovery: string): string => discovery.slice(0, -SUFFIX.length);

/** Where a job finds no targets, or fails to look for them, and why; nothing where all is well. Pure. */
export const emptySources = (job: JobLook): EmptySource[] => {
  const { config, loaded, active, dropped } = job;
  const { job_name } = config;
  const isEmpty = active.length === 0;
  const discoveries = discoveriesOf(config);
  const all = (finding: Finding): EmptySource[] => (isEmpty ? [{ job: job_name, finding }] : []);
  if (!loaded.some((one) => one.job_name === job_name)) {
    return all({
      code: 'not-loaded',
      cause: 'monitor.yml has this job, and Prometheus has not loaded it yet',
      remedy: '`monitor up` adds it',
    });
  }
  const found = discoveries.flatMap((source) => {
    const stale = finds(job, source);
    const finding = byDiscovery(job, source, stale);
    return finding === undefined ? [] : [{ job: job_name, source, stale, finding }];
  });
  if (dropped.length > 0 && isEmpty && found.length === 0) {
    return all({
      code: 'all-dropped',
      cause: `its \`relabel_configs\` drop ${dropped.length === 1 ? 'the only one' : `all ${plural(dropped.length, 'target')}`} that it finds`,
      remedy: `correct \`relabel_configs\` of the job "${job_name}" in \`scrape_configs\` (\`action: keep\` keeps what matches, \`drop\` drops it), then \`monitor up\``,
    });
  }
  return discoveries.length > 0 ? found : all(nothing(config, 'static_configs'));
};

const byDiscovery = (job: JobLook, discovery: string, isStale: boolean): Finding | undefined => {
  const { config, missing, prometheus } = job;
  const file = missing.find(({ key }) => key.startsWith(`${discovery}.`));
  if (file !== undefined) return { code: 'file', cause: missingFile(file), remedy: insteadOf(file, prometheus) };
  const failed = lastFailure(job, discovery);
  if (failed?.['msg'] === NO_TARGET) {
    return {
      code: 'invalid-target',
      cause: `\`${discovery}\` finds what Prometheus cannot scrape: ${failed['err']}`,
      remedy: 'write targets as HOST:PORT there, without a scheme and a path',
    };
  }
  if (failed !== undefined) {
    return {
      code: 'discovery-failed',
      cause: `\`${discovery}\` fails${isStale ? ', and what it found before is scraped' : ''}: ${failed['err']}`,
      remedy: remedyFor(config, discovery),
    };
  }
  return isStale ? undefined : nothing(config, discovery);
};

const nothing = (config: ScrapeConfig, discovery: string): Finding => ({
  code: 'no-targets',
  cause: `\`${discovery}\` finds none`,
  remedy: remedyFor(config, discovery),
});

/**
 * By the labels that it gives to what it finds: `__meta_<kind>_*`, but `__meta_filepath` and `__meta_url`. Source: the
 * chapter of each `*_sd_config` in Prometheus's "Configuration".
 */
const finds = ({ active, dropped }: JobLook, discovery: string): boolean => {
  const kind = kindOf(discovery);
  const prefix = kind === 'http' ? '__meta_url' : `__meta_${kind}`;
  return [...active, ...dropped].some((labels) => Object.keys(labels).some((name) => name.startsWith(prefix)));
};

/**
 * Prometheus says each time that it looks in vain, and nothing when that has passed. Jobs that look in the same place do so
 * together, under the name of one of them (registerProviders in its discovery/manager.go).
 */
const lastFailure = ({ config, loaded, log, read, now }: JobLook, discovery: string): LogLine | undefined => {
  const own = loaded.find((one) => one.job_name === config.job_name);
  const places = entriesOf(own, discovery);
  const together = loaded.filter((one) =>
    entriesOf(one, discovery).some((entry) => places.some((place) => isDeepStrictEqual(entry, place))),
  );
  const names = new Set(together.map((one) => one.job_name));
  const intervals = places.map((place) => parseDuration(`${place['refresh_interval']}`) ?? DEFAULT_REFRESH_MS);
  const since = now - 1.5 * Math.max(...intervals) - PATIENCE_MS;
  return sinceLoading(log).findLast((line) => {
    if (line['err'] === undefined || line['msg'] === NOT_WATCHED || read.has(line['path'] ?? '')) return false;
    const isRecent = timeOf(line) >= since;
    if (line['msg'] === NO_TARGET) return isRecent && line['scrape_pool'] === config.job_name;
    if (!names.has(line['config'] ?? '')) return false;
    // "Cannot create service discovery", which it says once, has the kind as a type.
    return line['type'] === kindOf(discovery) || (isRecent && line['discovery'] === kindOf(discovery));
  });
};

/** A folder that is not there yet: what comes into it is found all the same, only later. */
const NOT_WATCHED = 'Error adding file watch';

/** Source: scrapePool.Sync in Prometheus's scrape/scrape.go. */
const NO_TARGET = 'Creating target failed';

const entriesOf = (config: ScrapeConfig | undefined, discovery: string) => objectsIn(config?.[discovery]);

/** Milliseconds; the longest of the kinds that have no interval to set. */
const DEFAULT_REFRESH_MS = 5 * 60_000;
/** Milliseconds that an answer may be waited for before it is known to have failed. */
const PATIENCE_MS = 30_000;

const remedyFor = (config: ScrapeConfig, discovery: string): string => {
  const statically = `write the targets as \`static_configs\` into the job "${config.job_name}", then \`monitor up\``;
  switch (discovery) {
    case 'docker_sd_configs':
    case 'dockerswarm_sd_configs':
      return `remove the job: Prometheus's container has no access to the Docker engine. \`monitor\` finds containers itself (\`detect: {enabled: true}\`; the label prometheus.io/port: "PORT" names a port)`;
    case 'dns_sd_configs':
      return `check the names ${namesIn(config, discovery, 'names')}(type SRV unless \`type: A\` and \`port\` are given); or ${statically}`;
    case 'http_sd_configs':
      return `let ${namesIn(config, discovery, 'url')}answer with a JSON list of targets (Prometheus looks again within a minute); or ${statically}`;
    case 'file_sd_configs':
      return `write targets into ${namesIn(config, discovery, 'files')}(in Prometheus's container); or ${statically}`;
    case 'static_configs':
      return `write targets into \`static_configs\` of the job "${config.job_name}", then \`monitor up\``;
    default:
      return `check \`${discovery}\` of the job "${config.job_name}"; or ${statically}`;
  }
};

const namesIn = (config: ScrapeConfig, discovery: string, key: string): string => {
  const names = entriesOf(config, discovery).flatMap((entry) => [entry[key]].flat());
  return names.length === 0 ? '' : `${names.filter((name) => typeof name === 'string').join(', ')} `;
};

/** Jobs without any target, and where others find none; `empty`: why, where that is known. Pure. */
export const emptyRows = (
  configs: readonly ScrapeConfig[],
  targets: readonly { job: string }[],
  empty: readonly EmptySource[],
): TargetRow[] =>
  configs.flatMap((config) => {
    const { job_name: job } = config;
    const isEmpty = !targets.some((target) => target.job === job);
    const found = empty.filter((one) => one.job === job && (isEmpty || one.source !== undefined));
    return (isEmpty && found.length === 0 ? [NOT_YET] : found).map(
      ({ source = sourceOf(config), stale, finding }): TargetRow => ({
        job,
        instance: `(${source})`,
        url: '',
        health: stale ? 'down' : 'none',
        ...finding,
      }),
    );
  });

const NOT_YET: Pick<EmptySource, 'source' | 'stale'> & { finding: Partial<Finding> } = {
  finding: { cause: 'Prometheus has found none yet' },
};

const sourceOf = (config: ScrapeConfig): string =>
  discoveriesOf(config)[0] ?? (config['relabel_configs'] === undefined ? 'static_configs' : 'relabel_configs');

/** Source: Manager.reload and ApplyConfig in Prometheus's scrape/manager.go; the same in 2.42.0, 3.5.3 and 3.13.2. */
const REFUSED: ReadonlySet<string> = new Set(['error creating new scrape pool', 'error reloading scrape pool']);

/**
 * Jobs that Prometheus cannot scrape as they are configured, which nothing but its log tells, and why: it lists no targets of
 * theirs, or goes on with the settings that they had before. Pure.
 */
export const refusedByLog = (
  log: readonly LogLine[],
  configs: readonly ScrapeConfig[],
  prometheus: RunningPrometheus,
): EmptySource[] => {
  const refused = sinceLoading(log).filter((line) => REFUSED.has(line['msg'] ?? ''));
  return configs.flatMap((scrapeConfig) => {
    const { job_name: job } = scrapeConfig;
    const error = refused.findLast((line) => line['scrape_pool'] === job)?.['err'];
    if (error === undefined) return [];
    const { kind, detail } = readScrapeError(error) ?? {};
    const finding =
      kind === 'file'
        ? unreadFile({ job, scrapeConfig, prometheus, error }, detail)
        : {
            code: 'scrape-pool',
            cause: `Prometheus cannot scrape this job: ${error}`,
            remedy: `correct that setting of the job "${job}" in \`scrape_configs\`, then \`monitor up\``,
          };
    return [{ job, finding }];
  });
};

/** Targets of jobs that Prometheus cannot scrape as they are configured are down, whatever it has listed before. Pure. */
export const withRefused = (states: readonly TargetState[], refused: readonly EmptySource[]): TargetState[] =>
  states.map((state) => {
    const why = refused.find(({ job }) => job === state.row.job)?.finding;
    return why === undefined ? state : { ...state, row: { ...state.row, health: 'down', ...why } };
  });

/** The jobs that the Prometheus that runs refuses; nothing is asked where monitor.yml has no such job. */
export const refusedJobs = async (session: Session): Promise<EmptySource[]> => {
  const { scrape_configs: configs, prometheus } = session.loaded.config;
  if (configs.length === 0) return [];
  const [log, version] = await Promise.all([prometheusLog(session), session.prometheus.version()]);
  return refusedByLog(log, configs, { container: prometheus.container, version });
};

/** Lines at the end of Prometheus's log that are read: some scrapes' worth, and what it said when it loaded. */
const LOG_LINES = 2000;

/** The end of the log of the Prometheus that runs; empty where the log driver cannot be read. */
export const prometheusLog = ({ engine, loaded }: Session): Promise<LogLine[]> =>
  engine.logs(loaded.config.prometheus.container, LOG_LINES).then(readLog, () => []);
