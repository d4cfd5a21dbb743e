import { rate } from './ask.ts';
import { bucketsOf, quantile } from './ask-histogram.ts';
import type { MetricFamily } from './family.ts';
import { LIBRARIES } from './libraries/index.ts';
import { type Failed, failedBy, type Server } from './libraries/library.ts';
import { aggregate, matcher, plainName } from './promql.ts';
import { unitOf } from './unit.ts';

/** How a service does: what is asked, what fails, how long it takes. Each as a query with one series. */
export interface VitalSigns {
  /** The library whose metrics they are; absent: their names alone say it. */
  library?: string;
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

const summedRate = (metric: string, matchers: readonly string[]): string =>
  aggregate('sum', [], rate(metric, { matchers }));

/** Requests per second. */
const counted = (family: MetricFamily, matchers: readonly string[]): string => {
  if (family.native) return aggregate('sum', [], `histogram_count(${rate(family.name, { matchers })})`);
  return summedRate(family.type === 'counter' ? family.name : `${family.name}_count`, matchers);
};

const durationOf = (family: MetricFamily, unit: Server['unit'], matchers: readonly string[]) => {
  const inSeconds = (query: string): string => (unit === 'ms' ? `${query} / 1000` : query);
  if (family.type === 'histogram')
    return { kind: 'p95' as const, query: inSeconds(quantile(0.95, bucketsOf(family, { matchers }))) };
  const grown = (part: string): string => summedRate(`${family.name}_${part}`, matchers);
  return { kind: 'average' as const, query: inSeconds(`${grown('sum')} / ${grown('count')}`) };
};

const STATUS_LABELS =
  'http_response_status_code http_status_code response_code status_code http_status status_class status code'.split(
    ' ',
  );

const COUNTER = /(?:^|_)requests?(?:_(?:received|served|handled|processed|completed))?(?:_count)?_total$/;
const DURATION =
  /(?:^|_)(?:(?:requests?|response|handler)_(?:duration|latency|time)|(?:duration|latency)_of_requests)(?:_|$)/;
/** What a program asks of others, and what asks for its metrics. */
const OTHERS = /client|outgoing|upstream|^promhttp_|_size(?:_|$)/;

/**
 * Servers that are known by their families' names alone, as services export them that count for themselves:
 * `shop_request_duration_seconds{code}`, `api_requests_total{status}`.
 */
const conventionalServers = (families: readonly MetricFamily[]): Server[] => {
  const answered = families.filter(({ name }) => !OTHERS.test(name));
  // What names HTTP is served; the rest may be requests to a database or a plugin.
  const own = [/http/, /^(?!.*http)/].flatMap((which) => answered.filter(({ name }) => which.test(name)));
  const durations = own.filter(({ name, type }) => (type === 'histogram' || type === 'summary') && DURATION.test(name));
  const counters = own.filter(({ name, type }) => type === 'counter' && COUNTER.test(name));
  const [duration] = durations;
  const inMs = (family: MetricFamily): 'ms' | undefined =>
    unitOf(family.name, family.unit).value === 'ms' ? 'ms' : undefined;
  return [...durations, ...counters].map((family) => {
    const timed = family.type === 'counter' ? duration : family;
    return {
      requests: [family.name],
      failed: failedBy(...STATUS_LABELS),
      duration: family.type === 'counter' && duration ? [duration.name] : undefined,
      unit: timed && inMs(timed),
    };
  });
};
