import type { MetricFamily } from './family.ts';
import { failedBy, type Server } from './libraries/library.ts';
import { unitOf } from './unit.ts';

/** The labels in which libraries put a status. */
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
export const conventionalServers = (families: readonly MetricFamily[]): Server[] => {
  const own = families.filter(({ name }) => !OTHERS.test(name));
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
