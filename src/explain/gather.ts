import { isOwnMachine } from '../config/address.ts';
import { classify } from '../detect/classify.ts';
import { splitAddress, whereKnownAs } from '../detect/place.ts';
import { otherProtocol } from '../detect/ports.ts';
import { type Probed, probe } from '../detect/probe.ts';
import { type Endpoint, urlOf } from '../detect/probe-exchange.ts';
import { COMPOSE_SERVICE, HOST_ALIAS, reach } from '../detect/reach.ts';
import type { Container } from '../docker/engine.ts';
import { unlessRefused } from '../errors.ts';
import { isOfAnyStack } from '../stack/labels.ts';
import type { Snapshot } from '../stack/model.ts';
import type { Session } from '../stack/session.ts';
import { USUAL_PATHS } from './causes-answer.ts';
import { WRONG_SCHEME } from './causes-tls.ts';
import { inspect, listenersOf } from './containers.ts';
import type { Access, Evidence, Subject } from './evidence.ts';
import { listenersByName, lookAtOwnMachine } from './own-machine.ts';
import { type Scene, withScene } from './scene.ts';
import { hasCredentials, type Kind, readScrapeError } from './wrong.ts';

/**
 * Gathers what there is to know of each subject, all at once where possible: what the container is and says, a fresh
 * probe, then, of those without an answer, who listens and what answers at the usual paths and the other ports. Never
 * fails for one subject: what could not be seen is absent from its evidence. Where it is `thorough`, a container is started
 * to look into one from inside of which nothing can be seen.
 */
export const gather = async (
  session: Session,
  snapshot: Snapshot,
  subjects: readonly Subject[],
  options = { thorough: true },
): Promise<Evidence[]> =>
  subjects.length === 0 ? [] : withScene(session, snapshot, subjects, options, (scene) => lookAtAll(scene, subjects));

const lookAtAll = async (scene: Scene, subjects: readonly Subject[]): Promise<Evidence[]> => {
  const { session, prometheus, now } = scene;
  const { engine } = session;
  const names = namesIn(scene.observed);
  const inspectOnce = memo((container: Container) => inspect(engine, container, now));
  const listenersOnce = memo((container: Container) => listenersOf(engine, container, scene.beside));
  const listenersByNameOnce = memo(listenersByName);
  const answers = ask(
    scene,
    subjects.filter((subject) => isWithinReach(scene, subject)).map(({ endpoint }) => endpoint),
  );
  const lookAt = async (subject: Subject): Promise<Evidence> => {
    const { container, endpoint, health } = subject;
    const isUp = health === 'up';
    const [heard, inspected] = await Promise.all([answers, isUp ? undefined : container && inspectOnce(container)]);
    const evidence: Evidence = {
      ...subject,
      container: isUp || inspected !== undefined ? container : undefined,
      inspected,
      access: container && accessTo(scene, subject, container),
      ...read(subject, isWithinReach(scene, subject) ? heard.get(urlOf(endpoint)) : undefined),
      elsewhere: [],
      prometheus,
      now,
      names,
    };
    if (isUp) return evidence;
    const isServed = evidence.served !== undefined;
    const [listeners, ownMachine, recent] = await Promise.all([
      container?.state === 'running' && isRefused(evidence) ? listenersOnce(container) : undefined,
      isServed ? undefined : lookAtOwnMachine(scene, endpoint, listenersByNameOnce),
      // Of others it does not matter how often they fail.
      isServed && health === 'down' ? recentScrapes(session, subject) : undefined,
    ]);
    return { ...evidence, listeners, ownMachine, recent };
  };
  return withElsewhere(scene, await Promise.all(subjects.map(lookAt)));
};

/** Does the work once for each of what it is done with. */
const memo = <Key, Value>(work: (key: Key) => Value): ((key: Key) => Value) => {
  const done = new Map<Key, Value>();
  return (key) => {
    const value = done.get(key) ?? work(key);
    done.set(key, value);
    return value;
  };
};

/** A question to a container that does not run, or cannot be reached, only takes time: its state says enough. */
const isWithinReach = (scene: Scene, subject: Subject): boolean => {
  const { container } = subject;
  if (container === undefined) return true;
  return container.state === 'running' && accessTo(scene, subject, container).by === 'shared';
};

/** How Prometheus, on the networks that it is on now, gets to a subject's container. */
const accessTo = (
  { session, observed, vantage }: Scene,
  { endpoint, origin }: Subject,
  container: Container,
): Access => {
  if (origin === 'stack') return { by: 'shared' };
  const known = whereKnownAs(splitAddress(endpoint.address).host, container, observed);
  const isShared = known.networks.some((n) => vantage?.networks.has(n.name) === true && n.name !== 'none');
  if (isShared && container.networkMode !== 'host') return { by: 'shared' };
  const reached = reach(known, observed, session.loaded.config.network);
  if (!reached.ok) return { by: 'none', reason: reached.reason };
  const { network } = reached;
  if (network === undefined || vantage === undefined || vantage.networks.has(network)) return { by: 'shared' };
  return { by: 'joining', network, refused: vantage.refused.get(network) };
};

