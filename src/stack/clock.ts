import type { PrometheusClient } from '../prometheus/client.ts';
import { plural } from '../words.ts';

/** What a report says of clocks that differ: the time by Prometheus's, and a line for a person; empty where they agree. */
interface ClockReport {
  /** RFC 3339; absent where it is this machine's time too. */
  now?: string;
  notices: string[];
}

export const clockReport = async (prometheus: Pick<PrometheusClient, 'clockAhead'>): Promise<ClockReport> => {
  const ahead = await prometheus.clockAhead();
  if (ahead === 0) return { notices: [] };
  const by = duration(Math.abs(ahead) / 1000);
  return {
    now: new Date(Date.now() + ahead).toISOString(),
    notices: [
      `the engine’s clock is ${by} ${ahead > 0 ? 'ahead of' : 'behind'} this machine’s: times are by Prometheus’s clock; restart Docker to set the clock of its virtual machine`,
    ],
  };
};

const duration = (seconds: number): string =>
  seconds < 90 ? plural(Math.round(seconds), 'second') : plural(Math.round(seconds / 60), 'minute');
