import { plainName } from './promql.ts';

/**
 * Units of metrics that leave them out of their names, and whose UNIT Prometheus does not keep from the text format:
 * OpenTelemetry's, whose exporters may add none, and Micrometer's shares. The first that fits.
 * Sources: https://opentelemetry.io/docs/specs/semconv/ (http, rpc, db, runtime, system, process), recorded:
 * @opentelemetry/exporter-prometheus 0.223.0 and micrometer-core 1.17.2.
 */
const CONVENTIONS: readonly (readonly [name: RegExp, unit: string])[] = [
  [/^http_(?:server|client)_(?:request|connection)_duration$/, 's'],
  [/^http_(?:server|client)_duration$/, 'ms'],
  [/^http_(?:server|client)_(?:request|response)_(?:body_)?size$/, 'By'],
  [/^(?:db_client_operation|messaging_(?:client_operation|process)|dns_lookup)_duration$/, 's'],
  [/^(?:v8js|jvm|cpython|dotnet)_gc_(?:duration|pause_time)$/, 's'],
  [/^nodejs_eventloop_(?:time|delay_\w+)$/, 's'],
  [/^(?:process|system|jvm)_cpu_time$/, 's'],
  [/^(?:process|system)_cpu_usage$/, '1'],
  [/^v8js_memory_heap_\w+$/, 'By'],
  [/^(?:process|system|jvm)_memory_(?:usage|virtual|used|committed|limit|used_after_last_gc)$/, 'By'],
  [/^(?:process|system)_(?:disk|network)_io$/, 'By'],
];

/** In OpenTelemetry's words: `s`, `By`, `1`. `undefined`: no convention has a metric of this name. */
export const conventionalUnit = (name: string): string | undefined => {
  const plain = plainName(name).replace(/_total$/, '');
  return CONVENTIONS.find(([pattern]) => pattern.test(plain))?.[1];
};