/** What endpoints answer, by their URL; nothing where there is nowhere to ask from. */
const ask = async (
  { session, vantage, prometheus }: Scene,
  endpoints: readonly Endpoint[],
): Promise<Map<string, Probed | undefined>> => {
  const asked = [...new Map(endpoints.map((endpoint) => [urlOf(endpoint), endpoint])).values()];
  if (vantage === undefined || asked.length === 0) return new Map();
  const answers = await probe(session.engine, vantage.container, asked, prometheus);
  return new Map(asked.map((endpoint, n) => [urlOf(endpoint), answers[n]]));
};

/** A fresh request has no credentials: where the job has some, a refusal says nothing. */
const read = ({ scrapeConfig }: Subject, heard: Probed | undefined): Partial<Evidence> => {
  if (heard === undefined) return {};
  const { verdict } = heard;
  if (verdict.ok) return { served: verdict };
  const saysNothing = verdict.status !== undefined && hasCredentials(scrapeConfig);
  return { refusal: saysNothing ? undefined : verdict, readByNewer: classify(heard).ok };
};

/** Of the last 10 minutes. */
const recentScrapes = async (
  { prometheus }: Session,
  { job, instance }: { job: string; instance: string },
): Promise<Evidence['recent']> => {
  const selector = `up{job=${JSON.stringify(job)},instance=${JSON.stringify(instance)}}[10m]`;
  const answer = await prometheus.query(selector).catch(unlessRefused);
  const samples = answer?.series.flatMap((s) => s.samples);
  if (samples === undefined) return undefined;
  const succeeded = samples.filter(([, value]) => value === '1').length;
  return { succeeded, failed: samples.length - succeeded };
};

const namesIn = ({ containers, aliases }: Snapshot): string[] => [
  ...new Set(
    containers
      .filter((c) => !isOfAnyStack(c))
      .flatMap((c) => [c.name, c.labels[COMPOSE_SERVICE] ?? c.name, ...(aliases.get(c.id) ?? []).map((a) => a.alias)]),
  ),
];

/** What a fresh request says against it, and what Prometheus. */
const kindsOf = ({ refusal, error }: Evidence): Kind[] =>
  [refusal?.code, readScrapeError(error)?.kind].filter((kind) => kind !== undefined);

/** A closed port shows as a refusal, or as silence where a firewall is between. */
const isRefused = (evidence: Evidence): boolean => {
  const [kind] = kindsOf(evidence);
  // What was heard where it redirects to was not heard there.
  return (
    evidence.refusal?.redirectedTo === undefined && (kind === 'refused' || kind === 'timeout' || kind === 'no-answer')
  );
};

/** Asks at the other places where each subject without an answer may have its metrics, all in one go. */
const withElsewhere = async (scene: Scene, evidence: readonly Evidence[]): Promise<Evidence[]> => {
  const places = new Map(evidence.map((e) => [e, otherPlaces(e)]));
  const answers = await ask(scene, [...places.values()].flat());
  return evidence.map((e) => ({
    ...e,
    elsewhere: (places.get(e) ?? []).flatMap((endpoint) => {
      const answer = answers.get(urlOf(endpoint));
      return answer === undefined ? [] : [{ endpoint, verdict: answer.verdict }];
    }),
  }));
};

const WRONG_PATH: readonly Kind[] = ['not-found', 'html', 'not-metrics', 'empty', 'content-type'];

const otherPlaces = (evidence: Evidence): Endpoint[] => {
  const { endpoint, refusal, health, lost, access } = evidence;
  if (refusal === undefined || access?.by === 'none' || (health === 'up' && !lost?.empty)) return [];
  if (refusal.redirectedTo !== undefined) return otherPaths(endpoint);
  const isAny = (kinds: readonly Kind[]): boolean => kindsOf(evidence).some((kind) => kinds.includes(kind));
  return [
    ...(isAny(WRONG_PATH) ? otherPaths(endpoint) : []),
    ...(isAny(WRONG_SCHEME) ? [{ ...endpoint, scheme: OTHER_SCHEME[endpoint.scheme] }] : []),
    ...(refusal.code === 'refused' ? otherPorts(evidence) : []),
  ];
};

const OTHER_SCHEME = { http: 'https', https: 'http' } as const;

const otherPaths = (endpoint: Endpoint): Endpoint[] =>
  USUAL_PATHS.filter((path) => path !== endpoint.metrics_path).map((path) => ({ ...endpoint, metrics_path: path }));

/** Listening ports of one container that are asked at most. */
const MOST_PORTS = 8;

/** Ports that are open, or exposed where it cannot be seen which are; at the path asked for, and at the usual one. */
const otherPorts = ({ endpoint, container, listeners }: Evidence): Endpoint[] => {
  const { host, port } = splitAddress(endpoint.address);
  if (isOwnMachine(host) || (host === HOST_ALIAS && container === undefined)) return [];
  const open = listeners?.flatMap((l) => (l.on === 'loopback' ? [] : [l.port]));
  const exposed = container?.ports.filter((p) => p.type === 'tcp').map((p) => p.privatePort) ?? [];
  const ports = [...new Set(open ?? exposed)]
    .filter((p) => p !== Number(port) && otherProtocol(p) === undefined)
    .slice(0, MOST_PORTS);
  const paths = [...new Set([endpoint.metrics_path, '/metrics'])];
  return ports.flatMap((p) =>
    paths.map((path): Endpoint => ({ address: `${host}:${p}`, scheme: 'http', metrics_path: path })),
  );
};
