/** The dashboards that are written from the metrics that are there. Pure. */
export type { Draft, GenerateOptions, JobMetrics } from './draft.ts';
export { jobDraft } from './job.ts';
export { processesDraft } from './processes.ts';
export { servicesDraft } from './services.ts';
