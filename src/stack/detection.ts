import { setTimeout as sleep } from 'node:timers/promises';
import { assemble, type Detection, endpointKey } from '../detect/assemble.ts';
import type { Verdict } from '../detect/classify.ts';
import { splitAddress } from '../detect/place.ts';
import { probe } from '../detect/probe.ts';
import { recognize } from '../detect/recognize.ts';
import {
  beforeAsking,
  type Known,
  networksFor,
  type Surveyed,
  survey,
  unanswered,
  type Vantage,
  type VerdictMemory,
} from '../detect/survey.ts';
import type { Candidate, Recognized, ScrapeTarget } from '../detect/types.ts';
import { type EngineError, shortId } from '../docker/engine.ts';
import { remedyFor } from '../docker/refusals.ts';
import { MonitorError } from '../errors.ts';
import { readTargets, type WrittenTarget } from '../prometheus/read-config.ts';
import { DETECTED_LABEL, FALLBACK_LABEL } from '../prometheus/render.ts';
import { plural } from '../words.ts';
import { containerIn, isOfAnyStack } from './labels.ts';
import type { Snapshot } from './model.ts';
import type { ResolvedTargets } from './resolve-targets.ts';
import type { Session } from './session.ts';
import { type Answers, answerKey, isTarget } from './target-states.ts';
import { type Asker, openAsker } from './throwaway.ts';

export interface DetectOptions {
  /** For one who asks again and again. */
  memory?: VerdictMemory;
  /** Asks from this one, which stays; absent: from one that is removed again. */
  asker?: () => Promise<Asker>;
  /** Milliseconds after which those that did not answer are asked once more; `undefined`: their answers count. */
  again?: (surveyed: readonly Surveyed[]) => number | undefined;
  /** Networks that the engine is known not to connect Prometheus to. */
  refused?: ReadonlyMap<string, EngineError>;
  /** Asks the targets of monitor.yml too, those that Prometheus has not scraped yet: for what a report says of them. */
  askNamed?: boolean;
  /** Called before anything is asked; what it throws keeps it from being asked. */
  check?: () => void;
}

/** Which containers may serve metrics, those of our stacks left out; none where monitor.yml turns detection off. */
export const recognizeFor = ({ loaded }: Session, snapshot: Snapshot): Recognized => {
  const { detect: settings } = loaded.config;
  return settings.enabled
    ? recognize(snapshot.containers, isOfAnyStack)
    : { candidates: [], skipped: [], warnings: [] };
};

export interface Detected {
  recognized: Recognized;
  surveyed: readonly Surveyed[];
  detection: Detection;
  /** What targets answered, those that were asked. */
  answers: Answers;
  /** Networks that Prometheus cannot join now. */
  refused: ReadonlySet<string>;
  notices: string[];
}

/**
 * Asks the candidates of which nothing is known yet, from a throwaway container on their networks, and decides. What
 * Prometheus would have to join for a named target is tried with that container first: Docker does not start a container
 * again that it once failed to connect. Changes nothing of the stack.
 */
export const detect = async (
  session: Session,
  snapshot: Snapshot,
  recognized: Recognized,
  named: ResolvedTargets,
  options: DetectOptions = {},
): Promise<Detected> => {
  const asked = await ask(session, snapshot, recognized.candidates, named, options);
  const { surveyed, open, unasked, tried, answers } = asked;
  const refused = new Map([...(options.refused ?? []), ...(tried ?? [])]);
  const detection = assemble({
    recognized,
    surveyed,
    configured: [...named.targets, ...named.passed],
    takenJobs: session.loaded.config.scrape_configs.map((s) => s.job_name),
    scraped: surveyed.some(({ verdict }) => verdict?.ok === false) ? scrapedNow(snapshot) : new Set(),
    unasked,
  });
  return {
    recognized,
    surveyed,
    detection,
    answers: new Map([...(answers ?? []), ...answersOf(detection.targets, surveyed)]),
    refused: new Set(refused.keys()),
    notices: refusedNotices(refused, [...named.targets, ...named.passed, ...open]),
  };
};

