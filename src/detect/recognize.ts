import { DEFAULT_METRICS_PATH, DEFAULT_SCHEME } from '../config/defaults.ts';
import type { Container } from '../docker/engine.ts';
import { type KnownImage, knownImage } from './images.ts';
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
    else found.skipped.push(refusal);
  }
  return found;
}

/** Why a container cannot be asked at all, whatever its labels say. */
function refusalOf(container: Container): Skipped | undefined {
  const { state } = container;
  if (state === 'paused') return { container, code: 'paused', reason: 'it is paused' };
  if (state === 'restarting') {
    return { container, code: 'restarting', reason: `it keeps restarting${withStatus(container)}` };
  }
  if (state !== 'running') return { container, code: 'not-running', reason: `it does not run${withStatus(container)}` };
  if (container.networkMode === 'none' && container.networks.every((n) => n.name === 'none')) {
    return { container, code: 'no-network', reason: 'it has no network' };
  }
  return undefined;
}

const withStatus = ({ status }: Container): string => (status === '' ? '' : ` (${status})`);

/** The endpoint that every candidate of one container starts from. */
type Base = Omit<Candidate, 'port' | 'source' | 'reason'>;

function judge(container: Container, found: Recognized): void {
  const reading = readLabels(container.labels);
  const warn = (label: string, problem: string): void => {
    const message = `container ${container.name}, label ${label}: ${problem}`;
    found.warnings.push({ container, label, problem, message });
  };
  for (const { label, problem } of reading.problems) warn(label, problem);
  if (reading.scrape === 'no') {
    found.skipped.push({ container, code: 'opted-out', reason: `its label ${reading.scrapeLabel} says so` });
    return;
  }
  const base = baseOf(container, reading);
  const image = knownImage(container.image);
  if (reading.ports.length > 0) found.candidates.push(...labelled(base, reading));
  else if (image !== undefined) found.candidates.push(ofImage(base, image, reading));
  else judgeExposed(base, reading, found, warn);
}

function baseOf(container: Container, reading: LabelReading): Base {
  return {
    container,
    metrics_path: reading.metrics_path ?? DEFAULT_METRICS_PATH,
    scheme: reading.scheme ?? DEFAULT_SCHEME,
    job: reading.job ?? jobOf(container),
    scrape_interval: reading.scrape_interval,
    scrape_timeout: reading.scrape_timeout,
  };
}

/** The Compose service, else the container's own name. */
function jobOf({ labels, name }: Container): string {
  const service = readJob(labels[COMPOSE_SERVICE] ?? '');
  return 'value' in service ? service.value : name;
}

/** A port that is named twice, once with the path that it has anyway, is one. */
function labelled(base: Base, reading: LabelReading): Candidate[] {
  const found = new Map<string, Candidate>();
  for (const { port, metrics_path = base.metrics_path } of reading.ports) {
    const reason = `label ${reading.portLabel}`;
    found.set(`${port}${metrics_path}`, { ...base, port, metrics_path, source: 'label', reason });
  }
  return [...found.values()];
}

function ofImage(base: Base, image: KnownImage, reading: LabelReading): Candidate {
  const metrics_path = reading.metrics_path ?? image.metrics_path;
  return { ...base, port: image.port, metrics_path, source: 'image', reason: `image ${image.name}` };
}

type Warn = (label: string, problem: string) => void;

function judgeExposed(base: Base, reading: LabelReading, found: Recognized, warn: Warn): void {
  const { container } = base;
  const exposed = exposedPorts(container);
  const asked = exposed.filter((port) => otherProtocol(port) === undefined);
  const wanted = reading.scrape === 'yes' ? reading.scrapeLabel : undefined;
  if (wanted !== undefined && asked.length !== 1 && reading.portLabel === undefined) {
    warn(wanted, unclearPort(exposed, asked));
  }
  if (exposed.length === 0) found.skipped.push({ container, code: 'no-port', reason: noPort(container) });

  const meant = wanted !== undefined && asked.length === 1;
  for (const port of asked.slice(0, MOST_EXPOSED)) {
    const reason = meant ? `label ${wanted}, exposes ${port}` : `exposes ${port}`;
    found.candidates.push({ ...base, port, source: meant ? 'label' : 'port', reason });
  }
  found.skipped.push(...notAsked(container, exposed, asked));
}

function notAsked(container: Container, exposed: readonly number[], asked: readonly number[]): Skipped[] {
  const skipped: Skipped[] = exposed.flatMap((port) => {
    const protocol = otherProtocol(port);
    if (protocol === undefined) return [];
    return [{ container, port, code: 'not-metrics-port', reason: `port ${port} speaks ${protocol}` }];
  });
  if (asked.length > MOST_EXPOSED) {
    const reason = `it exposes ${asked.length} ports, of which the first ${MOST_EXPOSED} are asked; name the right one with the label ${PORT_LABEL}`;
    skipped.push({ container, code: 'too-many-ports', reason });
  }
  return skipped;
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
  if (networkMode.startsWith('container:')) {
    return `it shares another container's network, so that its ports are not known; ${remedy}`;
  }
  if (ports.length > 0) return `it exposes no TCP port; ${remedy}`;
  return `it exposes no port; ${remedy}`;
}
