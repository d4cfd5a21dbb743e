import type { Runtime } from './runtime.ts';

export const dotnet: Runtime = {
  name: '.NET',
  sources: [
    'https://github.com/prometheus-net/prometheus-net (Prometheus/DotNetStats.cs)',
    'https://opentelemetry.io/docs/specs/semconv/runtime/dotnet-metrics/',
  ],
  families: /^(?:dotnet|system_runtime|microsoft_aspnetcore)_/,
  signs: [
    { sign: 'cpu', metrics: ['dotnet_process_cpu_time_seconds_total'], rate: true, sum: true },
    { sign: 'memory', metrics: ['dotnet_process_memory_working_set_bytes'] },
    { sign: 'heap', metrics: ['dotnet_total_memory_bytes'] },
    { sign: 'heap', metrics: ['dotnet_gc_last_collection_heap_size_bytes'], sum: true },
    { sign: 'concurrency', metrics: ['process_num_threads', 'dotnet_thread_pool_thread_count'], of: 'threads' },
    { sign: 'gc', metrics: ['dotnet_gc_pause_time_seconds_total'], rate: true },
  ],
};
