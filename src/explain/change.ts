import { DEFAULT_METRICS_PATH, DEFAULT_SCHEME } from '../config/defaults.ts';
import { shellWord } from '../config/words.ts';
import { splitAddress } from '../detect/place.ts';
import { HOST_ALIAS } from '../detect/reach.ts';
import type { Evidence } from './evidence.ts';

/** What of a target has to be another. */
export interface Correction {
  host?: string;
  /** Or a word that stands for one that is not known. */
  port?: number | 'PORT';
  metrics_path?: string;
  scheme?: 'http' | 'https';
}

/** How a target is corrected, in the place where it was named: monitor.yml, a label, or a passed-through job. Pure. */
export const correct = (evidence: Evidence, correction: Correction): string => {
  switch (evidence.origin) {
    case 'detected':
      return byLabels(evidence, correction);
    case 'passthrough':
      return byScrapeConfig(evidence, correction);
    case 'exporter':
      return 'recreate it: `monitor remove-exporter`, then `monitor add-exporter`';
    default:
      return byCommand(evidence, correction);
  }
};

const byCommand = (evidence: Evidence, correction: Correction): string => {
  const { instance } = evidence;
  const address = corrected(instance, correction);
  const { metrics_path, scheme } = correction;
  if (address === instance) return add(address, { metrics_path, scheme });
  return `${command(['remove-target', instance])}, then ${asTarget(evidence, correction)}`;
};

/** The command that names it in monitor.yml, as it is but for the correction. Pure. */
export const asTarget = (evidence: Evidence, correction: Correction = {}): string => {
  const address = corrected(evidence.instance, correction);
  return add(address, settingsFor(evidence, address, correction));
};

const settingsFor = (evidence: Evidence, address: string, { metrics_path, scheme }: Correction): Settings => ({
  job_name: jobName(evidence, address),
  metrics_path: metrics_path ?? unlessDefault(evidence.endpoint.metrics_path, DEFAULT_METRICS_PATH),
  scheme: scheme ?? unlessDefault(evidence.endpoint.scheme, DEFAULT_SCHEME),
  ...evidence.named,
});

/** Whatever is not given is left as it is, or as it is by default. */
interface Settings {
  job_name?: string | undefined;
  metrics_path?: string | undefined;
  scheme?: string | undefined;
  scrape_interval?: string;
  labels?: Readonly<Record<string, string>>;
}

const add = (address: string, { job_name, metrics_path, scheme, scrape_interval, labels = {} }: Settings): string =>
  command([
    'add-target',
    address,
    ...option('--job-name', job_name),
    ...option('--metrics-path', metrics_path),
    ...option('--scheme', scheme),
    ...option('--scrape-interval', scrape_interval),
    ...Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
  ]);

const option = (name: string, value: string | undefined): string[] => (value === undefined ? [] : [name, value]);

const command = (words: readonly string[]): string => `\`${['monitor', ...words].map(shellWord).join(' ')}\``;

const unlessDefault = (value: string, usual: string): string | undefined => (value === usual ? undefined : value);

/** By default a job has the name of the host. */
const jobName = ({ job, instance }: Evidence, address: string): string | undefined =>
  [instance, address].some((a) => splitAddress(a).host === job) ? undefined : job;

const corrected = (instance: string, { host, port }: Correction): string => {
  const parts = splitAddress(instance);
  return `${host ?? parts.host}:${port ?? parts.port}`;
};

/** A label takes a new container; a target in monitor.yml wins over what is detected, and works at once. */
const byLabels = (evidence: Evidence, correction: Correction): string => {
  const { container, instance } = evidence;
  const labels = [
    correction.port === undefined ? [] : [`prometheus.io/port: "${correction.port}"`],
    correction.metrics_path === undefined ? [] : [`prometheus.io/path: "${correction.metrics_path}"`],
    correction.scheme === undefined ? [] : [`prometheus.io/scheme: "${correction.scheme}"`],
  ].flat();
  return `give the container ${container?.name ?? splitAddress(instance).host} the label ${labels.join(' and ')}, or name it without recreating it: ${asTarget(evidence, correction)}`;
};

const byScrapeConfig = ({ job, endpoint }: Evidence, correction: Correction): string => {
  const parts = [
    correction.host === undefined && correction.port === undefined
      ? []
      : [`write ${corrected(endpoint.address, correction)} in place of ${endpoint.address}`],
    correction.metrics_path === undefined ? [] : [`write \`metrics_path: ${correction.metrics_path}\``],
    correction.scheme === undefined ? [] : [`write \`scheme: ${correction.scheme}\``],
  ].flat();
  return `in the job "${job}" of \`scrape_configs\`, ${parts.join(' and ')}; then \`monitor up\``;
};

/** The address as the user wrote it: one of this machine is dialled under another name. */
export const shownAddress = ({ endpoint, instance, origin }: Evidence): string =>
  origin !== 'passthrough' && endpoint.address.startsWith(`${HOST_ALIAS}:`) ? instance : endpoint.address;

/** Settings that `targets` in monitor.yml has no key for go into an entry of `scrape_configs`, which is printed whole. Pure. */
export const inScrapeConfigs = (evidence: Evidence, settings: Record<string, unknown>): string => {
  const { job, origin, instance } = evidence;
  if (origin === 'passthrough') {
    return `write \`${flow(settings)}\` in the job "${job}" of \`scrape_configs\`, then \`monitor up\``;
  }
  const isNamed = origin === 'config' ? `${command(['remove-target', instance])}, then ` : '';
  return `${isNamed}write this under \`scrape_configs\` in monitor.yml: \`- {${flow(jobOf(evidence, settings))}}\`; then \`monitor up\``;
};

const jobOf = ({ job, endpoint, named }: Evidence, settings: Record<string, unknown>): Record<string, unknown> => ({
  // Two entries of one job are refused.
  job_name: named?.sharesJob ? `${job}-${splitAddress(endpoint.address).port}` : job,
  scrape_interval: named?.scrape_interval,
  metrics_path: unlessDefault(endpoint.metrics_path, DEFAULT_METRICS_PATH),
  scheme: unlessDefault(endpoint.scheme, DEFAULT_SCHEME),
  ...settings,
  static_configs: [{ targets: [endpoint.address], labels: hasKeys(named?.labels) ? named?.labels : undefined }],
});

const hasKeys = (labels: object | undefined): boolean => Object.keys(labels ?? {}).length > 0;

/** A mapping as YAML's flow style has it, without the outer braces; what is absent is left out. */
const flow = (mapping: object): string =>
  Object.entries(mapping)
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${flowValue(value)}`]))
    .join(', ');

const flowValue = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(flowValue).join(', ')}]`;
  if (typeof value === 'object' && value !== null) return `{${flow(value)}}`;
  return typeof value === 'string' && !/^[a-z][\w.-]*$/i.test(value) ? JSON.stringify(value) : `${value}`;
};
