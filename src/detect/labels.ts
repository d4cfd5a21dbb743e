import { parseDuration } from '../config/values.ts';
import type { Labels } from '../docker/engine.ts';
import type { LabelPort, Meaning } from './label-values.ts';
import { readDuration, readJob, readPath, readPorts, readScheme, readSwitch, unquoted } from './label-values.ts';
import type { LabelProblem, ScrapeSettings } from './types.ts';

/** What a container's labels say about its metrics. */
export interface LabelReading extends Partial<ScrapeSettings> {
  /** `no`: it is not to be asked; `yes`: it is; `unsaid`: its labels leave that open. */
  scrape: 'yes' | 'no' | 'unsaid';
  /** The label that says `scrape`. */
  scrapeLabel?: string;
  /** The ports that a label names, in its order; empty where none does. */
  ports: LabelPort[];
  /** The label that names ports, also where nothing in it can be meant. */
  portLabel?: string;
  /** Labels that cannot be meant; each is then read as if it were not there. */
  problems: LabelProblem[];
}

/** The three most common spellings of one, and others of it. */
const spelled = (word: string, ...others: string[]): string[] => [
  `prometheus.io/${word}`,
  `metrics.agent.grafana.com/${word}`,
  `prometheus.${word}`,
  ...others,
];

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
  scrape: spelled('scrape', 'prometheus-scrape.enabled'),
  port: spelled('port', 'prometheus_scrape_port', 'prometheus-scrape.port', 'metrics.port'),
  path: spelled('path', 'prometheus_scrape_path', 'prometheus-scrape.metrics_path', 'metrics.path'),
  scheme: spelled('scheme', 'prometheus_scrape_scheme', 'prometheus-scrape.scheme'),
  job: spelled('job', 'prometheus_job', 'prometheus-job', 'prometheus-scrape.job_name', 'metrics.job'),
  interval: ['prometheus_scrape_interval'],
  timeout: ['prometheus_scrape_timeout'],
};

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
  /** What the first of some labels means that the container carries and that is not blank. */
  const take = <T>(names: readonly string[], read: (text: string) => Meaning<T>): { label?: string; value?: T } => {
    const label = names.find((name) => (labels[name] ?? '').trim() !== '');
    if (label === undefined) return {};
    const { value, problem } = read(unquoted(labels[label] ?? ''));
    if (problem !== undefined) problems.push({ label, problem });
    return { label, value };
  };

  let wanted = take(NAMES.scrape, readSwitch);
  if (wanted.value === undefined && take([DISCOVER], readSwitch).value === false)
    wanted = { label: DISCOVER, value: false };
  const scrape = wanted.value === undefined ? 'unsaid' : wanted.value ? 'yes' : 'no';
  const scrapeLabel = wanted.value === undefined ? undefined : wanted.label;
  if (scrape === 'no') return { scrape, scrapeLabel, ports: [], problems };

  const named = take(NAMES.port, readPorts);
  const ports = named.label === undefined ? readDiscoverPorts(labels, problems) : named;
  const metrics_path = take(NAMES.path, readPath).value;
  const scheme = take(NAMES.scheme, readScheme).value;
  const job = take(NAMES.job, readJob).value;
  const scrape_interval = take(NAMES.interval, readDuration).value;
  const { label: timeoutLabel = '', value: timeout } = take(NAMES.timeout, readDuration);
  const tooLong =
    (parseDuration(timeout ?? '') ?? 0) > (parseDuration(scrape_interval ?? '') ?? Number.POSITIVE_INFINITY);
  if (tooLong) problems.push({ label: timeoutLabel, problem: 'it is longer than the scrape interval' });
  take([HOSTNAME], () => ({ problem: 'it is not followed: a container is asked by its own name' }));
  return {
    scrape,
    scrapeLabel,
    ports: ports.value ?? [],
    portLabel: ports.label,
    metrics_path,
    scheme,
    job,
    scrape_interval,
    scrape_timeout: tooLong ? undefined : timeout,
    problems,
  };
}

/** `service-discover.port.<port>=<path>`, where the port is in the label's name. */
function readDiscoverPorts(labels: Labels, problems: LabelProblem[]): { label?: string; value?: LabelPort[] } {
  const named = Object.keys(labels).filter((label) => label.startsWith(DISCOVER_PORT));
  const [label] = named;
  if (label === undefined) return {};
  const items = named.map((name) => {
    const path = unquoted(labels[name] ?? '').trim();
    return `${name.slice(DISCOVER_PORT.length)}${path === '' || path.startsWith('/') ? path : `/${path}`}`;
  });
  const { value, problem } = readPorts(items.join(','));
  if (problem !== undefined) problems.push({ label, problem });
  return { label, value };
}
