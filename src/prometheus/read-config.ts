import { parse } from 'yaml';

/** A static target as a prometheus.yml of ours has it. */
export interface WrittenTarget {
  job: string;
  instance: string;
  metrics_path: string;
}

/** The static targets of a rendered prometheus.yml; none where the text is not one. Pure. */
export const readTargets = (text: string): WrittenTarget[] => {
  if (text === '') return [];
  return list(field(parseSafely(text), 'scrape_configs')).flatMap((job) => {
    const name = String(field(job, 'job_name') ?? '');
    const path = field(job, 'metrics_path') ?? '/metrics';
    return list(field(job, 'static_configs')).flatMap((entry) => {
      const labels = field(entry, 'labels');
      return list(field(entry, 'targets')).map((target) => ({
        job: name,
        instance: String(field(labels, 'instance') ?? target),
        metrics_path: String(field(labels, '__metrics_path__') ?? path),
      }));
    });
  });
};

const parseSafely = (text: string): unknown => {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
};

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
