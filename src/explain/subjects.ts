import type { MonitorConfig, TargetConfig } from '../config/model.ts';
import { pathInUrl } from '../config/path-query.ts';
import { containerOf, isAddress, type PlacingEngine, severalAnswer, splitAddress } from '../detect/place.ts';
import type { Endpoint } from '../detect/probe-exchange.ts';
import { networkOwner, reach } from '../detect/reach.ts';
import type { ScrapeTarget } from '../detect/types.ts';
import type { Container } from '../docker/engine.ts';
import type { TargetRow } from '../output/report.ts';
import type { WrittenTarget } from '../prometheus/read-config.ts';
import { isOfStack, LABEL } from '../stack/labels.ts';
import type { TargetState } from '../stack/target-states.ts';
import type { Finding, Lost, Moved, Subject } from './evidence.ts';
import type { EmptySource } from './jobs.ts';

/** What a target is known by: monitor.yml, the loaded configuration, the engine, Prometheus's log and metrics. */
interface Known {
  config: MonitorConfig;
  /** What monitor.yml names, placed, and the stack itself. */
  wanted: readonly ScrapeTarget[];
  /** What the configuration has that Prometheus has loaded. */
  written: readonly WrittenTarget[];
  observed: PlacingEngine;
  /** Exporters that cannot read their server, by their container, and why. */
  unread: ReadonlyMap<string, Finding>;
  lost: ReadonlyMap<TargetRow, Lost>;
  refused: readonly EmptySource[];
}

/** A row of a status as a subject to look into. Pure. */
export const subjectOf = ({ row, listed }: TargetState, known: Known): Subject => {
  const { config, observed, unread, lost, refused } = known;
  const { job, instance } = row;
  const [wanted, written] = [find(known.wanted, row), find(known.written, row)];
  const scrapeConfig = config.scrape_configs.find((c) => c.job_name === job);
  const origin = wanted?.origin ?? (scrapeConfig === undefined ? 'detected' : 'passthrough');
  const endpoint = !listed && wanted !== undefined ? wanted : endpointOfUrl(row.url, instance);
  const { host } = splitAddress(endpoint.address);
  const scraped = scrapedAt(wanted, written, observed);
  const moved = scraped && movedFrom(scraped, observed, config.network);
  // A detected or named target's instance names its container; in a pasted job it may be anything.
  const name = origin === 'detected' || origin === 'config' ? splitAddress(instance).host : host;
  const ofJob = refused.find((one) => one.job === job)?.finding;
  // What another container answers does not make it up, nor does an exporter that reads an address of the past.
  const isMistaken = moved?.holder !== undefined || moved?.now !== undefined;
  return {
    job,
    instance,
    endpoint: { address: endpoint.address, scheme: endpoint.scheme, metrics_path: endpoint.metrics_path },
    origin,
    health: isMistaken || ofJob !== undefined ? 'down' : row.health,
    standing: listed ? 'listed' : written === undefined ? 'wanted' : 'loaded',
    error: row.error,
    container:
      origin === 'stack'
        ? observed.containers.find((c) => isOfStack(c, config.name) && c.labels[LABEL.role] === job)
        : wanted?.containerId === undefined
          ? containerOf(name, observed)
          : observed.containers.find((c) => c.id === wanted.containerId),
    several: severalAnswer(host, observed),
    moved,
    named: wanted?.origin === 'config' ? settingsOf(wanted, config) : undefined,
    unread: origin === 'exporter' ? unread.get(host) : undefined,
    scrapeConfig,
    lost: lost.get(row),
    ofJob,
  };
};

const find = <T extends Pick<WrittenTarget, 'job' | 'instance' | 'metrics_path'>>(
  targets: readonly T[],
  { job, instance, url }: TargetRow,
): T | undefined => {
  const path = URL.canParse(url) ? new URL(url).pathname : '';
  return targets.find((t) => t.job === job && t.instance === instance && pathInUrl(t.metrics_path) === path);
};

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

/** What monitor.yml says of a target beside its address, path and scheme. */
export const settingsOf = (
  { job, scrape_interval, labels }: Pick<ScrapeTarget, 'job' | 'scrape_interval' | 'labels'>,
  { targets }: { targets: readonly TargetConfig[] },
): NonNullable<Subject['named']> => ({
  scrape_interval,
  labels,
  sharesJob: targets.filter((target) => target.job_name === job).length > 1,
});

/**
 * What is scraped, or read by an exporter, and at which address: by the configuration that is loaded, since Prometheus may list
 * a target at its old address for some seconds more. `undefined` where the address is the user's own.
 */
const scrapedAt = (
  wanted: ScrapeTarget | undefined,
  written: WrittenTarget | undefined,
  { containers }: PlacingEngine,
): Scraped | undefined => {
  if (wanted?.origin === 'exporter') {
    const exporter = containers.find((c) => c.id === wanted.containerId);
    return { address: exporter?.labels[LABEL.server] ?? '', instance: wanted.instance };
  }
  const isOurs = wanted?.origin === 'config' || written?.container !== undefined;
  return written !== undefined && isOurs ? { ...written, containerId: wanted?.containerId } : undefined;
};

type Scraped = Pick<ScrapeTarget, 'address' | 'instance' | 'containerId'>;

/**
 * Whether a target on the default bridge, which has addresses and no names, is another container's by now: compares the address
 * in the loaded configuration with the container's own. `undefined` where it is right, or no container's name is known. Pure.
 */
export const movedFrom = (
  { address, instance, containerId }: Scraped,
  observed: PlacingEngine,
  stackNetwork: string,
): Moved | undefined => {
  const { host: scraped } = splitAddress(address);
  const { host: name } = splitAddress(instance);
  if (!isAddress(scraped) || isAddress(name)) return undefined;
  const meant = observed.containers.find((c) => c.id === containerId) ?? containerOf(name, observed);
  const owner = meant && networkOwner(meant, observed);
  const holder = observed.containers.find((c) => c.state === 'running' && hasAddress(c, scraped));
  if (holder !== undefined && holder === owner) return undefined;
  const reached = meant?.state === 'running' ? reach(meant, observed, stackNetwork) : undefined;
  return {
    name: meant?.name ?? name,
    scraped,
    now: reached?.ok === true ? reached.host : undefined,
    holder: holder?.name,
  };
};

const hasAddress = ({ networks }: Container, address: string): boolean =>
  networks.some((n) => n.ipAddress === address || `[${n.ipv6Address}]` === address);
