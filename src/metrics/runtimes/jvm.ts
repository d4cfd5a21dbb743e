import type { Runtime } from './runtime.ts';

/** Micrometer and OpenTelemetry share the name `jvm_memory_used_bytes` and not its labels. */
export const jvm: Runtime = {
  name: 'JVM',
  sources: ['recorded: micrometer-core 1.17.2', 'https://opentelemetry.io/docs/specs/semconv/runtime/jvm-metrics/'],
  families: /^(?:jvm|executor|logback|tomcat|jetty)_/,
  signs: [
    { sign: 'cpu', metrics: ['jvm_cpu_time_seconds_total'], rate: true },
    { sign: 'heap', metrics: ['jvm_memory_used_bytes'], where: ['area', 'heap'], sum: true },
    { sign: 'heap', metrics: ['jvm_memory_used_bytes'], where: ['jvm_memory_type', 'heap'], sum: true },
    { sign: 'concurrency', metrics: ['jvm_threads_live_threads'], of: 'threads' },
    { sign: 'concurrency', metrics: ['jvm_thread_count'], of: 'threads', sum: true },
    { sign: 'gc', metrics: ['jvm_gc_pause_seconds_sum', 'jvm_gc_duration_seconds_sum'], rate: true, sum: true },
  ],
};
