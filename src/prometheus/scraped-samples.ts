import type { Labels } from './answers.ts';
import type { PrometheusClient } from './client.ts';

/** How many samples the last scrape of a target held, by the target's labels; `undefined` before the first one. */
export type ScrapedSamples = (labels: Labels) => number | undefined;

/**
 * Asks for `scrape_samples_scraped`, which Prometheus writes at each scrape. Source: Prometheus's "Jobs and instances",
 * "Automatically generated labels and time series". Fails as a query does.
 */
export const scrapedSamples = async ({ query }: Pick<PrometheusClient, 'query'>): Promise<ScrapedSamples> => {
  const { series } = await query('scrape_samples_scraped');
  const samples = new Map(
    series.map(({ labels: { __name__: _, ...labels }, samples: [sample] }) => [keyOf(labels), Number(sample?.[1])]),
  );
  return (labels) => samples.get(keyOf(labels));
};

const keyOf = (labels: Labels): string => JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
