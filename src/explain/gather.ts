import { isOwnMachine } from '../config/address.ts';
import { classify, type RefusalCode, type Verdict } from '../detect/classify.ts';
import { splitAddress } from '../detect/place.ts';
import { otherProtocol } from '../detect/ports.ts';
import { type Probed, probe } from '../detect/probe.ts';
import { type Endpoint, urlOf } from '../detect/probe-exchange.ts';
import { HOST_ALIAS } from '../detect/reach.ts';
import type { Container } from '../docker/engine.ts';
import { MonitorError } from '../errors.ts';
import { accessTo } from './access.ts';
import { listenersOf, lookInto } from './container-evidence.ts';
import type { ContainerEvidence, Elsewhere, Evidence, Subject } from './evidence.ts';
import type { Listener } from './listeners.ts';
import { lookAtOwnMachine } from './own-machine.ts';
import type { Scene } from './scene.ts';
import { readScrapeError, type ScrapeErrorKind } from './scrape-error.ts';
import { USUAL_PATHS } from './usual-paths.ts';
import { hasCredentials } from './wrong.ts';

/** Listening ports of one container that are asked at most. */
const MOST_PORTS = 8;

/**
 * Gathers what there is to know of each subject, all at once where possible: what the container is and says, a fresh
 * probe, then, of those without an answer, who listens and what answers at the usual paths and the other ports. Never
 * fails for one subject: what could not be seen is absent from its evidence.
 */
export const gather = async (scene: Scene, subjects: readonly Subject[]): Promise<Evidence[]> => {
  const containers = perContainer(subjects);
  const worthAsking = subjects.filter((subject) => isWithinReach(subject, scene));
  const [answers, details] = await Promise.all([
    ask(
      scene,
      worthAsking.map((s) => s.endpoint),
    ),
    mapValues(containers, (container) => lookInto(scene.engine, container, scene.prometheus.now)),
  ]);
  const first = subjects.map((subject) => firstLook(scene, subject, details, answers[worthAsking.indexOf(subject)]));
  const refused = first.filter((e) => e.health !== 'up' && saysRefused(e));
  const [listeners, ownMachine] = await Promise.all([
    mapValues(runningOf(refused, subjects, first), (container) => listenersOf(scene, container)),
    lookAtOwnMachine(
      scene,
      first.map((e) => (e.health === 'up' || e.answer?.ok === true ? undefined : e.endpoint)),
    ),
  ]);
  const second = first.map((evidence, n): Evidence => {
    const heard = listeners.get(subjects[n]?.container?.id ?? '');
    const machine = ownMachine[n];
    return { ...evidence, listeners: heard, ownMachine: machine };
  });
  return askElsewhere(scene, await withRecent(scene, second));
};

/** Of those that fail and answer now, how often they did: of others it does not matter. */
const withRecent = (scene: Scene, evidence: readonly Evidence[]): Promise<Evidence[]> =>
  Promise.all(
    evidence.map(async (e) => (e.health === 'down' && e.answer?.ok ? { ...e, recent: await scene.recent(e) } : e)),
  );

/** A question to a container that does not run, or cannot be reached, only takes time: its state says enough. */
const isWithinReach = (subject: Subject, scene: Scene): boolean => {
  const { container } = subject;
  if (container === undefined) return true;
  return container.state === 'running' && accessTo(container, subject, scene).by === 'shared';
};

const perContainer = (subjects: readonly Subject[]): Map<string, Container> =>
  new Map(
    subjects.flatMap(({ container, health }) =>
      container === undefined || health === 'up' ? [] : [[container.id, container]],
    ),
  );

const mapValues = async <A, B>(
  map: ReadonlyMap<string, A>,
  work: (value: A) => Promise<B | undefined>,
): Promise<Map<string, B>> => {
  const done = await Promise.all([...map].map(async ([key, value]) => ({ key, value: await work(value) })));
  return new Map(done.flatMap(({ key, value }) => (value === undefined ? [] : [[key, value]])));
};

const firstLook = (
  scene: Scene,
  { container, ...subject }: Subject,
  details: ReadonlyMap<string, ContainerEvidence>,
  answer: Probed | undefined,
): Evidence => {
  const { version, now, container: prometheus } = scene.prometheus;
  const verdict = answer?.verdict;
  const isStranger = verdict?.ok === false && verdict.status !== undefined && hasCredentials(subject.scrapeConfig);
  const readByNewer = answer !== undefined && verdict?.ok === false && classify(answer).ok;
  return {
    ...subject,
    container: container && details.get(container.id),
    access: container && accessTo(container, subject, scene),
    // The fresh request has no credentials: where the job has some, a refusal says nothing.
    answer: isStranger ? undefined : verdict,
    duplicates: verdict?.ok === true ? (verdict.duplicates ?? []) : [],
    elsewhere: [],
    readByNewer,
    now,
    version,
    prometheus,
    names: scene.names,
  };
};

