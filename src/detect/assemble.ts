import { jobNameRule } from '../config/values.ts';
import { type Container, shortId } from '../docker/engine.ts';
import { compare } from '../metrics/group.ts';
import { splitAddress } from './place.ts';
import { COMPOSE_SERVICE, HOST_ALIAS } from './reach.ts';
import type { Surveyed } from './survey.ts';
import type { Candidate, Recognized, ScrapeTarget, Skipped } from './types.ts';

/** What became of a container, or of a port of it, and why. Printed by `monitor detect`; its fields are an interface. */
export interface DetectedRow {
  container: string;
  port?: number;
  metrics_path?: string;
  job?: string;
  verdict: 'scraped' | 'configured' | 'refused' | 'skipped' | 'to-be-asked';
  /** Stable, kebab-case. */
  code: string;
  /** For a person. */
  reason: string;
  /** How many metrics it answered with. */
  metrics?: number;
}

/** Whether a row is about a candidate. */
export const isRowOf = (row: DetectedRow, { container, port, metrics_path }: Candidate): boolean =>
  row.container === container.name && row.port === port && row.metrics_path === metrics_path;

/** An endpoint that monitor.yml names, as far as detection has to know it again. */
export type NamedEndpoint = Pick<ScrapeTarget, 'job' | 'address' | 'metrics_path' | 'containerId'>;

export interface Detection {
  targets: ScrapeTarget[];
  rows: DetectedRow[];
  /** Labels that cannot be meant, and the like. */
  warnings: string[];
}

export interface AssembleInput {
  recognized: Recognized;
  surveyed: readonly Surveyed[];
  /** What monitor.yml names: it wins over what is detected. */
  configured: readonly NamedEndpoint[];
  /** Job names that passed-through scrape configs take. */
  takenJobs: readonly string[];
  /** The endpoints (`endpointKey`) that detection has written before: verified once, they stay while they run. */
  scraped: ReadonlySet<string>;
  /** Why none could be asked, if so: the image has no shell. Then only labels count. */
  unasked?: string;
}

/** Puts together what detection found: the targets, and a verdict for every container. Pure; sorted, so byte-stable. */
export const assemble = (input: AssembleInput): Detection => {
  const { recognized, surveyed, unasked } = input;
  const rows = recognized.skipped.map(skippedRow);
  const targets: ScrapeTarget[] = [];
  for (const one of surveyed) {
    const { container, port, metrics_path, job } = one.candidate;
    const { target, ...finding } = judge(one, input);
    rows.push({ container: container.name, port, metrics_path, job, ...finding });
    if (target !== undefined) targets.push(target);
  }
  return {
    targets: distinguish(targets.sort(byJobAndInstance)),
    rows: rows.sort(byContainer),
    warnings: [...recognized.warnings.map((w) => w.message), ...(unasked === undefined ? [] : [unasked])],
  };
};

const skippedRow = ({ container, port, code, reason }: Skipped): DetectedRow => ({
  container: container.name,
  port,
  verdict: 'skipped',
  code,
  reason,
});

/** What a candidate's row says, and its target where it becomes one. */
interface Finding extends Pick<DetectedRow, 'verdict' | 'code' | 'reason' | 'metrics'> {
  /** Absent: the candidate's own. */
  job?: string;
  target?: ScrapeTarget;
}

