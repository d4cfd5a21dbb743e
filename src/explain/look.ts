import type { MonitorConfig, ScrapeConfig } from '../config/model.ts';
import { COMPOSE_SERVICE } from '../detect/reach.ts';
import type { ScrapeTarget } from '../detect/types.ts';
import { MonitorError } from '../errors.ts';
import { unreadServers } from '../exporters/unread-server.ts';
import type { TargetRow } from '../output/report.ts';
import { prometheusNow } from '../prometheus/clock.ts';
import type { LogLine } from '../prometheus/log.ts';
import { missingFiles } from '../prometheus/named-files.ts';
import { configsIn, readTargets, relabelledJobs, type WrittenTarget } from '../prometheus/read-config.ts';
import { openAsker } from '../stack/asker.ts';
import { isOfAnyStack, isOfStack, LABEL } from '../stack/labels.ts';
import type { Snapshot } from '../stack/model.ts';
import { resolveTargets } from '../stack/resolve-targets.ts';
import type { Session } from '../stack/session.ts';
import { type TargetState, targetStates } from '../stack/target-states.ts';
import { withThrowaway } from '../stack/throwaway.ts';
import { diagnose } from './diagnose.ts';
import { type EmptySource, emptyRows, emptySources, type JobLook } from './empty-jobs.ts';
import type { Lost, Recent, Subject } from './evidence.ts';
import type { Finding } from './finding.ts';
import { gather } from './gather.ts';
import { lostByLog, NOTHING_KEPT, nothingKept } from './lost.ts';
import { prometheusLog } from './prometheus-log.ts';
import { ofJobs, refusedByLog, withRefused } from './refused-jobs.ts';
import type { Scene } from './scene.ts';
import { movedIn, subjectsOf } from './subjects.ts';

/** The targets as monitor.yml, Prometheus's configuration and Prometheus itself have them. */
export interface TargetLook {
  /** None where Prometheus does not answer. */
  states: TargetState[];
  /** What monitor.yml names, placed, and the stack itself. */
  wanted: ScrapeTarget[];
  /** What the configuration has that Prometheus has loaded. */
  written: WrittenTarget[];
  /** Exporters that cannot read their server, by their container, and why. */
  unread: Map<string, Finding>;
  /** Samples of the last scrape that were not kept. */
  lost: Map<TargetRow, Lost>;
  /** Where passed-through jobs find no targets, and why. */
  empty: EmptySource[];
}

export const lookAtTargets = async (session: Session, observed: Snapshot): Promise<TargetLook> => {
  const { config } = session.loaded;
  const wanted = resolveTargets(config, observed).targets;
  const written = readTargets(observed.prometheus?.loaded ?? '');
  const nothing = { unread: new Map(), lost: new Map(), empty: [] };
  if (observed.prometheus?.loaded === undefined) return { states: [], wanted, written, ...nothing };
  const active = observed.prometheus.targets;
  // Read after the list, so that what it says of a scrape is there before the list has that scrape.
  const [log, version = '', unread] = await Promise.all([
    prometheusLog(session),
    session.prometheus.version().catch(unlessRefused),
    unreadServers(session, observed),
  ]);
  const prometheus = { container: config.prometheus.container, version };
  const refused = refusedByLog(log, config.scrape_configs, prometheus);
  const states = withRefused(
    targetStates([...wanted, ...beyond(written, wanted, config)], active, config.scrape_configs),
    refused,
  ).map((state) => withoutMistakenAnswer(state, { wanted, written, observed, config }));
  const [lost, empty] = await Promise.all([
    lostSamples(session, states, log),
    emptySourcesOf(
      session,
      observed,
      config.scrape_configs.filter((c) => !refused.has(c.job_name)),
      { log, prometheus },
    ),
  ]);
  return { states, wanted, written, unread, lost, empty: [...ofJobs(refused), ...empty] };
};

/** What another container answers does not make a target up, nor does an exporter that reads an address of the past. */
const withoutMistakenAnswer = (state: TargetState, known: Parameters<typeof movedIn>[1]): TargetState => {
  const moved = movedIn(state.row, known);
  return moved?.holder === undefined && moved?.now === undefined
    ? state
    : { ...state, row: { ...state.row, health: 'down' } };
};

