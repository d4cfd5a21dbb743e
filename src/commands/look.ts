import { COMPOSE_SERVICE } from '../detect/reach.ts';
import type { ScrapeTarget } from '../detect/types.ts';
import { diagnose } from '../explain/diagnose.ts';
import type { Subject } from '../explain/evidence.ts';
import type { Finding } from '../explain/finding.ts';
import { gather } from '../explain/gather.ts';
import type { Scene } from '../explain/scene.ts';
import { subjectsOf } from '../explain/subjects.ts';
import type { TargetRow } from '../output/report.ts';
import { readTargets, type WrittenTarget } from '../prometheus/read-config.ts';
import { withHelper } from '../stack/helper.ts';
import { isOfAnyStack, isOfStack, LABEL, stackLabels } from '../stack/labels.ts';
import { resolveTargets } from '../stack/resolve-targets.ts';
import type { ObservedEngine } from '../stack/types.ts';
import { runningPrometheus } from './detection.ts';
import type { Session } from './session.ts';
import { type TargetState, targetStates } from './targets.ts';
import { unreadServers } from './unread-server.ts';

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

export const lookAtTargets = async (session: Session, observed: ObservedEngine): Promise<TargetLook> => {
  const { config } = session.loaded;
  const wanted = resolveTargets(config, observed).targets;
  const written = readTargets(observed.prometheus?.loaded ?? '');
  if (observed.prometheus?.loaded === undefined) return { states: [], wanted, written, unread: new Map() };
  const [active, unread] = await Promise.all([session.prometheus.targets(), unreadServers(session, observed)]);
  return {
    states: targetStates([...wanted, ...beyond(written, wanted)], active, config.scrape_configs),
    wanted,
    written,
    unread,
  };
};

/** What Prometheus has loaded beside the wanted targets: what was detected, and passed-through static targets. */
const beyond = (written: readonly WrittenTarget[], wanted: readonly WrittenTarget[]): WrittenTarget[] =>
  written.filter((w) => !wanted.some((t) => sameTarget(t, w)));

export const sameTarget = (a: WrittenTarget, b: WrittenTarget): boolean =>
  a.job === b.job && a.instance === b.instance && a.metrics_path === b.metrics_path;

/** The rows as subjects to look into, one each and in their order. */
export const subjectsIn = ({ loaded }: Session, observed: ObservedEngine, look: TargetLook): Subject[] => {
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

/** Where evidence is gathered. `thorough`: a container may be started beside one that cannot be looked into otherwise. */
export const sceneOf = (session: Session, observed: ObservedEngine, { thorough }: { thorough: boolean }): Scene => {
  const { engine, loaded } = session;
  const { config } = loaded;
  return {
    engine,
    observed,
    stackNetwork: config.network,
    vantage: runningPrometheus(observed, loaded),
    names: namesIn(observed),
    ...(thorough ? { beside: (container, command) => runBeside(session, container, command) } : {}),
  };
};

const namesIn = ({ containers, aliases }: ObservedEngine): string[] => [
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
  const helper = {
    image: config.prometheus.image,
    network: `container:${container}`,
    labels: stackLabels(config.name),
  };
  return withHelper(engine, helper, async (id) => (await engine.exec(id, command)).stdout).catch(() => undefined);
};

/** The rows of a status; those with something to mend have their cause and remedy. Nobody is asked where all are up. */
export const withCauses = async (
  session: Session,
  observed: ObservedEngine,
  look: TargetLook,
): Promise<TargetRow[]> => {
  const rows = look.states.map(({ row }) => row);
  if (look.unread.size === 0 && !rows.some((row) => row.health === 'down')) return rows;
  const all = subjectsIn(session, observed, look);
  const down = all.map((subject) => (subject.health === 'down' ? subject : undefined));
  const subjects = down.filter((subject) => subject !== undefined);
  const findings = (await gather(sceneOf(session, observed, { thorough: false }), subjects)).map(diagnose);
  return rows.map((row, n) => {
    const subject = down[n];
    const unread = row.health === 'up' ? all[n]?.unread : undefined;
    const finding = subject === undefined ? unread : findings[subjects.indexOf(subject)];
    return finding === undefined ? row : { ...row, ...finding };
  });
};
