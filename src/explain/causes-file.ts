import { insteadOf, namedFiles } from '../prometheus/named-files.ts';
import type { Cause } from './causes-answer.ts';

/** A file that Prometheus cannot open: there is none in its container, or not one that its user may read. Pure. */
export const unreadFile: Cause = ({ job, scrapeConfig, version, prometheus, error = '' }, path = '') => {
  const named = scrapeConfig === undefined ? undefined : namedFiles([scrapeConfig]).find((f) => f.path === path);
  const fault = /permission denied/i.test(error)
    ? 'which its user may not read'
    : 'which is not in its container: a path of this machine leads nowhere there';
  return {
    code: 'file',
    cause: `Prometheus needs the file ${path}${named === undefined ? '' : ` (\`${named.key}\`)`} for the job "${job}", ${fault}`,
    remedy: insteadOf(named ?? { job, key: '', path, written: path }, { container: prometheus, version }),
  };
};
