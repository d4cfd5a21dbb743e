import { parse } from 'yaml';
import { DEFAULT_METRICS_PATH } from '../config/defaults.ts';
import type { ScrapeConfig } from '../config/model.ts';
import type { ScrapeTarget } from '../detect/types.ts';
import { asRecord, isRecord, list } from '../json.ts';
import { staticEntries } from './dialled.ts';
import { DETECTED_LABEL, FALLBACK_LABEL } from './render.ts';

/** A static target in a rendered prometheus.yml. */
export interface WrittenTarget extends Pick<ScrapeTarget, 'job' | 'instance' | 'metrics_path' | 'address'> {
  /** Of a target that detection wrote: the short id of the container that answered. */
  container?: string;
  /** And the `fallback_scrape_protocol` that its answer needed. */
  fallback?: string;
}

/** The static targets of a rendered prometheus.yml; none where the text is not one. Pure. */
export const readTargets = (text: string): WrittenTarget[] =>
  configsIn(text).flatMap((config) =>
    staticEntries(config).map(({ address, labels }) => ({
      job: config.job_name,
      instance: labels['instance'] ?? address,
      metrics_path: labels['__metrics_path__'] ?? `${config['metrics_path'] ?? DEFAULT_METRICS_PATH}`,
      address,
      container: labels[DETECTED_LABEL],
      fallback: labels[FALLBACK_LABEL],
    })),
  );

/** The jobs whose targets their `relabel_configs` may change or drop: what they are, Prometheus alone knows. Pure. */
export const relabelledJobs = (configs: readonly ScrapeConfig[]): Set<string> =>
  new Set(configs.flatMap((config) => (config['relabel_configs'] === undefined ? [] : [config.job_name])));

/** The static targets of passed-through jobs in a rendered prometheus.yml, but for those that are relabelled. Pure. */
export const passedTargets = (text: string, configs: readonly ScrapeConfig[]): WrittenTarget[] => {
  if (configs.length === 0) return [];
  const relabelled = relabelledJobs(configs);
  const jobs = new Set(configs.map((config) => config.job_name));
  return readTargets(text).filter(({ job }) => jobs.has(job) && !relabelled.has(job));
};

/** The scrape configs in a prometheus.yml, each value as text; none where the text is not one. Pure. */
export const configsIn = (text: string): ScrapeConfig[] =>
  list(asRecord(parseSafely(text))['scrape_configs'])
    .filter(isRecord)
    .map((job) => ({ ...job, job_name: `${job['job_name'] ?? ''}` }));

const parseSafely = (text: string): unknown => {
  try {
    // All is text there: an id such as 123e45678901 is no number.
    return parse(text, { schema: 'failsafe' });
  } catch {
    return undefined;
  }
};
