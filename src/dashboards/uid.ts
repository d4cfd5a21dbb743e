import { createHash } from 'node:crypto';

/** The page that `monitor open` opens. */
export const SERVICES_UID = 'monitor-services';
export const PROCESSES_UID = 'monitor-processes';

const MAX = 40;
const PREFIX = 'monitor-job-';

/**
 * The uid of a job's dashboard: `[a-zA-Z0-9_-]`, 40 characters at most (Grafana's limit), the same for the same job.
 * A name that has to be changed for it ends in a hash, so that two jobs never share one.
 */
export const jobDashboardUid = (job: string): string => {
  const fits = /^[a-zA-Z0-9_-]+$/.test(job) && PREFIX.length + job.length <= MAX;
  if (fits) return `${PREFIX}${job}`;
  const hash = createHash('sha256').update(job).digest('hex').slice(0, 8);
  const room = MAX - PREFIX.length - hash.length - 1;
  return `${PREFIX}${job.replace(/[^a-zA-Z0-9_-]+/g, '-').slice(0, room)}-${hash}`;
};
