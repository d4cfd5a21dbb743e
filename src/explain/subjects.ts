import type { MonitorConfig } from '../config/model.ts';
import { pathInUrl } from '../config/path-query.ts';
import { containerOf, type PlacingEngine, severalAnswer, splitAddress } from '../detect/place.ts';
import type { Endpoint } from '../detect/probe-exchange.ts';
import type { ScrapeTarget } from '../detect/types.ts';
import type { Container } from '../docker/engine.ts';
import type { TargetRow } from '../output/report.ts';
import type { WrittenTarget } from '../prometheus/read-config.ts';
import { LABEL } from '../stack/labels.ts';
import type { EmptySource } from './empty-jobs.ts';
import type { Lost, Subject } from './evidence.ts';
import type { Finding } from './finding.ts';
import { type Moved, movedFrom } from './moved.ts';

export interface SubjectInput {
  states: readonly TargetState[];
  config: Pick<MonitorConfig, 'scrape_configs' | 'targets' | 'network'>;
  /** What monitor.yml gives now, placed. */
  wanted: readonly ScrapeTarget[];
  /** What stands in the configuration that Prometheus has. */
  written: readonly WrittenTarget[];
  /** Exporters that cannot read their server, by their container, and why. */
  unread: ReadonlyMap<string, Finding>;
  /** Samples of the last scrape that were not kept. */
  lost: ReadonlyMap<TargetRow, Lost>;
  /** Where jobs find no targets, and why. */
  empty: readonly EmptySource[];
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
  const wanted = find(input.wanted, row);
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
    health: row.health === 'none' ? 'pending' : row.health,
    standing: listed ? 'listed' : standingOf(row, input.written),
    error: row.error,
    container,
    several: severalAnswer(splitAddress(endpoint.address).host, input.observed),
    moved: movedIn(row, input),
    unread,
    named: wanted?.origin === 'config' ? settingsOf(wanted, input.config) : undefined,
    scrapeConfig,
    lost: input.lost.get(row),
    ofJob: input.empty.find((e) => e.job === row.job && e.source === undefined)?.finding,
  };
};

/**
 * By the configuration that is loaded: Prometheus may list a target at its old address for some seconds more. Of an exporter,
 * by the address at which it was told that its server is.
 */
export const movedIn = (
  row: TargetRow,
  { wanted: all, written, observed, config }: Pick<SubjectInput, 'wanted' | 'written' | 'observed' | 'config'>,
): Moved | undefined => {
  const [wanted, found] = [find(all, row), find(written, row)];
  const engine = { observed, stackNetwork: config.network };
  if (wanted?.origin === 'exporter') {
    const exporter = observed.containers.find((c) => c.id === wanted.containerId);
    const address = exporter?.labels[LABEL.server] ?? '';
    return movedFrom({ address, instance: wanted.instance }, undefined, engine);
  }
  const isOurs = wanted?.origin === 'config' || found?.container !== undefined;
  return found === undefined || !isOurs ? undefined : movedFrom(found, wanted, engine);
};

export const settingsOf = (
  { job, scrape_interval, labels }: Pick<ScrapeTarget, 'job' | 'scrape_interval' | 'labels'>,
  { targets }: Pick<MonitorConfig, 'targets'>,
): NonNullable<Subject['named']> => ({
  scrape_interval,
  labels,
  sharesJob: targets.filter((target) => target.job_name === job).length > 1,
});

const find = <T extends Pick<WrittenTarget, 'job' | 'instance' | 'metrics_path'>>(
  targets: readonly T[],
  row: TargetRow,
): T | undefined => targets.find((t) => t.job === row.job && t.instance === row.instance && isAt(t, row));

const pathOf = (url: string): string => (URL.canParse(url) ? new URL(url).pathname : '');

const isAt = (target: { metrics_path: string }, { url }: TargetRow): boolean =>
  pathInUrl(target.metrics_path) === pathOf(url);

const standingOf = (row: TargetRow, written: readonly WrittenTarget[]): Subject['standing'] => {
  return find(written, row) === undefined ? 'wanted' : 'loaded';
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
  // A detected or named target's instance names its container; in a pasted job it may be anything.
  const host = splitAddress(origin === 'detected' || origin === 'config' ? instance : endpoint.address).host;
  return containerOf(host, observed);
};
