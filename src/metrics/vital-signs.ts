import { bucketsOf, quantile } from './ask-histogram.ts';
import { conventionalServers } from './conventional.ts';
import type { MetricFamily } from './family.ts';
import { LIBRARIES } from './libraries/index.ts';
import type { Failed, Server } from './libraries/library.ts';
import { matcher, plainName, RATE_INTERVAL, selector } from './promql.ts';

/** How a service does: what is asked, what fails, how long it takes. Each as a query with one series. */
export interface VitalSigns {
  /** The library whose metrics they are; absent: their names alone say it. */
  library?: string;
  /** The families that they are read from. */
  families: readonly string[];
  /** Per second. */
  requests: string;
  /** 0 to 1; absent where no label tells failures. */
  errors?: string;
  /** Seconds, whatever the library exports. */
  duration?: { kind: 'p95' | 'average'; query: string };
}

interface Found {
  library: string | undefined;
  server: Server;
  requests: MetricFamily;
  failed: Failed | undefined;
  duration: MetricFamily | undefined;
}

/** The vital signs of a job, from the first library that its families are known to be of. `undefined`: of none. */
export const vitalSignsOf = (
  families: readonly MetricFamily[],
  matchers: readonly string[],
): VitalSigns | undefined => {
  const found = findServer(families);
  if (found === undefined) return undefined;
  const { library, server, requests, failed, duration } = found;
  const except = server.except === undefined ? [] : [matcher(server.except.label, '!=', server.except.value)];
  const all = counted(requests, [...except, ...matchers]);
  return {
    library,
    families: [...new Set([requests.name, ...(duration === undefined ? [] : [duration.name])])],
    requests: all,
    errors: failed && share(counted(requests, [failing(failed), ...except, ...matchers]), all),
    duration: duration && durationOf(duration, server.unit, matchers),
  };
};

/** Nothing failed is 0, although no series says so. */
const share = (failed: string, all: string): string => `(${failed} or ${all} * 0) / ${all}`;
const failing = ({ label, values }: Failed): string => matcher(label, '=~', values);

const findServer = (families: readonly MetricFamily[]): Found | undefined => {
  const seen = new Map(families.filter(({ series }) => series > 0).map((family) => [plainName(family.name), family]));
  const known = LIBRARIES.flatMap(({ name, servers }) => servers.map((server) => ({ library: name, server })));
  const guessed = conventionalServers([...seen.values()]).map((server) => ({ library: undefined, server }));
  const found = [...known, ...guessed].flatMap((candidate) => matches(candidate, seen));
  // A name that several libraries share is the one's whose status label is there.
  return found.find(({ failed }) => failed !== undefined) ?? found[0];
};

const matches = (
  { library, server }: Pick<Found, 'library' | 'server'>,
  seen: ReadonlyMap<string, MetricFamily>,
): Found[] => {
  const requests = firstOf(server.requests, seen);
  if (requests === undefined || !isCounted(requests)) return [];
  const labels = new Map(requests.labels.map(({ name }) => [plainName(name), name]));
  const duration = server.duration === undefined ? requests : firstOf(server.duration, seen);
  const failed = server.failed.flatMap(({ label, values }) => {
    const name = labels.get(label);
    return name === undefined ? [] : [{ label: name, values }];
  })[0];
  return [{ library, server, requests, failed, duration: duration && isTimed(duration) ? duration : undefined }];
};

const firstOf = (names: readonly string[], seen: ReadonlyMap<string, MetricFamily>): MetricFamily | undefined =>
  names.map((name) => seen.get(name)).find((family) => family !== undefined);

const isTimed = ({ type, native, stored, name }: MetricFamily): boolean =>
  type === 'histogram' ? native === true || stored.includes(`${name}_bucket`) : type === 'summary';
const isCounted = (family: MetricFamily): boolean => family.type === 'counter' || isTimed(family);

/** Requests per second. */
const counted = (family: MetricFamily, matchers: readonly string[]): string => {
  if (family.native) return `sum(histogram_count(rate(${selector(family.name, matchers)}[${RATE_INTERVAL}])))`;
  const metric = family.type === 'counter' ? family.name : `${family.name}_count`;
  return `sum(rate(${selector(metric, matchers)}[${RATE_INTERVAL}]))`;
};

const durationOf = (family: MetricFamily, unit: Server['unit'], matchers: readonly string[]) => {
  const inSeconds = (query: string): string => (unit === 'ms' ? `${query} / 1000` : query);
  if (family.type === 'histogram')
    return { kind: 'p95' as const, query: inSeconds(quantile(0.95, bucketsOf(family, { matchers }))) };
  const grown = (part: string): string =>
    `sum(rate(${selector(`${family.name}_${part}`, matchers)}[${RATE_INTERVAL}]))`;
  return { kind: 'average' as const, query: inSeconds(`${grown('sum')} / ${grown('count')}`) };
};
