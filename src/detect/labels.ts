import { parseDuration } from '../config/values.ts';
import type { Labels } from '../docker/engine.ts';
import type { LabelPort, Meaning } from './label-values.ts';
import { readDuration, readJob, readPath, readPorts, readScheme, readSwitch, unquoted } from './label-values.ts';

/** What a container's labels say about its metrics. */
export interface LabelReading {
  /** `no`: it is not to be asked; `yes`: it is; `unsaid`: its labels leave that open. */
  scrape: 'yes' | 'no' | 'unsaid';
  /** The label that says `scrape`. */
  scrapeLabel?: string;
  /** The ports that a label names, in its order; empty where none does. */
  ports: LabelPort[];
  /** The label that names ports, also where nothing in it can be meant. */
  portLabel?: string;
  metrics_path?: string;
  scheme?: 'http' | 'https';
  job?: string;
  scrape_interval?: string;
  scrape_timeout?: string;
  /** Labels that cannot be meant; each is then read as if it were not there. */
  problems: LabelProblem[];
}

export interface LabelProblem {
  label: string;
  problem: string;
}

/**
 * The labels in use, ours first: the first one that a container carries decides, and what is blank says nothing.
 *
 * Sources: `prometheus.io/*` are the annotations of prometheus-community/helm-charts charts/prometheus; `prometheus.*`
 * their spelling without a slash; `metrics.agent.grafana.com/*` qclaogui/codelab-monitoring#49; `prometheus_*`
 * bredtape/prometheus_docker_sd README; `prometheus-scrape.*` stuckyhm/prometheus-docker-sd README; `prometheus-job`
 * prometheus documentation/examples/prometheus-docker.yml; `metrics.*` grafana/agent discussion 4829;
 * `service-discover.*` bodsch/docker-sd README.
 */
const NAMES = {
  scrape: [
    'prometheus.io/scrape',
    'metrics.agent.grafana.com/scrape',
    'prometheus.scrape',
    'prometheus-scrape.enabled',
  ],
  port: [
    'prometheus.io/port',
    'metrics.agent.grafana.com/port',
    'prometheus.port',
    'prometheus_scrape_port',
    'prometheus-scrape.port',
    'metrics.port',
  ],
  path: [
    'prometheus.io/path',
    'metrics.agent.grafana.com/path',
    'prometheus.path',
    'prometheus_scrape_path',
    'prometheus-scrape.metrics_path',
    'metrics.path',
  ],
  scheme: [
    'prometheus.io/scheme',
    'metrics.agent.grafana.com/scheme',
    'prometheus.scheme',
    'prometheus_scrape_scheme',
    'prometheus-scrape.scheme',
  ],
  job: [
    'prometheus.io/job',
    'prometheus.job',
    'prometheus_job',
    'prometheus-job',
    'prometheus-scrape.job_name',
    'metrics.job',
  ],
  interval: ['prometheus_scrape_interval'],
  timeout: ['prometheus_scrape_timeout'],
} as const;

/** Those that name the path. */
export const PATH_LABELS: readonly string[] = NAMES.path;

/** Whether the container is to be asked at all; `true` is its default and says nothing more. */
const DISCOVER = 'service-discover.enabled';
/** `service-discover.port.8081=/actuator/prometheus` */
const DISCOVER_PORT = 'service-discover.port.';
/** A container is dialled by its own name, whatever it is called outside. */
const HOSTNAME = 'prometheus-scrape.hostname';

/** How every name above starts: most containers carry none of them, and then there is nothing to read. */
const OF_INTEREST = ['prometheus', 'metrics.', 'service-discover.'];

