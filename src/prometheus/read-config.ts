import { parse } from 'yaml';
import type { ScrapeConfig } from '../config/model.ts';
import { isRecord } from '../config/words.ts';
import { DETECTED_LABEL, FALLBACK_LABEL } from './render.ts';

/** A static target in a rendered prometheus.yml. */
export interface WrittenTarget {
  job: string;
  instance: string;
  metrics_path: string;
  /** `host:port` as Prometheus dials it. */
  address: string;
  /** Of a target that detection wrote: the short id of the container that answered. */
  container?: string;
  /** And the `fallback_scrape_protocol` that its answer needed. */
  fallback?: string;
}

/** The static targets of a rendered prometheus.yml; none where the text is not one. Pure. */
export const readTargets = (text: string): WrittenTarget[] => {
  if (text === '') return [];
  return list(field(parseSafely(text), 'scrape_configs')).flatMap((job) => {
    const name = String(field(job, 'job_name') ?? '');
    const path = field(job, 'metrics_path') ?? '/metrics';
    return list(field(job, 'static_configs')).flatMap((entry) => {
      const labels = field(entry, 'labels');
      const container = field(labels, DETECTED_LABEL);
      return list(field(entry, 'targets')).map((target) => ({
        job: name,
        instance: String(field(labels, 'instance') ?? target),
        metrics_path: String(field(labels, '__metrics_path__') ?? path),
        address: String(target),
        container: textOf(container),
        fallback: textOf(field(labels, FALLBACK_LABEL)),
      }));
    });
  });
};

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

/** The scrape configs in a prometheus.yml, each value as text. Pure. */
export const configsIn = (text: string): ScrapeConfig[] =>
  list(field(parseSafely(text), 'scrape_configs')).flatMap((job) =>
    isRecord(job) ? [{ ...job, job_name: String(job['job_name'] ?? '') }] : [],
  );

const parseSafely = (text: string): unknown => {
  try {
    // All is text there: an id such as 123e45678901 is no number.
    return parse(text, { schema: 'failsafe' });
  } catch {
    return undefined;
  }
};

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
const textOf = (value: unknown): string | undefined => (value === undefined ? undefined : String(value));
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
