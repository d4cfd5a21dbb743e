import type { ScrapeConfig } from '../config/model.ts';
import type { Engine } from '../docker/engine.ts';
import { isRecord } from '../json.ts';
import { shellWord } from '../words.ts';

/** A file that an entry of `scrape_configs` names, as Prometheus looks for it in its container. */
export interface NamedFile {
  job: string;
  /** `basic_auth.password_file`, `file_sd_configs.files` */
  key: string;
  /** Absolute; of a list of targets it may be a pattern: `/etc/targets/*.json`. */
  path: string;
  /** As it is written. */
  written: string;
}

/** Relative paths are relative to the configuration file. Source: Prometheus's config.Load, SetDirectory. */
const CONFIG_FOLDER = '/etc/prometheus';

/** The files of credentials and certificates, and of lists of targets, that scrape configs name. Pure. */
export const namedFiles = (configs: readonly ScrapeConfig[]): NamedFile[] =>
  configs.flatMap((config) => filesIn(config, [], config.job_name));

/** The keys below these are names of the user's own, `log_file` for instance. */
const NAMED_BY_USERS: ReadonlySet<string> = new Set(['labels', 'params']);

const filesIn = (value: unknown, keys: readonly string[], job: string): NamedFile[] => {
  if (Array.isArray(value)) return value.flatMap((item: unknown) => filesIn(item, keys, job));
  if (isRecord(value))
    return Object.entries(value).flatMap(([key, inner]) =>
      NAMED_BY_USERS.has(key) ? [] : filesIn(inner, [...keys, key], job),
    );
  const isList = keys.at(-1) === 'files' && (keys.join('.') === FILE_SD || keys.at(-3) === 'http_headers');
  const isFile = keys.at(-1)?.endsWith('_file') === true || isList;
  if (typeof value !== 'string' || value === '' || !isFile) return [];
  const path = value.startsWith('/') ? value : `${CONFIG_FOLDER}/${value}`;
  return [{ job, key: keys.join('.'), path, written: value }];
};

/**
 * Those that are not in a container. Of a pattern its folder is looked for: what matches it may come at any time.
 */
export const missingFiles = async (
  engine: Pick<Engine, 'statFile'>,
  container: string,
  configs: readonly ScrapeConfig[],
): Promise<NamedFile[]> => {
  const named = namedFiles(configs);
  const isThere = await Promise.all(
    named.map(({ path }) => engine.statFile(container, path.replace(/\/[^/]*[*?[].*$/, '') || '/')),
  );
  return named.filter((_, n) => isThere[n] === undefined);
};

const FILE_SD = 'file_sd_configs.files';

/**
 * Keys that take the content of a file that they name with `_file` at their end. `tls_config` has them since Prometheus 2.48:
 * 2.42 refuses them, 3.5 takes them.
 */
const WRITTEN_OUT = /^(password|username|credentials|bearer_token|client_secret|ca|cert|key)_file$/;

/** Says of a file what it is for and that it is not there. */
export const missingFile = ({ key, path }: Pick<NamedFile, 'key' | 'path'>): string =>
  `${key === '' ? 'it needs' : `\`${key}\` names`} ${path}, which is not in the container of Prometheus: it does not see the files of this machine`;

/** How a job does without a file that Prometheus's container does not have, for a person. Pure. */
export const insteadOf = (
  { job, key, written }: NamedFile,
  { container, version }: { container: string; version: string },
): string => {
  const name = key.slice(key.lastIndexOf('.') + 1);
  const isTooOld = version.startsWith('2.') && key.startsWith('tls_config.');
  const inline = isTooOld ? undefined : WRITTEN_OUT.exec(name)?.[1];
  const { from, to, path } = copyOf(written);
  const what = path === to ? 'the file' : 'its folder';
  const copy =
    path === written
      ? `copy ${what} there, \`docker cp ${from} ${container}:${to}\`, then \`monitor restart prometheus\``
      : `copy ${what} to the volume of Prometheus, \`docker cp ${from} ${container}:${to}\`, write \`${path}\` in its place, then \`monitor up\``;
  if (key === FILE_SD)
    return `write its targets as \`static_configs\` into the job "${job}"; or ${copy} (copy again what changes)`;
  return inline === undefined
    ? copy
    : `in the job "${job}", write \`${inline}: …\` with the content of the file in place of \`${name}\`; then \`monitor up\``;
};

/** For a file that Prometheus's user may not read; docker cp keeps its mode and makes it root's. Pure. */
export const readableForAll = (container: string, path: string): string =>
  `let all users read it: \`docker exec -u 0 ${container} chmod a+r ${shellWord(path)}\``;

/** A pattern's folder is copied as it is, into one of the same name; of a path on the volume, its last name is on this machine. */
const copyOf = (written: string): { from: string; to: string; path: string } => {
  const [, folder = '', pattern] = /^(.*?)\/?([^/]*[*?[][^/]*)$/.exec(written) ?? [];
  const copied = pattern === undefined ? written : folder;
  const name = copied.split('/').at(-1) || 'targets';
  const from = copied.startsWith('/prometheus/') ? name : copied;
  const to = `/prometheus/${name}`;
  return pattern === undefined ? { from, to, path: to } : { from: `${from || '.'}/.`, to, path: `${to}/${pattern}` };
};
