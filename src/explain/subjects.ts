import type { MonitorConfig } from '../config/model.ts';
import { containerOf, type PlacingEngine, splitAddress } from '../detect/place.ts';
import type { Endpoint } from '../detect/probe-exchange.ts';
import type { ScrapeTarget } from '../detect/types.ts';
import type { Container } from '../docker/engine.ts';
import type { TargetRow } from '../output/report.ts';
import type { WrittenTarget } from '../prometheus/read-config.ts';
import type { Subject } from './evidence.ts';
import type { Finding } from './finding.ts';

export interface SubjectInput {
  states: readonly TargetState[];
  config: Pick<MonitorConfig, 'scrape_configs' | 'targets'>;
  /** What monitor.yml gives now, placed. */
  wanted: readonly ScrapeTarget[];
  /** What stands in the configuration that Prometheus has. */
  written: readonly WrittenTarget[];
  /** Exporters that cannot read their server, by their container, and why. */
  unread: ReadonlyMap<string, Finding>;
  observed: PlacingEngine;
  /** The stack's own container of a role. */
  ownContainer: (role: string) => Container | undefined;
}

/** The rows of a status as subjects to look into, one each and in their order. Pure. */
export const subjectsOf = (input: SubjectInput): Subject[] => input.states.map((state) => subjectOf(state, input));

/** A row, and whether Prometheus has it in its list. */
interface TargetState {
  row: TargetRow;
  listed: boolean;
}

const subjectOf = ({ row, listed }: TargetState, input: SubjectInput): Subject => {
  const wanted = input.wanted.find((t) => t.job === row.job && t.instance === row.instance && isAt(t, row));
  const scrapeConfig = input.config.scrape_configs.find((c) => c.job_name === row.job);
  const origin = wanted?.origin ?? (scrapeConfig === undefined ? 'detected' : 'passthrough');
  const endpoint = !listed && wanted !== undefined ? wantedEndpoint(wanted) : endpointOfUrl(row.url, row.instance);
  const unread = origin === 'exporter' ? input.unread.get(splitAddress(endpoint.address).host) : undefined;
  const container = containerFor(row, { wanted, origin, endpoint }, input);
  return {
    job: row.job,
    instance: row.instance,
    endpoint,
    origin,
    health: row.health,
    standing: listed ? 'listed' : standingOf(row, input.written),
    ...(row.error === undefined ? {} : { error: row.error }),
    ...(container === undefined ? {} : { container }),
    ...(unread === undefined ? {} : { unread }),
    ...(wanted?.origin === 'config' ? { named: settingsOf(wanted) } : {}),
    ...(scrapeConfig === undefined ? {} : { scrapeConfig: scrapeConfig }),
  };
};

export const settingsOf = ({
  scrape_interval,
  labels,
}: Pick<ScrapeTarget, 'scrape_interval' | 'labels'>): NonNullable<Subject['named']> => ({
  ...(scrape_interval === undefined ? {} : { scrape_interval }),
  labels,
});

const pathOf = (url: string): string => (URL.canParse(url) ? new URL(url).pathname : '');

const isAt = (target: { metrics_path: string }, { url }: TargetRow): boolean => target.metrics_path === pathOf(url);

const standingOf = (row: TargetRow, written: readonly WrittenTarget[]): Subject['standing'] => {
  const isWritten = written.some((w) => w.job === row.job && w.instance === row.instance && isAt(w, row));
  return isWritten ? 'loaded' : 'wanted';
};

/** What Prometheus will be told to dial. */
const wantedEndpoint = ({ address, scheme, metrics_path }: ScrapeTarget): Endpoint => ({
  address,
  scheme,
  metrics_path,
});

/**
 * A URL as an endpoint: with the port that its scheme stands for, where it names none. The host is as it is written
 * there: the engine tells capital letters in names apart, and URL would make them small.
 */
export const endpointOfUrl = (url: string, instance: string): Endpoint => {
  const authority = /^https?:\/\/(?:[^/?#@]*@)?(\[[^\]/?#]*\]|[^:/?#]*)(?::(\d+))?/i.exec(url);
  if (authority === null || !URL.canParse(url)) return { address: instance, scheme: 'http', metrics_path: '/metrics' };
  const [, host = '', port] = authority;
  const { protocol, pathname, search } = new URL(url);
  const scheme = protocol === 'https:' ? 'https' : 'http';
  return {
    address: `${host}:${port ?? (scheme === 'https' ? '443' : '80')}`,
    scheme,
    metrics_path: `${pathname}${search}`,
  };
};

const containerFor = (
  { job, instance }: TargetRow,
  { wanted, origin, endpoint }: { wanted: ScrapeTarget | undefined; origin: Subject['origin']; endpoint: Endpoint },
  { observed, ownContainer }: SubjectInput,
): Container | undefined => {
  if (origin === 'stack') return ownContainer(job);
  if (wanted?.containerId !== undefined) return observed.containers.find((c) => c.id === wanted.containerId);
  // A detected target's instance names its container; what a user calls an instance may be anything.
  const host = splitAddress(origin === 'detected' ? instance : endpoint.address).host;
  return containerOf(host, observed);
};
