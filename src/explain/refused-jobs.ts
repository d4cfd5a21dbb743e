import type { ScrapeConfig } from '../config/model.ts';
import { type LogLine, sinceLoading } from '../prometheus/log.ts';
import type { Session } from '../stack/session.ts';
import type { TargetState } from '../stack/target-states.ts';
import { unreadFile } from './causes-file.ts';
import type { EmptySource } from './empty-jobs.ts';
import type { Finding } from './finding.ts';
import { prometheusLog } from './prometheus-log.ts';
import { readScrapeError } from './scrape-error.ts';

/**
 * Passed-through jobs that Prometheus cannot scrape as they are configured, which nothing but its log tells, and why: it
 * lists no targets of theirs, or goes on with the settings that they had before. Pure.
 */
export const refusedByLog = (
  log: readonly LogLine[],
  configs: readonly ScrapeConfig[],
  { container, version }: { container: string; version: string },
): Map<string, Finding> => {
  const refused = sinceLoading(log).filter((line) => REFUSED.has(line['msg'] ?? ''));
  return new Map(
    configs.flatMap((config): [string, Finding][] => {
      const { job_name: job } = config;
      const error = refused.findLast((line) => line['scrape_pool'] === job)?.['err'];
      if (error === undefined) return [];
      const { kind, detail } = readScrapeError(error) ?? {};
      if (kind === 'file')
        return [[job, unreadFile({ job, scrapeConfig: config, version, prometheus: container, error }, detail)]];
      return [
        [
          job,
          {
            code: 'scrape-pool',
            cause: `Prometheus cannot scrape this job: ${error}`,
            remedy: `correct that setting of the job "${job}" in \`scrape_configs\`, then \`monitor up\``,
          },
        ],
      ];
    }),
  );
};

/** Source: Manager.reload and ApplyConfig in Prometheus's scrape/manager.go; the same in 2.42.0, 3.5.3 and 3.13.2. */
const REFUSED: ReadonlySet<string> = new Set(['error creating new scrape pool', 'error reloading scrape pool']);

/** The same of the Prometheus that runs; nothing is asked where monitor.yml has no such job. */
export const refusedJobs = async (session: Session): Promise<Map<string, Finding>> => {
  const { scrape_configs: configs, prometheus } = session.loaded.config;
  if (configs.length === 0) return new Map();
  const [log, version] = await Promise.all([prometheusLog(session), session.prometheus.version()]);
  return refusedByLog(log, configs, { container: prometheus.container, version });
};

/** Targets of jobs that Prometheus cannot scrape as they are configured are down, whatever it has listed before. Pure. */
export const withRefused = (states: readonly TargetState[], refused: ReadonlyMap<string, Finding>): TargetState[] =>
  states.map((state) => {
    const why = refused.get(state.row.job);
    return why === undefined ? state : { ...state, row: { ...state.row, health: 'down', ...why } };
  });

/** As places where no targets are found. Pure. */
export const ofJobs = (refused: ReadonlyMap<string, Finding>): EmptySource[] =>
  [...refused].map(([job, finding]) => ({ job, finding }));
