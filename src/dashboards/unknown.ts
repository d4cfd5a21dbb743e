import { didYouMean } from '../config/suggest.ts';
import { MonitorError } from '../errors.ts';

/** Fails with the nearest of `uids`. `what`: what does not have it. */
export const unknownDashboard = (uid: string, uids: readonly string[], what: string): MonitorError =>
  new MonitorError({
    code: 'dashboard-not-found',
    message: `${what} with the uid "${uid}"`,
    detail: uids.length === 0 ? [] : [`there are ${[...uids].sort().join(', ')}`],
    suggestion: didYouMean(uid, uids) ?? '`monitor dashboards` lists them',
  });
