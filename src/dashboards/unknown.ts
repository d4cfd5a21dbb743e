import { closest } from '../config/suggest.ts';
import { MonitorError } from '../errors.ts';

/** Fails with the nearest of `uids`. `what`: what does not have it. */
export const unknownDashboard = (uid: string, uids: readonly string[], what: string): MonitorError => {
  const near = closest(uid, uids);
  return new MonitorError({
    code: 'dashboard-not-found',
    message: `${what} with the uid "${uid}"`,
    detail: uids.length === 0 ? [] : [`there are ${[...uids].sort().join(', ')}`],
    suggestion: near === undefined ? '`monitor dashboards` lists them' : `did you mean ${near}?`,
  });
};
