import { DEFAULT_METRICS_PATH, DEFAULT_SCHEME } from '../config/defaults.ts';
import type { Container } from '../docker/engine.ts';
import { knownImage } from './images.ts';
import { readJob } from './label-values.ts';
import { type LabelReading, readLabels } from './labels.ts';
import { otherProtocol } from './ports.ts';
import { COMPOSE_SERVICE } from './reach.ts';
import type { Candidate, Recognized, Skipped } from './types.ts';

/** Exposed ports of one container that are asked at most; more come from a range such as `10000-20000`. */
const MOST_EXPOSED = 32;

const PORT_LABEL = 'prometheus.io/port';

/**
 * Which endpoints of the running containers may serve metrics: what their labels name, else what their image is known
 * for, else every exposed TCP port that is not known to speak something else. Pure; takes time in proportion to what
 * it is given. What is not asked, and what of a label cannot be meant, comes back with its reason.
 *
 * A one-off container of `docker compose run` is judged like any other: it too may be the application under work.
 */
export function recognize(containers: readonly Container[], isOwn: (container: Container) => boolean): Recognized {
  const found: Recognized = { candidates: [], skipped: [], warnings: [] };
  for (const container of containers) {
    if (isOwn(container)) continue;
    const refusal = refusalOf(container);
    if (refusal === undefined) judge(container, found);
    else found.skipped.push({ container, ...refusal });
  }
  return found;
}

/** Why a container cannot be asked at all, whatever its labels say. */
function refusalOf({ state, status, networkMode, networks }: Container): Omit<Skipped, 'container'> | undefined {
  const withStatus = status === '' ? '' : ` (${status})`;
  if (state === 'paused') return { code: 'paused', reason: 'it is paused' };
  if (state === 'restarting') return { code: 'restarting', reason: `it keeps restarting${withStatus}` };
  if (state !== 'running') return { code: 'not-running', reason: `it does not run${withStatus}` };
  if (networkMode === 'none' && networks.every((n) => n.name === 'none'))
    return { code: 'no-network', reason: 'it has no network' };
  return undefined;
}

/** The endpoint that every candidate of one container starts from. */
type Base = Omit<Candidate, 'port' | 'source' | 'reason'>;

function judge(container: Container, found: Recognized): void {
  const reading = readLabels(container.labels);
  for (const { label, problem } of reading.problems) warn(found, container, label, problem);
  if (reading.scrape === 'no') {
    found.skipped.push({ container, code: 'opted-out', reason: `its label ${reading.scrapeLabel} says so` });
    return;
  }
  const { metrics_path, scheme = DEFAULT_SCHEME, job = jobOf(container), scrape_interval, scrape_timeout } = reading;
  const image = reading.ports.length > 0 ? undefined : knownImage(container.image);
  const path = metrics_path ?? image?.metrics_path ?? DEFAULT_METRICS_PATH;
  const base: Base = { container, metrics_path: path, scheme, job, scrape_interval, scrape_timeout };
  if (reading.ports.length > 0) found.candidates.push(...labelled(base, reading));
  else if (image === undefined) judgeExposed(base, reading, found);
  else found.candidates.push({ ...base, port: image.port, source: 'image', reason: `image ${image.name}` });
}

const warn = ({ warnings }: Recognized, container: Container, label: string, problem: string): void => {
  warnings.push({ container, label, problem, message: `container ${container.name}, label ${label}: ${problem}` });
};

/** The Compose service, else the container's own name. */
const jobOf = ({ labels, name }: Container): string => readJob(labels[COMPOSE_SERVICE] ?? '').value ?? name;

/** A port that is named twice, once with the path that it has anyway, is one. */
function labelled(base: Base, { ports, portLabel }: LabelReading): Iterable<Candidate> {
  const found = new Map<string, Candidate>();
  for (const { port, metrics_path = base.metrics_path } of ports) {
    found.set(`${port}${metrics_path}`, { ...base, port, metrics_path, source: 'label', reason: `label ${portLabel}` });
  }
  return found.values();
}

function judgeExposed(base: Base, { scrape, scrapeLabel = '', portLabel }: LabelReading, found: Recognized): void {
  const { container } = base;
  const { candidates, skipped } = found;
  const exposed = exposedPorts(container);
  const asked = exposed.filter((port) => otherProtocol(port) === undefined);
  const isMeant = scrape === 'yes' && asked.length === 1;
  if (scrape === 'yes' && !isMeant && portLabel === undefined)
    warn(found, container, scrapeLabel, unclearPort(exposed, asked));
  for (const port of asked.slice(0, MOST_EXPOSED)) {
    const reason = isMeant ? `label ${scrapeLabel}, exposes ${port}` : `exposes ${port}`;
    candidates.push({ ...base, port, source: isMeant ? 'label' : 'port', reason });
  }
  if (exposed.length === 0) skipped.push({ container, code: 'no-port', reason: noPort(container) });
  for (const port of exposed) {
    const protocol = otherProtocol(port);
    if (protocol !== undefined)
      skipped.push({ container, port, code: 'not-metrics-port', reason: `port ${port} speaks ${protocol}` });
  }
  if (asked.length > MOST_EXPOSED) {
    const reason = `it exposes ${asked.length} ports, of which the first ${MOST_EXPOSED} are asked; name the right one with the label ${PORT_LABEL}`;
    skipped.push({ container, code: 'too-many-ports', reason });
  }
}

/** TCP ports, lowest first; one published on IPv4 and IPv6 is listed twice by the engine. */
const exposedPorts = ({ ports }: Container): number[] =>
  [...new Set(ports.filter((p) => p.type === 'tcp').map((p) => p.privatePort))].sort((a, b) => a - b);

/** What is unclear about a container that asks to be scraped and names no port. */
function unclearPort(exposed: readonly number[], asked: readonly number[]): string {
  const remedy = `name the port with the label ${PORT_LABEL}`;
  if (exposed.length === 0) return `the container exposes no port; ${remedy}`;
  if (asked.length === 0) {
    const protocols = exposed.slice(0, MOST_EXPOSED).map((port) => `${port} (${otherProtocol(port)})`);
    return `the container exposes only ${protocols.join(', ')}; ${remedy}`;
  }
  const shown = asked.slice(0, MOST_EXPOSED).join(', ');
  const more = asked.length > MOST_EXPOSED ? `, ... (${asked.length} in all)` : '';
  return `the container exposes several ports (${shown}${more}), and each is asked; ${remedy}`;
}

function noPort({ networkMode, ports }: Container): string {
  const remedy = `name one with the label ${PORT_LABEL}`;
  if (networkMode === 'host') return `it is on the host's network, so that its ports are not known; ${remedy}`;
  if (networkMode.startsWith('container:'))
    return `it shares another container's network, so that its ports are not known; ${remedy}`;
  return `it exposes no ${ports.length > 0 ? 'TCP port' : 'port'}; ${remedy}`;
}
