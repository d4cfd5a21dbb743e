import { COMPOSE_SERVICE } from '../detect/reach.ts';
import type { ScrapeTarget } from '../detect/types.ts';
import { MonitorError } from '../errors.ts';
import { unreadServers } from '../exporters/unread-server.ts';
import type { TargetRow } from '../output/report.ts';
import { readTargets, type WrittenTarget } from '../prometheus/read-config.ts';
import { openAsker } from '../stack/asker.ts';
import { isOfAnyStack, isOfStack, LABEL } from '../stack/labels.ts';
import type { Snapshot } from '../stack/model.ts';
import { resolveTargets } from '../stack/resolve-targets.ts';
import type { Session } from '../stack/session.ts';
import { type TargetState, targetStates } from '../stack/target-states.ts';
import { withThrowaway } from '../stack/throwaway.ts';
import { diagnose } from './diagnose.ts';
import type { Subject } from './evidence.ts';
import type { Finding } from './finding.ts';
import { gather } from './gather.ts';
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
}

export const lookAtTargets = async (session: Session, observed: Snapshot): Promise<TargetLook> => {
  const { config } = session.loaded;
  const wanted = resolveTargets(config, observed).targets;
  const written = readTargets(observed.prometheus?.loaded ?? '');
  if (observed.prometheus?.loaded === undefined) return { states: [], wanted, written, unread: new Map() };
  const [active, unread] = await Promise.all([session.prometheus.targets(), unreadServers(session, observed)]);
  const states = targetStates([...wanted, ...beyond(written, wanted)], active, config.scrape_configs);
  return {
    states: states.map((state) => withoutMistakenAnswer(state, { wanted, written, observed, config })),
    wanted,
    written,
    unread,
  };
};

/** What another container answers does not make a target up. */
const withoutMistakenAnswer = (state: TargetState, known: Parameters<typeof movedIn>[1]): TargetState =>
  movedIn(state.row, known)?.holder === undefined ? state : { ...state, row: { ...state.row, health: 'down' } };

/** What Prometheus has loaded beside the wanted targets: what was detected, and passed-through static targets. */
const beyond = (written: readonly WrittenTarget[], wanted: readonly WrittenTarget[]): WrittenTarget[] =>
  written.filter((w) => !wanted.some((t) => sameTarget(t, w)));

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
  /** `false`: no container is started beside one that cannot be looked into otherwise. */
  thorough?: boolean;
  /** Prometheus has not scraped yet, so that its own words cannot tell whether its version minds a Content-Type. */
  unscraped?: boolean;
}

/**
 * Works where evidence is gathered: in a throwaway container on the networks that Prometheus is on now. Without the image
 * of Prometheus, or a shell in it, nothing is asked.
 */
export const withScene = async <T>(
  session: Session,
  snapshot: Snapshot,
  work: (scene: Scene) => Promise<T>,
  { networks = [], subjects = [], thorough = true, unscraped = false }: SceneOptions = {},
): Promise<T> => {
  const { engine, loaded, prometheus } = session;
  const { name: stack, network: stackNetwork, prometheus: service } = loaded.config;
  const [running, version] = await Promise.all([
    engine.inspectContainer(service.container),
    prometheus.version().catch(() => ''),
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
      strict: unscraped && Number.parseInt(version, 10) >= 3,
      names: namesIn(snapshot),
      beside: thorough ? (container, command) => runBeside(session, container, command) : undefined,
    });
  } finally {
    await asker?.remove();
  }
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

/** The rows of a status; those with something to mend have their cause and remedy. Nobody is asked where all are up. */
export const withCauses = async (session: Session, observed: Snapshot, look: TargetLook): Promise<TargetRow[]> => {
  const rows = look.states.map(({ row }) => row);
  if (look.unread.size === 0 && !rows.some((row) => row.health === 'down')) return rows;
  const all = subjectsIn(session, observed, look);
  const down = all.map((subject) => (subject.health === 'down' ? subject : undefined));
  const subjects = down.filter((subject) => subject !== undefined);
  const evidence = await withScene(session, observed, (scene) => gather(scene, subjects), {
    subjects,
    thorough: false,
  });
  const findings = evidence.map(diagnose);
  return rows.map((row, n) => {
    const subject = down[n];
    const unread = row.health === 'up' ? all[n]?.unread : undefined;
    const finding = subject === undefined ? unread : findings[subjects.indexOf(subject)];
    return finding === undefined ? row : { ...row, ...finding };
  });
};
