import { readFileSync } from 'node:fs';
import { familiesOf } from '../../src/metrics/families.ts';
import type { InstantSample, MetricFamily, MetricMetadata } from '../../src/metrics/family.ts';

/** A job as Prometheus has it after it scraped a text: its samples with the target's labels, and its metadata. */
export const scraped = (
  text: string,
  target: { job: string; instance?: string },
): { samples: InstantSample[]; metadata: MetricMetadata[] } => {
  const metadata = new Map<string, MetricMetadata>();
  const samples: InstantSample[] = [];
  const described = (metric: string): MetricMetadata => {
    const known = metadata.get(metric) ?? { metric, type: 'unknown', help: '', unit: '' };
    metadata.set(metric, known);
    return known;
  };
  const own = { job: target.job, instance: target.instance ?? `${target.job}:9100` };
  for (const line of text.split('\n')) {
    const [, what, metric = '', rest = ''] = /^# (HELP|TYPE) (\S+) ?(.*)$/.exec(line) ?? [];
    if (what === 'HELP') described(metric).help = rest;
    if (what === 'TYPE') described(metric).type = rest === 'untyped' ? 'unknown' : rest;
    if (line === '' || line.startsWith('#')) continue;
    const [, name = '', labels = '', value = ''] = /^([^{\s]+)(?:\{(.*)\})?\s+(\S+)/.exec(line) ?? [];
    samples.push({ labels: { __name__: name, ...labelsIn(labels), ...own }, value: numberOf(value) });
  }
  for (const name of ['up', 'scrape_duration_seconds']) samples.push({ labels: { __name__: name, ...own }, value: 1 });
  return { samples, metadata: [...metadata.values()] };
};

const labelsIn = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/([\w.]+)="((?:[^"\\]|\\.)*)"/g)].map(([, name = '', value = '']) => [name, value]),
  );

const numberOf = (text: string): number =>
  text === '+Inf' ? Number.POSITIVE_INFINITY : text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text);

/** The families of an exposition that a real library wrote (test/fixtures/expositions). */
export const recordedFamilies = (library: string, job = library): MetricFamily[] => {
  const text = readFileSync(new URL(`../fixtures/expositions/${library}.txt`, import.meta.url), 'utf8');
  const { samples, metadata } = scraped(text, { job });
  return familiesOf(samples, metadata);
};

/** Families of a text, without a file. */
export const familiesIn = (text: string, job = 'shop'): MetricFamily[] => {
  const { samples, metadata } = scraped(text, { job });
  return familiesOf(samples, metadata);
};
