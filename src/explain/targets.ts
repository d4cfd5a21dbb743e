import type { MonitorConfig } from '../config/model.ts';
import { unlessRefused } from '../errors.ts';
import { unreadServers } from '../exporters/unread-server.ts';
import type { TargetRow } from '../output/report.ts';
import { prometheusNow } from '../prometheus/clock.ts';
import type { LogLine } from '../prometheus/log.ts';
import { missingFiles } from '../prometheus/named-files.ts';
import { configsIn, readTargets, relabelledJobs } from '../prometheus/read-config.ts';
import type { Snapshot } from '../stack/model.ts';
import { resolveTargets } from '../stack/resolve-targets.ts';
import type { Session } from '../stack/session.ts';
import { answerKey, type TargetState, targetStates } from '../stack/target-states.ts';
import { diagnose } from './diagnose.ts';
import type { Subject } from './evidence.ts';
import { gather } from './gather.ts';
import { type EmptySource, emptyRows, emptySources, type JobLook, prometheusLog, refusedByLog } from './jobs.ts';
import { lostByLog, NOTHING_KEPT, nothingKept } from './lost.ts';
import { subjectOf } from './subjects.ts';

/** The targets as monitor.yml, Prometheus's configuration and Prometheus itself have them. */
export interface TargetLook {
  /** None where Prometheus does not answer. */
  targets: { state: TargetState; subject: Subject }[];
  /** Where passed-through jobs find no targets, and why. */
  empty: EmptySource[];
}

export const lookAtTargets = async (session: Session, observed: Snapshot): Promise<TargetLook> => {
  if (observed.prometheus?.loaded === undefined) return { targets: [], empty: [] };
  const { config } = session.loaded;
  const { scrape_configs } = config;
  const wanted = resolveTargets(config, observed).targets;
  const written = readTargets(observed.prometheus.loaded);
  // Read after the list, so that what it says of a scrape is there before the list has that scrape.
  const [log, version = '', unread] = await Promise.all([
    prometheusLog(session),
    session.prometheus.version().catch(unlessRefused),
    unreadServers(session, observed),
  ]);
  const prometheus = { container: config.prometheus.container, version };
  const refused = refusedByLog(log, scrape_configs, prometheus);
  // Beside the wanted ones, what was detected, and passed-through static targets; of what is relabelled, Prometheus alone knows.
  const [relabelled, named] = [relabelledJobs(scrape_configs), new Set(wanted.map(answerKey))];
  const others = written.filter((target) => !relabelled.has(target.job) && !named.has(answerKey(target)));
  const states = targetStates([...wanted, ...others], observed.prometheus.targets, scrape_configs);
  const rows = states.map(({ row }) => row);
  const configs = scrape_configs.filter((one) => !refused.some(({ job }) => job === one.job_name));
  const [unkept, empty] = await Promise.all([
    session.prometheus.query(NOTHING_KEPT).catch(unlessRefused),
    configs.length === 0 ? [] : lookAtJobs(session, observed, { configs, log, prometheus }),
  ]);
  const lost = new Map([...lostByLog(rows, log), ...nothingKept(rows, unkept?.series ?? [])]);
  const known = { config, wanted, written, observed, unread, lost, refused };
  return {
    targets: states.map((state) => {
      const subject = subjectOf(state, known);
      return { state: { ...state, row: { ...state.row, health: subject.health } }, subject };
    }),
    empty: [...refused, ...empty],
  };
};

const lookAtJobs = async (
  session: Session,
  observed: Snapshot,
  { configs, ...known }: Pick<JobLook, 'log' | 'prometheus'> & { configs: MonitorConfig['scrape_configs'] },
): Promise<EmptySource[]> => {
  const { engine, prometheus } = session;
  const [dropped = [], read, now, missing] = await Promise.all([
    prometheus.droppedTargets().catch(unlessRefused),
    filesRead(session, known.log),
    prometheusNow(prometheus),
    missingFiles(engine, known.prometheus.container, configs),
  ]);
  const loaded = configsIn(observed.prometheus?.loaded ?? '');
  const active = observed.prometheus?.targets ?? [];
  return configs.flatMap((config) => {
    const { job_name: job } = config;
    return emptySources({
      config,
      loaded,
      active: active.filter((target) => target.job === job).map(({ discovered }) => discovered),
      dropped: dropped.filter((labels) => labels['job'] === job),
      missing: missing.filter((file) => file.job === job),
      read,
      now,
      ...known,
    });
  });
};

/**
 * Of the files of targets that Prometheus could not read at some time, those that it has read since they were changed last:
 * its own metric has that time. A file that is being written is read halfway, too.
 */
const filesRead = async (
  { engine, prometheus, loaded: { config } }: Session,
  log: readonly LogLine[],
): Promise<Set<string>> => {
  const paths = [...new Set(log.flatMap((line) => (line['msg'] === 'Error reading file' ? (line['path'] ?? []) : [])))];
  if (paths.length === 0) return new Set();
  const times = await prometheus.query('prometheus_sd_file_mtime_seconds').catch(unlessRefused);
  const files = await Promise.all(paths.map((path) => engine.statFile(config.prometheus.container, path)));
  const isRead = (path: string, modified: number | undefined): boolean =>
    times?.series.some(
      ({ labels, samples: [sample] }) => labels['filename'] === path && Number(sample?.[1]) === modified,
    ) === true;
  return new Set(paths.filter((path, n) => isRead(path, files[n]?.modified)));
};

/** The rows of a status; those with something to fix have their cause and remedy. Nothing is asked where all are well. */
export const withCauses = async (
  session: Session,
  observed: Snapshot,
  { targets, empty }: TargetLook,
): Promise<TargetRow[]> => {
  const subjects = targets.map(({ subject }) => subject);
  const unwell = subjects.filter(({ health, lost }) => health === 'down' || lost !== undefined);
  const evidence = await gather(session, observed, unwell, { thorough: false });
  const findings = new Map(unwell.map((subject, n) => [subject, evidence[n] && diagnose(evidence[n])]));
  const rows = targets.map(({ state: { row }, subject }): TargetRow => {
    const plain = row.health === 'up' ? subject.unread : undefined;
    return { ...row, ...(findings.get(subject) ?? plain) };
  });
  return [...rows, ...emptyRows(session.loaded.config.scrape_configs, subjects, empty)];
};