const judge = (surveyed: Surveyed, input: AssembleInput): Finding => {
  const { candidate, reach, verdict, known } = surveyed;
  const { container, port, source } = candidate;
  const winner = input.configured.find((t) => isSameEndpoint(t, candidate));
  if (winner !== undefined)
    return { job: winner.job, verdict: 'configured', code: 'configured', reason: 'it is in monitor.yml' };
  if (!reach.ok) return { verdict: 'refused', code: reach.code, reason: reach.reason };
  const target = targetOf(surveyed, reach, input.takenJobs);
  const scraped = { verdict: 'scraped', code: source, reason: candidate.reason, target } as const;
  if (known !== undefined) return scraped;
  if (verdict?.ok) return { ...scraped, metrics: verdict.metrics };
  // Where none could be asked, only what a label names becomes a target.
  if (verdict === undefined && input.unasked !== undefined && source === 'label')
    return { ...scraped, reason: `${candidate.reason}, unasked` };
  if (verdict === undefined) return { verdict: 'to-be-asked', code: 'to-be-asked', reason: candidate.reason };
  const { code, reason } = verdict;
  if (input.scraped.has(endpointKey(shortId(container.id), port, candidate.metrics_path)))
    return { ...scraped, code, reason: `${reason}; kept, because it served metrics before` };
  // A slow server that a label names is meant: what monitor.yml names is taken unasked, and Prometheus waits longer.
  const isMeant = source === 'label' && code === 'timeout';
  const hint = isMeant ? `; \`monitor add-target ${container.name}:${port}\` scrapes it anyway` : '';
  return { verdict: 'refused', code, reason: `${reason}${hint}` };
};

/** Of the same container and port, or of a port of this machine that is published from there. */
const isSameEndpoint = (configured: NamedEndpoint, { container, port, metrics_path }: Candidate): boolean => {
  if (configured.metrics_path !== metrics_path) return false;
  const { host, port: dialledPort } = splitAddress(configured.address);
  const dialled = Number(dialledPort);
  if (configured.containerId === container.id) return dialled === port;
  return host === HOST_ALIAS && container.ports.some((p) => p.privatePort === port && p.publicPort === dialled);
};

const targetOf = (
  { candidate, verdict, known }: Surveyed,
  { host, network }: Extract<Surveyed['reach'], { ok: true }>,
  takenJobs: readonly string[],
): ScrapeTarget => ({
  job: freeJob(candidate.job, takenJobs),
  address: `${host}:${candidate.port}`,
  instance: `${candidate.container.name}:${candidate.port}`,
  metrics_path: candidate.metrics_path,
  scheme: candidate.scheme,
  scrape_interval: candidate.scrape_interval,
  scrape_timeout: candidate.scrape_timeout,
  labels: composeLabels(candidate.container),
  fallback_scrape_protocol: verdict?.ok ? verdict.fallback : known?.fallback,
  network,
  containerId: candidate.container.id,
  origin: 'detected',
});

/** Prometheus refuses two scrape configs of one job, and a passed-through one cannot be added to. */
const freeJob = (job: string, taken: readonly string[]): string =>
  taken.includes(job) ? freeJob(`${job}-detected`, taken) : job;

const composeLabels = ({ name, labels }: Container): Record<string, string> => ({
  ...usableLabel('compose_project', labels['com.docker.compose.project']),
  ...usableLabel('compose_service', labels[COMPOSE_SERVICE]),
  container: name,
});

/** What Compose writes is short and printable; anything else was not written by it, and would be on every series. */
const usableLabel = (name: string, value: string | undefined): Record<string, string> =>
  value === undefined || jobNameRule(value) !== undefined ? {} : { [name]: value };

/** An endpoint of one very container: another one of its name has yet to answer. */
export const endpointKey = (containerShortId: string, port: number, metricsPath: string): string =>
  `${containerShortId}:${port}${metricsPath}`;

/** Two paths of one port would give series of the same labels: those beyond the first carry their path. */
const distinguish = (targets: readonly ScrapeTarget[]): ScrapeTarget[] => {
  const seen = new Set<string>();
  return targets.map((target) => {
    const key = `${target.job} ${target.instance}`;
    if (!seen.has(key)) {
      seen.add(key);
      return target;
    }
    return { ...target, labels: { ...target.labels, metrics_path: target.metrics_path } };
  });
};

const byJobAndInstance = (a: ScrapeTarget, b: ScrapeTarget): number =>
  compare(a.job, b.job) || compare(a.instance, b.instance) || compare(a.metrics_path, b.metrics_path);

const byContainer = (a: DetectedRow, b: DetectedRow): number =>
  compare(a.container, b.container) ||
  (a.port ?? 0) - (b.port ?? 0) ||
  compare(a.metrics_path ?? '', b.metrics_path ?? '');