const lostSamples = async (
  { prometheus }: Session,
  states: readonly TargetState[],
  log: readonly LogLine[],
): Promise<Map<TargetRow, Lost>> => {
  const rows = states.map(({ row }) => row);
  const asked = await prometheus.query(NOTHING_KEPT).catch(unlessRefused);
  return new Map([...lostByLog(rows, log), ...nothingKept(rows, asked?.series ?? [])]);
};

const unlessRefused = (error: unknown): undefined => {
  if (!(error instanceof MonitorError)) throw error;
  return undefined;
};

const emptySourcesOf = async (
  { engine, prometheus }: Session,
  observed: Snapshot,
  configs: readonly ScrapeConfig[],
  known: Pick<JobLook, 'log' | 'prometheus'>,
): Promise<EmptySource[]> => {
  if (configs.length === 0) return [];
  const { container } = known.prometheus;
  const [dropped = [], read, now, missing] = await Promise.all([
    prometheus.droppedTargets().catch(unlessRefused),
    filesRead({ engine, prometheus }, container, known.log),
    prometheusNow(prometheus),
    missingFiles(engine, container, configs),
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
  { engine, prometheus }: Pick<Session, 'engine' | 'prometheus'>,
  container: string,
  log: readonly LogLine[],
): Promise<Set<string>> => {
  const paths = [...new Set(log.flatMap((line) => (line['msg'] === 'Error reading file' ? (line['path'] ?? []) : [])))];
  if (paths.length === 0) return new Set();
  const times = await prometheus.query('prometheus_sd_file_mtime_seconds').catch(unlessRefused);
  const files = await Promise.all(paths.map((path) => engine.statFile(container, path)));
  const isRead = (path: string, modified: number | undefined): boolean =>
    times?.series.some(
      ({ labels, samples: [sample] }) => labels['filename'] === path && Number(sample?.[1]) === modified,
    ) === true;
  return new Set(paths.filter((path, n) => isRead(path, files[n]?.modified)));
};

/**
 * What Prometheus has loaded beside the wanted targets: what was detected, and passed-through static targets. Of a job with
 * `relabel_configs`, Prometheus alone knows what becomes of them.
 */
const beyond = (
  written: readonly WrittenTarget[],
  wanted: readonly WrittenTarget[],
  { scrape_configs }: MonitorConfig,
): WrittenTarget[] => {
  const relabelled = relabelledJobs(scrape_configs);
  return written.filter((w) => !relabelled.has(w.job) && !wanted.some((t) => sameTarget(t, w)));
};

export const sameTarget = (a: WrittenTarget, b: WrittenTarget): boolean =>
  a.job === b.job && a.instance === b.instance && a.metrics_path === b.metrics_path;

/** The rows as subjects to look into, one each and in their order. */
export const subjectsIn = ({ loaded }: Session, observed: Snapshot, look: TargetLook): Subject[] => {
  return subjectsOf({
    states: look.states,
    config: loaded.config,
    wanted: look.wanted,
    written: look.written,
    unread: look.unread,
    lost: look.lost,
    empty: look.empty,
    observed,
    ownContainer: (role) =>
      observed.containers.find((c) => isOfStack(c, loaded.config.name) && c.labels[LABEL.role] === role),
  });
};

export interface SceneOptions {
  /** Networks on which something is to be asked, beside those that Prometheus is on. */
  networks?: readonly string[];
  /** What is looked into: whether the engine connects to its networks is tried. */
  subjects?: readonly Subject[];
  /** `false`: no container is started to look into one without a shell. */
  thorough?: boolean;
}

/**
 * Works where evidence is gathered: in a throwaway container on the networks that Prometheus is on now. Without the image
 * of Prometheus, or a shell in it, nothing is asked.
 */
export const withScene = async <T>(
  session: Session,
  snapshot: Snapshot,
  work: (scene: Scene) => Promise<T>,
  { networks = [], subjects = [], thorough = true }: SceneOptions = {},
): Promise<T> => {
  const { engine, loaded, prometheus } = session;
  const { name: stack, network: stackNetwork, prometheus: service } = loaded.config;
  const [running, version = ''] = await Promise.all([
    engine.inspectContainer(service.container),
    prometheus.version().catch(unlessRefused),
  ]);
  const joined = running?.state === 'running' ? running.networks.map((n) => n.name) : [];
  const needed = [...joined, ...networks];
  const options = { stack, image: service.image, stackNetwork };
  const asker = snapshot.images.has(service.image)
    ? await openAsker(engine, options, snapshot, needed).catch(withoutShell)
    : undefined;
  try {
    const tried = subjects.flatMap(({ container }) => container?.networks.map((n) => n.name) ?? []);
    const vantage = await asker?.join([...needed, ...tried.filter((n) => n !== 'none' && n !== 'host')]);
    return await work({
      engine,
      observed: snapshot,
      stackNetwork,
      vantage: vantage && { ...vantage, networks: new Set(needed.filter((n) => vantage.networks.has(n))) },
      prometheus: {
        container: service.container,
        version,
        now: await prometheusNow(prometheus),
      },
      recent: (target) => recentScrapes(session, target),
      names: namesIn(snapshot),
      beside: thorough ? (container, command) => runBeside(session, container, command) : undefined,
    });
  } finally {
    await asker?.remove();
  }
};

/** How far back scrapes count as recent. */
const RECENT = '10m';

const recentScrapes = async (
  { prometheus }: Session,
  { job, instance }: { job: string; instance: string },
): Promise<Recent | undefined> => {
  const selector = `up{job=${JSON.stringify(job)},instance=${JSON.stringify(instance)}}[${RECENT}]`;
  const answer = await prometheus.query(selector).catch(unlessRefused);
  const samples = answer?.series.flatMap((s) => s.samples);
  if (samples === undefined) return undefined;
  const succeeded = samples.filter(([, value]) => value === '1').length;
  return { succeeded, failed: samples.length - succeeded };
};

const withoutShell = (error: unknown): undefined => {
  if (!(error instanceof MonitorError) || error.code !== 'no-shell') throw error;
  return undefined;
};

const namesIn = ({ containers, aliases }: Snapshot): string[] => [
  ...new Set(
    containers
      .filter((c) => !isOfAnyStack(c))
      .flatMap((c) => [c.name, c.labels[COMPOSE_SERVICE] ?? c.name, ...(aliases.get(c.id) ?? []).map((a) => a.alias)]),
  ),
];

/** `undefined` where no container can be started there: the look is not worth a failure. */
const runBeside = (
  { engine, loaded: { config } }: Session,
  container: string,
  command: readonly string[],
): Promise<string | undefined> => {
  const options = { stack: config.name, image: config.prometheus.image, network: `container:${container}` };
  return withThrowaway(engine, options, async (id) => (await engine.exec(id, command)).stdout).catch(() => undefined);
};

/** The rows of a status; those with something to fix have their cause and remedy. Nothing is asked where all are well. */
export const withCauses = async (session: Session, observed: Snapshot, look: TargetLook): Promise<TargetRow[]> => {
  const all = subjectsIn(session, observed, look);
  const isAsked = ({ health, lost }: Subject): boolean => health === 'down' || lost !== undefined;
  const subjects = all.filter(isAsked);
  const evidence =
    subjects.length === 0
      ? []
      : await withScene(session, observed, (scene) => gather(scene, subjects), { subjects, thorough: false });
  const findings = new Map(subjects.map((subject, n) => [subject, evidence[n] && diagnose(evidence[n])]));
  const rows = look.states.map(({ row }, n): TargetRow => {
    const subject = all[n];
    const plain = row.health === 'up' ? subject?.unread : subject?.ofJob;
    return { ...row, ...((subject && findings.get(subject)) ?? plain) };
  });
  return [...rows, ...emptyRows(session.loaded.config.scrape_configs, look.states, look.empty)];
};
