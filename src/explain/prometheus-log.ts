import { type LogLine, readLog } from '../prometheus/log.ts';
import type { Session } from '../stack/session.ts';

/** Lines at the end of Prometheus's log that are read: some scrapes' worth, and what it said when it loaded. */
const LOG_LINES = 2000;

/** The end of the log of the Prometheus that runs; empty where the log driver cannot be read. */
export const prometheusLog = ({ engine, loaded }: Session): Promise<LogLine[]> =>
  engine.logs(loaded.config.prometheus.container, LOG_LINES).then(readLog, () => []);
