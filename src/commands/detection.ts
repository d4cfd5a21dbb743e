import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadedConfig } from '../config/model.ts';
import { plural } from '../config/words.ts';
import { assemble, type Detection, endpointKey } from '../detect/assemble.ts';
import { splitAddress } from '../detect/place.ts';
import { recognize } from '../detect/recognize.ts';
import { reachAll, type Survey, type Surveyed, survey, type Vantage, type VerdictMemory } from '../detect/survey.ts';
import type { Candidate, Recognized } from '../detect/types.ts';
import type { Engine } from '../docker/engine.ts';
import { MonitorError } from '../errors.ts';
import { readTargets } from '../prometheus/read-config.ts';
import { withHelper } from '../stack/helper.ts';
import { isOfAnyStack, isOfStack, LABEL, stackLabels } from '../stack/labels.ts';
import type { ResolvedTargets } from '../stack/resolve-targets.ts';
import type { ObservedEngine } from '../stack/types.ts';
import type { Session } from './session.ts';

export interface DetectOptions {
  memory?: VerdictMemory;
  /**
   * `join`: networks are joined as needed; before Prometheus runs, a container of its image asks in its place.
   * `visit`: networks that were joined are left again. `look`: no network is joined, so only what can be asked without
   * is asked.
   */
  mode: 'join' | 'visit' | 'look';
  /** Networks to stay on though no target needs them: a container there has not answered yet, and will be asked again. */
  hold?: (surveyed: readonly Surveyed[]) => string[];
  /** Milliseconds after which those that did not answer are asked once more; `undefined`: what they said counts. */
  again?: (surveyed: readonly Surveyed[]) => number | undefined;
}

/** Which containers may serve metrics, stacks of ours left out; none where monitor.yml turns detection off. */
export const recognizeFor = ({ loaded }: Session, observed: ObservedEngine): Recognized => {
  const { detect: settings } = loaded.config;
  return settings.enabled
    ? recognize(observed.containers, isOfAnyStack)
    : { candidates: [], skipped: [], warnings: [] };
};

export interface Detected {
  detection: Detection;
  /** Networks that Prometheus is on since the asking. */
  joined: string[];
  /** Networks that it is to stay on for what has not answered yet. */
  held: string[];
}

/** Asks those containers from where Prometheus stands; networks joined for what found nothing are left again. */
export const detect = async (
  session: Session,
  observed: ObservedEngine,
  recognized: Recognized,
  named: ResolvedTargets,
  options: DetectOptions,
): Promise<Detected> => {
  let asked = await ask(session, observed, recognized, options);
  for (let wait = options.again?.(asked.surveyed); wait !== undefined; wait = options.again?.(asked.surveyed)) {
    await sleep(wait, undefined, { signal: session.deps.signal });
    const { joined, ...next } = await ask(session, observed, recognized, options);
    asked = { ...next, joined: [...new Set([...asked.joined, ...joined])] };
  }
  const { surveyed, joined, unasked, knowsFallback } = asked;
  const detection = assemble({
    recognized,
    surveyed,
    configured: [...named.targets, ...named.passed],
    takenJobs: session.loaded.config.scrape_configs.map((s) => s.job_name),
    scraped: surveyed.some(({ verdict }) => verdict?.ok === false) ? scrapedNow(observed) : new Set(),
    knowsFallback,
    ...(unasked === undefined ? {} : { unasked }),
  });
  const held = options.hold?.(surveyed) ?? [];
  const wanted =
    options.mode === 'join'
      ? new Set([...held, ...named.networks, ...[...named.targets, ...detection.targets].map((t) => t.network)])
      : new Set();
  const kept = joined.filter((network) => wanted.has(network));
  await leave(
    session,
    observed,
    joined.filter((network) => !kept.includes(network)),
  );
  return { detection, joined: kept, held };
};

/** How a round left the engine. */
export interface Standing {
  observed: ObservedEngine;
  /** Those that Prometheus is on since then; the look was before it left some. */
  networks: ReadonlySet<string>;
}

/**
 * Asks those again that are not remembered, from where Prometheus stands and without looking at the engine: whether one
 * more of them is a target now. True where that takes a look to know: Prometheus is gone, or would have to join a
 * network to ask one, which is done under the stack's lock.
 */
export const askAgain = async (
  session: Session,
  { observed, networks }: Standing,
  memory: VerdictMemory,
): Promise<boolean> => {
  const { candidates } = recognizeFor(session, observed);
  const running = runningPrometheus(observed, session.loaded);
  if (running === undefined) return true;
  const vantage = { ...running, networks };
  const known = candidates.filter((candidate) => memory.recall(candidate)?.ok === true).length;
  const { surveyed } = await survey(session.engine, vantage, candidates, observed, {
    stackNetwork: session.loaded.config.network,
    memory,
    join: false,
  });
  if (surveyed.some(({ verdict, reach }) => verdict === undefined && reach.ok)) return true;
  return surveyed.filter(({ verdict }) => verdict?.ok === true).length > known;
};