/** No answers where there is nowhere to ask from: the image of Prometheus is missing, or has no shell. */
const ask = async (
  { engine, vantage, prometheus: { version } }: Scene,
  endpoints: readonly Endpoint[],
): Promise<Probed[]> => {
  if (vantage === undefined || endpoints.length === 0) return [];
  try {
    return await probe(engine, vantage.container, endpoints, { version });
  } catch (error) {
    if (error instanceof MonitorError && error.code === 'no-shell') return [];
    throw error;
  }
};

const codeOf = (verdict: Verdict | undefined): RefusalCode | undefined =>
  verdict?.ok === false ? verdict.code : undefined;

/** A closed port shows as a refusal, or as silence where a firewall is between. */
const saysRefused = ({ answer, error }: Evidence): boolean => {
  if (isRedirected(answer)) return false;
  const code = codeOf(answer) ?? readScrapeError(error ?? '')?.kind;
  return code === 'refused' || code === 'timeout' || code === 'no-answer';
};

/** What was heard was not heard there. */
const isRedirected = (answer: Verdict | undefined): boolean =>
  answer?.ok === false && answer.redirectedTo !== undefined;

const runningOf = (
  refused: readonly Evidence[],
  subjects: readonly Subject[],
  first: readonly Evidence[],
): Map<string, Container> =>
  new Map(
    subjects.flatMap(({ container }, n) => {
      const evidence = first[n];
      const wanted = container?.state === 'running' && evidence !== undefined && refused.includes(evidence);
      return wanted ? [[container.id, container]] : [];
    }),
  );

/** Asks at the other places where each subject without an answer may have its metrics, all in one go. */
const askElsewhere = async (scene: Scene, evidence: readonly Evidence[]): Promise<Evidence[]> => {
  const wanted = evidence.map((e) =>
    (e.health === 'up' && !e.lost?.empty) || e.access?.by === 'none' ? [] : otherPlaces(e),
  );
  const asked = [...new Map(wanted.flat().map((endpoint) => [urlOf(endpoint), endpoint])).values()];
  const answers = await ask(scene, asked);
  const heard = new Map(
    answers.map((answer, n): [string, Elsewhere | undefined] => {
      const endpoint = asked[n];
      return endpoint === undefined ? ['', undefined] : [urlOf(endpoint), { endpoint, verdict: answer.verdict }];
    }),
  );
  return evidence.map((e, n) => ({
    ...e,
    elsewhere: (wanted[n] ?? []).flatMap((endpoint) => heard.get(urlOf(endpoint)) ?? []),
  }));
};

type Reason = RefusalCode | ScrapeErrorKind;

const WRONG_PATH: ReadonlySet<Reason> = new Set(['not-found', 'html', 'not-metrics', 'empty', 'content-type']);
const WRONG_SCHEME: ReadonlySet<Reason> = new Set(['tls', 'reset', 'not-http', 'plain-http', 'http-status']);

const otherPlaces = (evidence: Evidence): Endpoint[] => {
  const { endpoint, answer, error, listeners, ownMachine } = evidence;
  if (answer === undefined || answer.ok) return [];
  const kinds: (Reason | undefined)[] = [codeOf(answer), readScrapeError(error ?? '')?.kind];
  const has = (set: ReadonlySet<Reason>): boolean => kinds.some((kind) => kind !== undefined && set.has(kind));
  if (isRedirected(answer)) return otherPaths(endpoint);
  const paths = has(WRONG_PATH) ? otherPaths(endpoint) : [];
  const schemes = has(WRONG_SCHEME)
    ? [{ ...endpoint, scheme: endpoint.scheme === 'http' ? ('https' as const) : ('http' as const) }]
    : [];
  const ports = codeOf(answer) === 'refused' ? otherPorts(endpoint, evidence, listeners) : [];
  const owners = (ownMachine?.containers ?? []).map(({ name, port }) => ({ ...endpoint, address: `${name}:${port}` }));
  return [...paths, ...schemes, ...ports, ...owners];
};

const otherPaths = (endpoint: Endpoint): Endpoint[] =>
  USUAL_PATHS.filter((path) => path !== endpoint.metrics_path).map((path) => ({ ...endpoint, metrics_path: path }));

/** Ports that are open, or exposed where it cannot be seen which are; at the path asked for, and at the usual one. */
const otherPorts = (
  endpoint: Endpoint,
  { container }: Evidence,
  listeners: readonly Listener[] | undefined,
): Endpoint[] => {
  const { host, port } = splitAddress(endpoint.address);
  if (isOwnMachine(host) || (host === HOST_ALIAS && container === undefined)) return [];
  const open = listeners?.flatMap((l) => (l.on === 'loopback' ? [] : [l.port])) ?? [];
  const exposed = container?.ports.filter((p) => p.type === 'tcp').map((p) => p.privatePort) ?? [];
  const ports = [...new Set(listeners === undefined ? exposed : open)]
    .filter((p) => p !== Number(port) && otherProtocol(p) === undefined)
    .slice(0, MOST_PORTS);
  const paths = [...new Set([endpoint.metrics_path, '/metrics'])];
  return ports.flatMap((p) =>
    paths.map((path): Endpoint => ({ address: `${host}:${p}`, scheme: 'http', metrics_path: path })),
  );
};
