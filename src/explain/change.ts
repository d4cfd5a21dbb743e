import { DEFAULT_METRICS_PATH, DEFAULT_SCHEME } from '../config/defaults.ts';
import { inlineYaml } from '../config/yaml-edit.ts';
import { splitAddress } from '../detect/place.ts';
import { HOST_ALIAS } from '../detect/reach.ts';
import { shellWord } from '../words.ts';
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
export const correct = (evidence: Evidence, correction: Correction): string =>
  BY_ORIGIN[evidence.origin](evidence, correction);

const byCommand = (evidence: Evidence, correction: Correction): string => {
  const { instance } = evidence;
  const { metrics_path, scheme } = correction;
  return corrected(instance, correction) === instance
    ? command('add-target', instance, { '--metrics-path': metrics_path, '--scheme': scheme })
    : `${command('remove-target', instance)}, then ${asTarget(evidence, correction)}`;
};

/** The command that names it in monitor.yml, as it is but for the correction. Pure. */
export const asTarget = (evidence: Evidence, correction: Correction = {}): string => {
  const { job, instance, endpoint, named } = evidence;
  const address = corrected(instance, correction);
  // By default a job has the name of the host.
  const isByHost = [instance, address].some((a) => splitAddress(a).host === job);
  return command('add-target', address, {
    '--job-name': isByHost ? undefined : job,
    '--metrics-path': correction.metrics_path ?? unlessDefault(endpoint.metrics_path, DEFAULT_METRICS_PATH),
    '--scheme': correction.scheme ?? unlessDefault(endpoint.scheme, DEFAULT_SCHEME),
    '--scrape-interval': named?.scrape_interval,
    '--label': Object.entries(named?.labels ?? {}).map(([name, value]) => `${name}=${value}`),
  });
};

/** Whatever is not given is left as it is, or as it is by default. */
type Options = Readonly<Record<string, string | readonly string[] | undefined>>;

const command = (verb: string, address: string, options: Options = {}): string => {
  const given = Object.entries(options).flatMap(([name, values = []]) =>
    [values].flat().flatMap((value) => [name, value]),
  );
  return `\`${['monitor', verb, address, ...given].map(shellWord).join(' ')}\``;
};

const unlessDefault = (value: string, usual: string): string | undefined => (value === usual ? undefined : value);

const corrected = (address: string, { host, port }: Correction): string => {
  const parts = splitAddress(address);
  return `${host ?? parts.host}:${port ?? parts.port}`;
};

/** A label takes a new container; a target in monitor.yml wins over what is detected, and works at once. */
const byLabels = (evidence: Evidence, correction: Correction): string => {
  const { container, instance } = evidence;
  const { port, metrics_path, scheme } = correction;
  const labels = Object.entries({ port, path: metrics_path, scheme }).flatMap(([name, value]) =>
    value === undefined ? [] : [`prometheus.io/${name}: "${value}"`],
  );
  return `give the container ${container?.name ?? splitAddress(instance).host} the label ${labels.join(' and ')}, or name it without recreating it: ${asTarget(evidence, correction)}`;
};

const byScrapeConfig = ({ job, endpoint: { address } }: Evidence, correction: Correction): string => {
  const { metrics_path, scheme } = correction;
  const other = corrected(address, correction);
  const parts = [
    ...(other === address ? [] : [`write ${other} in place of ${address}`]),
    ...Object.entries({ metrics_path, scheme }).flatMap(([key, value]) =>
      value === undefined ? [] : [`write \`${key}: ${value}\``],
    ),
  ];
  return `in the job "${job}" of \`scrape_configs\`, ${parts.join(' and ')}; then \`monitor up\``;
};

/** The address as the user wrote it: one of this machine is dialled under another name. */
export const shownAddress = ({ endpoint, instance, origin }: Evidence): string =>
  origin !== 'passthrough' && endpoint.address.startsWith(`${HOST_ALIAS}:`) ? instance : endpoint.address;

/** Settings that `targets` in monitor.yml has no key for go into an entry of `scrape_configs`, which is printed whole. Pure. */
export const inScrapeConfigs = (evidence: Evidence, settings: Record<string, unknown>): string => {
  const { job, origin, instance, endpoint, named } = evidence;
  if (origin === 'passthrough') {
    return `write \`${inlineYaml(settings).slice(1, -1)}\` in the job "${job}" of \`scrape_configs\`, then \`monitor up\``;
  }
  const labels = named?.labels ?? {};
  const entry = {
    // Two entries of one job are refused.
    job_name: named?.sharesJob ? `${job}-${splitAddress(endpoint.address).port}` : job,
    scrape_interval: named?.scrape_interval,
    metrics_path: unlessDefault(endpoint.metrics_path, DEFAULT_METRICS_PATH),
    scheme: unlessDefault(endpoint.scheme, DEFAULT_SCHEME),
    ...settings,
    static_configs: [{ targets: [endpoint.address], labels: Object.keys(labels).length > 0 ? labels : undefined }],
  };
  const before = origin === 'config' ? `${command('remove-target', instance)}, then ` : '';
  return `${before}write this under \`scrape_configs\` in monitor.yml: \`- ${inlineYaml(entry)}\`; then \`monitor up\``;
};

const BY_ORIGIN: Readonly<Record<Evidence['origin'], typeof correct>> = {
  config: byCommand,
  stack: byCommand,
  detected: byLabels,
  passthrough: byScrapeConfig,
  exporter: () => 'recreate it: `monitor remove-exporter`, then `monitor add-exporter`',
};
