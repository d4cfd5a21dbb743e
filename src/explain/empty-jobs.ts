import type { ScrapeConfig } from '../config/model.ts';
import { isRecord, plural } from '../config/words.ts';
import type { LogLine } from '../prometheus/log.ts';
import { insteadOf, missingFile, type NamedFile } from '../prometheus/named-files.ts';
import type { Finding } from './finding.ts';
import { readScrapeError } from './scrape-error.ts';

/** What is known of a passed-through job that has no target. */
export interface EmptyJob {
  config: ScrapeConfig;
  /** It is in the configuration that Prometheus has loaded. */
  loaded: boolean;
  /** How many targets its `relabel_configs` drop. */
  dropped: number;
  /** Files that it names and that are not in Prometheus's container. */
  missing: readonly NamedFile[];
  /** Prometheus's log. */
  log: readonly LogLine[];
  prometheus: { container: string; version: string };
}

/** `file_sd_configs`, ...: how a job finds its targets. Pure. */
const discoveriesOf = (config: ScrapeConfig): string[] =>
  Object.keys(config).filter((key) => key.endsWith('_sd_configs'));

/** Why a job has no targets. Pure. */
export const explainEmpty = (job: EmptyJob): Finding => {
  const { config, loaded, dropped, missing, log, prometheus } = job;
  const { job_name } = config;
  const [discovery = 'static_configs'] = discoveriesOf(config);
  const [file] = missing;
  if (!loaded) {
    return {
      code: 'not-loaded',
      cause: 'monitor.yml has this job, and Prometheus has not loaded it yet',
      remedy: '`monitor up` adds it',
    };
  }
  if (file !== undefined) {
    return {
      code: 'file',
      cause: missingFile(file),
      remedy: insteadOf(file, prometheus),
    };
  }
  const refused = log.findLast((l) => l['scrape_pool'] === job_name && l['msg'] === 'error creating new scrape pool');
  if (refused !== undefined) {
    return {
      code: readScrapeError(refused['err'] ?? '')?.kind === 'file' ? 'file' : 'scrape-pool',
      cause: `Prometheus cannot scrape this job: ${refused['err'] ?? ''}`,
      remedy: `correct that setting of the job "${job_name}" in \`scrape_configs\`, then \`monitor up\``,
    };
  }
  if (dropped > 0) {
    return {
      code: 'all-dropped',
      cause: `its \`relabel_configs\` drop ${dropped === 1 ? 'the only one' : `all ${plural(dropped, 'target')}`} that it finds`,
      remedy: `correct \`relabel_configs\` of the job "${job_name}" in \`scrape_configs\` (\`action: keep\` keeps what matches, \`drop\` drops it), then \`monitor up\``,
    };
  }
  const failed = log.findLast((l) => l['config'] === job_name && /error|warn/i.test(l['level'] ?? '') && l['err']);
  if (failed !== undefined) {
    return {
      code: 'discovery-failed',
      cause: `\`${discovery}\` fails: ${failed['err']}`,
      remedy: remedyFor(config, discovery),
    };
  }
  return {
    code: 'no-targets',
    cause: `\`${discovery}\` finds none`,
    remedy: remedyFor(config, discovery),
  };
};

const SOON = 'Prometheus looks again within a minute';

const remedyFor = (config: ScrapeConfig, discovery: string): string => {
  const statically = `write the targets as \`static_configs\` into the job "${config.job_name}", then \`monitor up\``;
  switch (discovery) {
    case 'docker_sd_configs':
    case 'dockerswarm_sd_configs':
      return `remove the job: Prometheus's container has no access to the Docker engine. \`monitor\` finds containers itself (\`detect: {enabled: true}\`; the label prometheus.io/port: "PORT" names a port)`;
    case 'dns_sd_configs':
      return `check the names ${namesIn(config, discovery, 'names')}(type SRV unless \`type: A\` and \`port\` are given); or ${statically}`;
    case 'http_sd_configs':
      return `let ${namesIn(config, discovery, 'url')}answer with a JSON list of targets (${SOON}); or ${statically}`;
    case 'file_sd_configs':
      return `write targets into ${namesIn(config, discovery, 'files')}(in Prometheus's container); or ${statically}`;
    default:
      return `check \`${discovery}\` of the job "${config.job_name}"; or ${statically}`;
  }
};

const namesIn = (config: ScrapeConfig, discovery: string, key: string): string => {
  const entries: unknown = config[discovery];
  const names = Array.isArray(entries) ? entries.flatMap((e: unknown) => (isRecord(e) ? [e[key]].flat() : [])) : [];
  return names.length === 0 ? '' : `${names.filter((name) => typeof name === 'string').join(', ')} `;
};