interface Asked {
  surveyed: Surveyed[];
  /** What had to be asked, and where it is. */
  open: Wanted[];
  /** Why nothing could be asked, if so. */
  unasked?: string;
  /** The networks that the engine did not connect the throwaway container to. */
  tried?: ReadonlyMap<string, EngineError>;
  /** Of the targets of monitor.yml. */
  answers?: Answers;
}

const ask = async (
  session: Session,
  snapshot: Snapshot,
  candidates: readonly Candidate[],
  named: ResolvedTargets,
  { memory, asker: given, again, refused, askNamed, check }: DetectOptions,
): Promise<Asked> => {
  const { engine, loaded, deps } = session;
  const { name: stack, network: stackNetwork, prometheus } = loaded.config;
  const known = knownIn(snapshot);
  const unaided = () => beforeAsking(candidates, snapshot, stackNetwork, known, memory);
  const surveyed = unaided();
  const unknown = unanswered(surveyed);
  const open = unknown.map(wantedBy);
  const unscraped = askNamed === true ? unscrapedOf(named, snapshot) : [];
  const toAsk = [...networksFor(unknown), ...unscraped.flatMap((t) => t.network ?? [])];
  const needed = [...newNetworks(named, snapshot, stack), ...toAsk].filter((n) => !refused?.has(n));
  const count = unknown.length + unscraped.length;
  if (count + needed.length === 0 || !snapshot.images.has(prometheus.image)) return { surveyed, open };
  check?.();
  const step = deps.reporter.start('', `Asking ${plural(count, 'endpoint')} for metrics`, { quiet: true });
  let asker: Asker | undefined;
  try {
    asker = await (given?.() ?? openAsker(session, snapshot, needed));
    const vantage = await asker.join(needed);
    const tried = asker.refused;
    // It stays, and may have the last address of a network that Prometheus is to join.
    if (given !== undefined) await asker.leave((n) => needed.includes(n) && !toAsk.includes(n));
    if (count === 0) {
      step.done();
      return { surveyed, open, tried };
    }
    const version = await versionOf(session, snapshot, vantage);
    const askThose = (left: readonly Surveyed[]) => survey(engine, vantage, left, { version, memory });
    let [asked, answers] = await Promise.all([askThose(surveyed), askTargets(session, vantage, unscraped, version)]);
    for (let wait = again?.(asked); wait !== undefined; wait = again?.(asked)) {
      await sleep(wait, undefined, { signal: deps.signal });
      asked = await askThose(unaided());
    }
    step.done();
    return { surveyed: asked, open, tried, answers };
  } catch (error) {
    step.failed();
    if (!(error instanceof MonitorError) || error.code !== 'no-shell') throw error;
    const unasked = `${error.message}; only containers with a label that names a port are scraped`;
    return { surveyed, open, unasked: unknown.length === 0 ? undefined : unasked };
  } finally {
    if (given === undefined) await asker?.remove();
  }
};

/** Those of monitor.yml that Prometheus has not scraped yet. */
const unscrapedOf = ({ targets }: ResolvedTargets, { prometheus }: Snapshot): ScrapeTarget[] =>
  targets.filter(
    (target) =>
      target.origin === 'config' &&
      !prometheus?.targets.some((active) => active.health !== 'unknown' && isTarget(active, target)),
  );

const askTargets = async (
  { engine }: Session,
  { container }: Vantage,
  targets: readonly ScrapeTarget[],
  version: string,
): Promise<Answers> => {
  const answers = targets.length === 0 ? [] : await probe(engine, container, targets, { version });
  return new Map(
    targets.flatMap((target, n) => {
      const verdict = answers[n]?.verdict;
      return verdict === undefined ? [] : [[answerKey(target), verdict] as const];
    }),
  );
};

