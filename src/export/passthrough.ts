import type { ScrapeConfig } from '../config/model.ts';
import { Verbatim } from '../config/verbatim.ts';
import { isRecord, quoted } from '../config/words.ts';
import type { Finding } from './finding.ts';
import { dataKeys } from './names.ts';

/** A file that a scrape config names, as it was found beside monitor.yml. */
export interface NamedFile {
  path: string;
  content: string;
}

/** By the path, or the pattern of paths, that a scrape config has; nothing where there is none to read. */
export type NamedFiles = ReadonlyMap<string, readonly NamedFile[]>;

/** `scrape_configs` as they hold away from this machine. */
export interface Passed {
  configs: ScrapeConfig[];
  /** Contents by key: what was in files or written out, and is secret. */
  files: Record<string, string>;
  findings: Finding[];
}

/** The files that scrape configs name: those of credentials and certificates, and lists of targets. */
export const filesNamedIn = (configs: readonly ScrapeConfig[]): string[] => {
  const paths = new Set<string>();
  for (const config of configs) {
    mapped(config, (value) => {
      paths.add(value);
      return value;
    });
  }
  return [...paths];
};

/**
 * Files become keys of a Secret that is mounted at `folder`, and so do credentials that are written out; discovery by
 * Docker is left out. Pure.
 */
export const passThrough = (configs: readonly ScrapeConfig[], named: NamedFiles, folder: string): Passed => {
  const found = [...named.values()].flat();
  const keys = dataKeys(
    found.map(({ path }) => path),
    (path) => path.slice(path.lastIndexOf('/') + 1),
  );
  const files: Record<string, string> = {};
  const findings: Finding[] = [];
  const inFolder = (key: string, content: string): string => {
    files[key] = content;
    return `${folder}/${key}`;
  };
  const passed = configs.flatMap((config): ScrapeConfig[] => {
    const undocked = withoutDocker(config, findings);
    if (undocked === undefined) return [];
    const placed = mapped(undocked, (path) => {
      const read = named.get(path) ?? [];
      if (read.length === 0) findings.push(unreadFile(path, config.job_name));
      return read.length === 0 ? path : read.map((file) => inFolder(keys.get(file.path) ?? file.path, file.content));
    });
    return [withoutWrittenSecrets(placed, (what, value) => inFolder(secretKey(config.job_name, what, files), value))];
  });
  return { configs: passed, files, findings };
};

const DOCKER_SD = ['docker_sd_configs', 'dockerswarm_sd_configs'];

const withoutDocker = (config: ScrapeConfig, findings: Finding[]): ScrapeConfig | undefined => {
  const named = DOCKER_SD.filter((key) => config[key] !== undefined);
  if (named.length === 0) return config;
  const { job_name } = config;
  const rest = Object.fromEntries(Object.entries(config).filter(([key]) => !DOCKER_SD.includes(key)));
  const findsMore = Object.keys(rest).some((key) => /_sd_configs$|^static_configs$/.test(key));
  findings.push({
    code: 'docker-discovery',
    subject: job_name,
    message: `job ${quoted(job_name)} has ${named.join(' and ')}, and a cluster has no Docker engine: ${findsMore ? 'that discovery' : 'the job'} is left out`,
    remedy: `annotate the Pods: prometheus.io/scrape: "true", prometheus.io/job: ${quoted(job_name)}`,
  });
  return findsMore ? { ...rest, job_name } : undefined;
};

const unreadFile = (path: string, job: string): Finding => ({
  code: 'file',
  subject: path,
  message: `job ${quoted(job)} needs the file ${path}, which cannot be read here and is not in the export`,
  remedy:
    'create the file (its path is relative to monitor.yml) and export again, or mount it into the Pod at that path',
});

/** In every Pod with a service account. */
const IN_EVERY_POD = /^\/(var\/)?run\/secrets\/kubernetes\.io\//;

/** The config with each path of a file replaced; only a list of files may become several. */
const mapped = (config: ScrapeConfig, replace: (path: string) => string | string[]): ScrapeConfig => {
  const walk = (value: unknown, key: string, parent: string): unknown => {
    if (value instanceof Verbatim) return value;
    if (typeof value === 'string') {
      if (!key.endsWith('_file') || IN_EVERY_POD.test(value)) return value;
      const to = replace(value);
      return typeof to === 'string' ? to : (to[0] ?? value);
    }
    if (Array.isArray(value)) {
      if (key !== 'files' || parent !== 'file_sd_configs') return value.map((item: unknown) => walk(item, '', key));
      return value.flatMap((item: unknown) => (typeof item === 'string' ? replace(item) : [item]));
    }
    if (!isRecord(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, walk(inner, name, key === '' ? parent : key)]),
    );
  };
  const entries = Object.entries(config).map(([key, value]) => [key, walk(value, key, '')]);
  return { ...Object.fromEntries(entries), job_name: config.job_name };
};

/** Where Prometheus takes a file in place of a secret. Source: its documentation of basic_auth, authorization and oauth2. */
const WRITTEN_SECRETS = [
  ['basic_auth', 'password'],
  ['authorization', 'credentials'],
  ['oauth2', 'client_secret'],
] as const;

const withoutWrittenSecrets = (config: ScrapeConfig, place: (what: string, value: string) => string): ScrapeConfig => {
  const next: ScrapeConfig = { ...config };
  for (const [section, name] of WRITTEN_SECRETS) {
    const written = next[section];
    const secret = isRecord(written) ? textOf(written[name]) : undefined;
    if (!isRecord(written) || secret === undefined) continue;
    const rest = Object.fromEntries(Object.entries(written).filter(([key]) => key !== name));
    next[section] = { ...rest, [`${name}_file`]: place(name, secret) };
  }
  const token = textOf(next['bearer_token']);
  if (token === undefined) return next;
  const rest = Object.fromEntries(Object.entries(next).filter(([key]) => key !== 'bearer_token'));
  return { ...rest, job_name: config.job_name, bearer_token_file: place('bearer_token', token) };
};

/** A secret that can be in a file: Prometheus trims the space around a file's content. */
const textOf = (value: unknown): string | undefined => {
  const text = value instanceof Verbatim ? value.text : value;
  return typeof text === 'string' && text !== '' && text.trim() === text ? text : undefined;
};

const secretKey = (job: string, what: string, files: Record<string, string>): string => {
  const [key = what] = [...dataKeys([`${job}-${what}`], (text) => text).values()];
  return files[key] === undefined ? key : secretKey(`${job}-2`, what, files);
};
