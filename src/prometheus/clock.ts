import type { Transport } from '../http.ts';

/** Milliseconds; a header tells whole seconds, and an answer takes its time. */
const LEAST_MS = 3000;

/** A transport that learns from each answer's `Date` how far the server's clock is ahead of this machine's. */
export const withClock = (transport: Transport): { transport: Transport; ahead: () => number | undefined } => {
  let ahead: number | undefined;
  return {
    transport: async (request, signal) => {
      const response = await transport(request, signal);
      // Half a second: the header's time is rounded down.
      const difference = Date.parse(response.headers.date ?? '') + 500 - Date.now();
      if (Number.isFinite(difference)) ahead = Math.abs(difference) < LEAST_MS ? 0 : difference;
      return response;
    },
    ahead: () => ahead,
  };
};

/** Unix milliseconds by Prometheus's clock: what it has scraped has its times. */
export const prometheusNow = async (prometheus: { clockAhead(): Promise<number> }): Promise<number> =>
  Date.now() + (await prometheus.clockAhead());
