import type { Runtime } from './runtime.ts';

export const go: Runtime = {
  name: 'Go',
  sources: ['recorded: client_golang 1.25.0', 'https://opentelemetry.io/docs/specs/semconv/runtime/go-metrics/'],
  families: /^go_/,
  signs: [
    { sign: 'heap', metrics: ['go_memstats_heap_alloc_bytes'] },
    { sign: 'heap', metrics: ['go_memory_used_bytes'], sum: true },
    { sign: 'concurrency', metrics: ['go_goroutines', 'go_goroutine_count'], of: 'goroutines' },
    { sign: 'gc', metrics: ['go_gc_duration_seconds_sum'], rate: true },
  ],
};
