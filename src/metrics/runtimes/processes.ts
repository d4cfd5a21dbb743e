import type { Runtime } from './runtime.ts';

/** The names that Prometheus's own client libraries agree on, and those of Micrometer and OpenTelemetry. */
export const processMetrics: Runtime = {
  name: 'Process',
  sources: [
    'https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics',
    'recorded: prom-client 15.1.3, prometheus_client 0.26.0, client_golang 1.25.0, micrometer 1.17.2',
    'https://github.com/prometheus-net/prometheus-net (Prometheus/DotNetStats.cs)',
    'https://opentelemetry.io/docs/specs/semconv/system/process-metrics/',
  ],
  families: /^(?:process|system|scrape|target|promhttp|otel_sdk)_/,
  signs: [
    { sign: 'cpu', metrics: ['process_cpu_seconds_total'], rate: true },
    { sign: 'cpu', metrics: ['process_cpu_time_ns_total'], rate: true, divide: 1e9 },
    { sign: 'cpu', metrics: ['process_cpu_time_seconds_total', 'process_cpu_time_total'], rate: true, sum: true },
    { sign: 'cpu', metrics: ['process_cpu_usage'], of: 'of all cores' },
    { sign: 'memory', metrics: ['process_resident_memory_bytes', 'process_working_set_bytes'] },
    { sign: 'memory', metrics: ['process_memory_usage_bytes', 'process_memory_usage'] },
    { sign: 'files', metrics: ['process_open_fds', 'process_files_open_files', 'process_open_handles'] },
    { sign: 'fileLimit', metrics: ['process_max_fds', 'process_files_max_files'] },
    { sign: 'started', metrics: ['process_start_time_seconds'] },
  ],
};
