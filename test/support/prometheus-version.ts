import { inject } from 'vitest';
import './sandbox-context.ts';

/** `3.5.3`: of the image that the tests start. */
export const PROMETHEUS_VERSION: string = inject('images').prometheus.version;

/** Whether that is this version or a later one. */
export const prometheusIsAtLeast = (major: number, minor: number): boolean => {
  const [itsMajor = 0, itsMinor = 0] = PROMETHEUS_VERSION.split('.').map(Number);
  return itsMajor > major || (itsMajor === major && itsMinor >= minor);
};
