import { DEFAULT_METRICS_PATH } from '../config/defaults.ts';
import { splitAddress } from '../detect/place.ts';
import { HOST_ALIAS } from '../detect/reach.ts';
import type { Evidence } from './evidence.ts';

/** What of a target has to be another. */
export interface Correction {
  host?: string;
  port?: number;
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
      return 'make it anew: `monitor remove-exporter`, then `monitor add-exporter`';
    default:
      return byCommand(evidence, correction);
  }
};

const byCommand = ({ instance, job, endpoint }: Evidence, correction: Correction): string => {
  const address = corrected(instance, correction);
  const options = [
    correction.metrics_path === undefined ? '' : ` --metrics-path ${correction.metrics_path}`,
    correction.scheme === undefined ? '' : ` --scheme ${correction.scheme}`,
  ].join('');
  if (address === instance) return `\`monitor add-target ${instance}${options}\``;
  const path = correction.metrics_path ?? endpoint.metrics_path;
  const kept = path === DEFAULT_METRICS_PATH ? '' : ` --metrics-path ${path}`;
  const { host } = splitAddress(address);
  const name = job === splitAddress(instance).host || job === host ? '' : ` --job-name ${job}`;
  return `\`monitor remove-target ${instance}\`, then \`monitor add-target ${address}${name}${kept}\``;
};

const corrected = (instance: string, { host, port }: Correction): string => {
  const parts = splitAddress(instance);
  return `${host ?? parts.host}:${port ?? parts.port}`;
};

const byLabels = ({ container, instance }: Evidence, correction: Correction): string => {
  const labels = [
    correction.port === undefined ? [] : [`prometheus.io/port: "${correction.port}"`],
    correction.metrics_path === undefined ? [] : [`prometheus.io/path: "${correction.metrics_path}"`],
    correction.scheme === undefined ? [] : [`prometheus.io/scheme: "${correction.scheme}"`],
  ].flat();
  return `give the container ${container?.name ?? splitAddress(instance).host} the label ${labels.join(' and ')}`;
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

/** Settings that monitor.yml has no key for go into a job of Prometheus's own. */
export const inScrapeConfigs = ({ job, origin, instance }: Evidence, settings: string): string =>
  origin === 'passthrough'
    ? `set ${settings} in the job "${job}" of \`scrape_configs\`, then \`monitor up\``
    : `list ${instance} under \`scrape_configs\` in monitor.yml in place of this target, with ${settings}`;
