import { bundledRuns } from '../bundled.ts';
import type { Measure } from '../measure.ts';
import { median, summary } from '../stats.ts';

/** Milliseconds of our own for 100 targets and 30 dashboards. */
const GOAL_MS = 150;

/** Each sample in a process of its own, bundled as the product is. */
export const exportKubernetes: Measure = async (lab) => {
  const runs = await bundledRuns(lab, 'export-work', (output) => JSON.parse(output));
  const samples = runs.map(({ ms }) => ms);
  const bytes = runs[0]?.bytes ?? 0;
  return [
    {
      what: 'export to Kubernetes of 100 targets and 30 dashboards',
      value: median(samples),
      unit: 'ms',
      goal: GOAL_MS,
      detail: `${summary(samples, 'ms')} for ${Math.round(bytes / 1024)} KiB in a fresh process`,
    },
  ];
};