const leave = async (
  { engine, loaded }: Session,
  observed: ObservedEngine,
  networks: readonly string[],
): Promise<void> => {
  const vantage = runningPrometheus(observed, loaded);
  if (vantage === undefined) return;
  // One that went away meanwhile is as good as left.
  await Promise.all(
    networks.map((network) => engine.disconnectNetwork(network, vantage.container).catch(() => undefined)),
  );
};

/** What detection has written before, and no target that somebody named: nobody has asked that one yet. */
const scrapedNow = (observed: ObservedEngine): Set<string> =>
  new Set(
    readTargets(observed.prometheus?.loaded ?? '').flatMap(({ container, address, metrics_path }) =>
      container === undefined ? [] : [endpointKey(container, Number(splitAddress(address).port), metrics_path)],
    ),
  );

interface Asked {
  surveyed: Surveyed[];
  joined: string[];
  unasked?: string;
  knowsFallback: boolean;
}

const ask = async (
  session: Session,
  observed: ObservedEngine,
  { candidates }: Recognized,
  options: DetectOptions,
): Promise<Asked> => {
  const stackNetwork = session.loaded.config.network;
  const nobody = { surveyed: reachAll(candidates, observed, stackNetwork), joined: [], knowsFallback: true };
  const running = runningPrometheus(observed, session.loaded);
  if (candidates.length === 0 || (running === undefined && options.mode !== 'join')) return nobody;
  const step = session.deps.reporter.start(`ask ${plural(candidates.length, 'endpoint')} for metrics`, {
    passing: true,
  });
  const memory = options.memory === undefined ? {} : { memory: options.memory };
  const look = (vantage: Vantage): Promise<Survey> =>
    survey(session.engine, vantage, candidates, observed, { stackNetwork, join: options.mode !== 'look', ...memory });
  try {
    return running === undefined
      ? await askFromHelper(session, observed, candidates, look)
      : await askFromPrometheus(session, running, look);
  } catch (error) {
    if (!(error instanceof MonitorError) || error.code !== 'no-shell') throw error;
    return { ...nobody, unasked: `${error.message}; only containers whose labels name a port are scraped, unasked` };
  } finally {
    step.done();
  }
};

const askFromPrometheus = async (
  { prometheus }: Session,
  running: Vantage,
  look: (vantage: Vantage) => Promise<Survey>,
): Promise<Asked> => {
  const { surveyed, joined } = await look(running);
  return { surveyed, joined, knowsFallback: await knowsFallback(surveyed, () => prometheus.version()) };
};

export const runningPrometheus = (observed: ObservedEngine, { config }: LoadedConfig): Vantage | undefined => {
  const found = observed.containers.find(
    (c) => isOfStack(c, config.name) && c.labels[LABEL.role] === 'prometheus' && c.state === 'running',
  );
  const detail = found === undefined ? undefined : observed.own.get(found.id);
  return detail === undefined
    ? undefined
    : { container: detail.id, networks: new Set(detail.networks.map((n) => n.name)) };
};

/** Before Prometheus runs, a container of its image stands in its place for the time of the asking. */
const askFromHelper = (
  { engine, loaded }: Session,
  observed: ObservedEngine,
  candidates: readonly Candidate[],
  look: (vantage: Vantage) => Promise<Survey>,
): Promise<Asked> => {
  const { config } = loaded;
  const networks = reachAll(candidates, observed, config.network).flatMap(({ reach }) =>
    reach.ok ? (reach.network ?? []) : [],
  );
  const network = observed.networks.some((n) => n.name === config.network) ? config.network : (networks[0] ?? 'bridge');
  const helper = { image: config.prometheus.image, network, labels: stackLabels(config.name) };
  return withHelper(engine, helper, async (container) => {
    const { surveyed } = await look({ container, networks: new Set([network]) });
    return { surveyed, joined: [], knowsFallback: await knowsFallback(surveyed, () => versionIn(engine, container)) };
  });
};

/** Asked only where it matters: Prometheus 2 refuses a configuration with that key. */
const knowsFallback = async (surveyed: readonly Surveyed[], version: () => Promise<string>): Promise<boolean> => {
  if (!surveyed.some(({ verdict }) => verdict?.ok === true && verdict.fallback !== undefined)) return true;
  return Number.parseInt(await version(), 10) >= 3;
};

const versionIn = async (engine: Engine, container: string): Promise<string> => {
  const { stdout, stderr } = await engine.exec(container, ['/bin/prometheus', '--version']);
  return /version (\d+\.\d+\S*)/.exec(`${stdout}${stderr}`)?.[1] ?? '';
};