/** Of detected targets. */
const answersOf = (targets: readonly ScrapeTarget[], surveyed: readonly Surveyed[]): [string, Verdict][] => {
  const verdicts = new Map(
    surveyed.map(({ candidate: { container, port, metrics_path }, verdict }) => [
      endpointKey(container.id, port, metrics_path),
      verdict,
    ]),
  );
  return targets.flatMap((target): [string, Verdict][] => {
    const { containerId = '', address, metrics_path } = target;
    const verdict = verdicts.get(endpointKey(containerId, Number(splitAddress(address).port), metrics_path));
    return verdict === undefined ? [] : [[answerKey(target), verdict]];
  });
};

/** What Prometheus is to reach on a network. */
interface Wanted {
  network?: string;
  instance: string;
}

const wantedBy = (surveyed: Surveyed): Wanted => ({
  network: networksFor([surveyed])[0],
  instance: `${surveyed.candidate.container.name}:${surveyed.candidate.port}`,
});

const MOST_NAMED = 4;

/** One line for each network that cannot be joined: what is not scraped for that reason, the engine's words, a remedy. Pure. */
const refusedNotices = (refused: ReadonlyMap<string, EngineError>, wanted: readonly Wanted[]): string[] =>
  [...refused].flatMap(([network, error]) => {
    const names = [...new Set(wanted.filter((w) => w.network === network).map((w) => w.instance))].sort();
    if (names.length === 0) return [];
    const more = names.length > MOST_NAMED ? ` and ${plural(names.length - MOST_NAMED, 'more target')}` : '';
    const targets = `${names.slice(0, MOST_NAMED).join(', ')}${more}`;
    const remedy = remedyFor(network, error.message);
    return [
      `Prometheus cannot join network ${network}, so it cannot reach ${targets}: ${error.message}; ${remedy}, then run \`monitor up\``,
    ];
  });

/** Those that Prometheus has to join for what monitor.yml names. */
const newNetworks = ({ targets, networks }: ResolvedTargets, snapshot: Snapshot, stack: string): string[] => {
  const own = containerIn(snapshot.containers, stack, 'prometheus');
  const joined = own?.state === 'running' ? own.networks.map((n) => n.name) : [];
  return [...networks, ...targets.flatMap((t) => t.network ?? [])].filter((n) => !joined.includes(n));
};

/** Of the Prometheus that scrapes, or will: the running one tells, else the program in the image. */
const versionOf = async (
  { engine, prometheus }: Session,
  snapshot: Snapshot,
  { container }: Vantage,
): Promise<string> => {
  const told = snapshot.prometheus?.loaded === undefined ? '' : await prometheus.version().catch(() => '');
  if (told !== '') return told;
  const { stdout, stderr } = await engine.exec(container, ['/bin/prometheus', '--version']);
  return /version (\d+\.\d+\S*)/.exec(`${stdout}${stderr}`)?.[1] ?? '';
};

/**
 * What Prometheus scrapes already, from the very same container at the same address: asking would tell nothing new. One
 * whose scrape fails is asked again.
 */
const knownIn = ({ prometheus }: Snapshot): ((candidate: Candidate, address: string) => Known | undefined) => {
  const active = new Map(
    prometheus?.targets
      .filter(({ health }) => health !== 'down')
      .map(({ discovered: d }) => [
        [d[DETECTED_LABEL], d['__scheme__'], d['__address__'], d['__metrics_path__']].join(' '),
        { fallback: d[FALLBACK_LABEL] },
      ]),
  );
  return ({ container, scheme, metrics_path }, address) =>
    active.get([shortId(container.id), scheme, address, metrics_path].join(' '));
};

/** The endpoints that detection has written before, and that monitor.yml does not name. */
const scrapedNow = ({ prometheus }: Snapshot): Set<string> =>
  new Set(
    readTargets(prometheus?.loaded ?? '').flatMap(({ container, address, metrics_path }: WrittenTarget) =>
      container === undefined ? [] : [endpointKey(container, Number(splitAddress(address).port), metrics_path)],
    ),
  );