/** Reads a container's labels. Never fails, and takes time in proportion to their size. */
export function readLabels(labels: Labels): LabelReading {
  const ofInterest = Object.keys(labels).some((label) => OF_INTEREST.some((start) => label.startsWith(start)));
  if (!ofInterest) return { scrape: 'unsaid', ports: [], problems: [] };
  const problems: LabelProblem[] = [];
  const take = <T>(names: readonly string[], read: (text: string) => Meaning<T>): T | undefined => {
    const label = firstOf(labels, names);
    if (label === undefined) return undefined;
    const meaning = read(unquoted(labels[label] ?? ''));
    if ('value' in meaning) return meaning.value;
    problems.push({ label, problem: meaning.problem });
    return undefined;
  };
  const scrape = readScrape(labels, take);
  if (scrape.scrape === 'no') return { ...scrape, ports: [], problems };

  const ports = readNamedPorts(labels, problems);
  const metrics_path = take(NAMES.path, readPath);
  const scheme = take(NAMES.scheme, readScheme);
  const job = take(NAMES.job, readJob);
  const times = readTimes(take, problems);
  if (firstOf(labels, [HOSTNAME]) !== undefined) {
    problems.push({ label: HOSTNAME, problem: 'it is not followed: a container is asked by its own name' });
  }
  return {
    ...scrape,
    ...ports,
    metrics_path,
    scheme,
    job,
    ...times,
    problems,
  };
}

type Take = <T>(names: readonly string[], read: (text: string) => Meaning<T>) => T | undefined;

/** The first of some labels that the container carries and that is not blank. */
const firstOf = (labels: Labels, names: readonly string[]): string | undefined =>
  names.find((name) => (labels[name] ?? '').trim() !== '');

function readScrape(labels: Labels, take: Take): Pick<LabelReading, 'scrape' | 'scrapeLabel'> {
  const scrapeLabel = firstOf(labels, NAMES.scrape);
  const scrape = take(NAMES.scrape, readSwitch);
  if (scrapeLabel !== undefined && scrape !== undefined) return { scrape: scrape ? 'yes' : 'no', scrapeLabel };
  if (take([DISCOVER], readSwitch) === false) return { scrape: 'no', scrapeLabel: DISCOVER };
  return { scrape: 'unsaid' };
}

function readNamedPorts(labels: Labels, problems: LabelProblem[]): Pick<LabelReading, 'ports' | 'portLabel'> {
  const portLabel = firstOf(labels, NAMES.port);
  if (portLabel === undefined) return readDiscoverPorts(labels, problems);
  const { ports, problem } = readPorts(unquoted(labels[portLabel] ?? ''));
  if (problem !== undefined) problems.push({ label: portLabel, problem });
  return { ports, portLabel };
}

/** `service-discover.port.<port>=<path>`, where the port is in the label's name. */
function readDiscoverPorts(labels: Labels, problems: LabelProblem[]): Pick<LabelReading, 'ports' | 'portLabel'> {
  const named = Object.keys(labels).filter((label) => label.startsWith(DISCOVER_PORT));
  const [portLabel] = named;
  if (portLabel === undefined) return { ports: [] };
  const list = named.map((label) => `${label.slice(DISCOVER_PORT.length)}${pathOf(labels[label] ?? '')}`);
  const { ports, problem } = readPorts(list.join(','));
  if (problem !== undefined) problems.push({ label: portLabel, problem });
  return { ports, portLabel };
}

const pathOf = (text: string): string => {
  const path = unquoted(text).trim();
  return path === '' || path.startsWith('/') ? path : `/${path}`;
};

function readTimes(take: Take, problems: LabelProblem[]): Pick<LabelReading, 'scrape_interval' | 'scrape_timeout'> {
  const scrape_interval = take(NAMES.interval, readDuration);
  const scrape_timeout = take(NAMES.timeout, readDuration);
  const tooLong =
    (parseDuration(scrape_timeout ?? '') ?? 0) > (parseDuration(scrape_interval ?? '') ?? Number.POSITIVE_INFINITY);
  if (tooLong) problems.push({ label: NAMES.timeout[0], problem: 'it is longer than the scrape interval' });
  return { scrape_interval, scrape_timeout: tooLong ? undefined : scrape_timeout };
}
