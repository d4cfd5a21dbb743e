import { type ScrapeConfig, Verbatim } from '../config/model.ts';
import { isRecord } from '../json.ts';
import { quoted } from '../words.ts';
import type { Finding } from './model.ts';
import { dataKey, dataKeys } from './names.ts';

/** A file that a scrape config names, as it was found beside monitor.yml. */
export interface ReadFile {
  path: string;
  content: string;
}

/** By the path, or the pattern of paths, that a scrape config has; nothing where there is none to read. */
export type NamedFiles = ReadonlyMap<string, readonly ReadFile[]>;

/** `scrape_configs` as they hold away from this machine. */
export interface Passed {
  configs: ScrapeConfig[];
  /** Contents by key: what was in files or written out, and may be secret. */
  files: Record<string, string>;
  findings: Finding[];
}

/** Not below that of prometheus.yml: a volume cannot be mounted into a read-only one. */
export const FILES_FOLDER = '/etc/prometheus-files';

interface Place {
  /** Where Prometheus has the files, each under its key. */
  folder: string;
  /** Paths that are there without us. */
  has: RegExp;
  /** Discovery by Docker works there. */
  hasDocker: boolean;
}

/** Files, and credentials that are written out, become files of the place. Pure. */
export const passThrough = (configs: readonly ScrapeConfig[], named: NamedFiles, place: Place): Passed => {
  const keys = dataKeys([...named.values()].flat().map(({ path }) => path));
  const passed: Passed = { configs: [], files: {}, findings: [] };
  const { files, findings } = passed;
  const inFolder = (key: string, content: string): string => {
    files[key] = content;
    return `${place.folder}/${key}`;
  };
  for (const config of configs) {
    const { job_name } = config;
    const undocked = place.hasDocker ? config : withoutDocker(config, findings);
    if (undocked === undefined) continue;
    const file = (path: string): string[] => {
      const read = named.get(path) ?? [];
      if (!place.has.test(path) && read.length === 0) findings.push(unreadFile(path, job_name));
      if (place.has.test(path) || read.length === 0) return [path];
      return read.map((one) => inFolder(keys.get(one.path) ?? one.path, one.content));
    };
    const secret = (what: string, text: string): string => inFolder(secretKey(job_name, what, files), text);
    passed.configs.push({ ...rewritten(undocked, { file, secret }), job_name });
  }
  return passed;
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
  remedy: 'create the file (its path is relative to monitor.yml) and export again, or mount it there at that path',
});

/** What takes the place of a file's path, or of a secret that is written out. */
interface Visitor {
  /** Only a list of files may become several. */
  file(path: string): string[];
  secret(what: string, text: string): string;
}

/** Where Prometheus takes a file in place of a secret. Source: its documentation, "http_config" and "tls_config". */
const IN_FILES: Readonly<Record<string, string>> = {
  basic_auth: 'password',
  authorization: 'credentials',
  oauth2: 'client_secret',
  tls_config: 'key',
};

/** What has names of the user's own choice. */
const FREE = ['labels', 'params'];

/** The config with each path of a file, and each secret that can be in one, replaced, however deep. */
const rewritten = (config: Readonly<Record<string, unknown>>, visit: Visitor): Record<string, unknown> => {
  const walk = (value: unknown, section: string): unknown => {
    if (Array.isArray(value)) return value.flatMap((item: unknown) => inList(item, section));
    if (!isRecord(value) || value instanceof Verbatim || FREE.includes(section)) return value;
    return entries(value, section);
  };
  const entries = (value: Readonly<Record<string, unknown>>, section: string) =>
    Object.fromEntries(Object.entries(value).map(([key, inner]) => entry(key, inner, section)));
  const inList = (item: unknown, section: string): unknown[] =>
    section === 'files' && typeof item === 'string' ? visit.file(item) : [walk(item, section)];
  const entry = (key: string, value: unknown, section: string): [string, unknown] => {
    const isSecret = IN_FILES[section] === key || (key === 'bearer_token' && section === '');
    const secret = isSecret ? textOf(value) : undefined;
    if (secret !== undefined) return [`${key}_file`, visit.secret(key, secret)];
    if (typeof value !== 'string' || !key.endsWith('_file')) return [key, walk(value, key)];
    return [key, visit.file(value)[0]];
  };
  return entries(config, '');
};

/** A secret that can be in a file: Prometheus trims the space around a file's content. */
const textOf = (value: unknown): string | undefined => {
  const text = value instanceof Verbatim ? value.text : value;
  return typeof text === 'string' && text !== '' && text.trim() === text ? text : undefined;
};

/** Secrets that stay in the text. Source: Prometheus's documentation of the `*_sd_configs` and of `http_headers`. */
const WRITTEN =
  /^(password|token|secrets|secret_key|client_secret|application_(credential_)?secret|consumer_key|auth_token)$/;

/** A ConfigMap is read by more people than a Secret. Pure. */
export const writtenSecrets = (config: ScrapeConfig): Finding[] => {
  const walk = (value: unknown, section: string): string[] => {
    if (Array.isArray(value)) return value.flatMap((item: unknown) => walk(item, section));
    if (!isRecord(value) || FREE.includes(section)) return [];
    return Object.entries(value).flatMap(([key, inner]) =>
      WRITTEN.test(key) ? [`${section}.${key}`] : walk(inner, key),
    );
  };
  const { job_name } = config;
  return walk(config, '').map((what) => ({
    code: 'secret',
    subject: job_name,
    message: `job ${quoted(job_name)} has the secret ${what} in its text: all who can read the ConfigMap of prometheus.yml can read it`,
    remedy: 'put it into a file where Prometheus takes one, or restrict who can read ConfigMaps of that namespace',
  }));
};

const secretKey = (job: string, what: string, files: Record<string, string>): string => {
  const key = dataKey(`${job}-${what}`);
  return files[key] === undefined ? key : secretKey(`${job}-2`, what, files);
};
