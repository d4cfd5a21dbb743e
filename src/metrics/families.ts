import type { InstantSample, MetricFamily, MetricMetadata } from './family.ts';

/**
 * The families of a job from what Prometheus answers to the instant query `{job="events"}`, which has each series with
 * its last sample and tells native histograms from others, and to `/api/v1/targets/metadata?match_target={job="events"}`.
 * By name. Pure.
 */
export const familiesOf = (
  _samples: readonly InstantSample[],
  _metadata: readonly MetricMetadata[],
): MetricFamily[] => [];
