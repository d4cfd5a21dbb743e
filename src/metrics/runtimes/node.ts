import type { Runtime } from './runtime.ts';

export const node: Runtime = {
  name: 'Node.js',
  sources: [
    'recorded: prom-client 15.1.3',
    'recorded: @opentelemetry/instrumentation-runtime-node 0.36.1, which leaves units out of names',
  ],
  families: /^(?:nodejs|v8js)_/,
  signs: [
    { sign: 'heap', metrics: ['nodejs_heap_size_used_bytes'] },
    { sign: 'heap', metrics: ['v8js_memory_heap_used_bytes', 'v8js_memory_heap_used'], sum: true },
    { sign: 'lag', metrics: ['nodejs_eventloop_lag_p99_seconds'], of: 'p99' },
    { sign: 'lag', metrics: ['nodejs_eventloop_delay_p99_seconds', 'nodejs_eventloop_delay_p99'], of: 'p99' },
    { sign: 'gc', metrics: ['nodejs_gc_duration_seconds_sum'], rate: true, sum: true },
    { sign: 'gc', metrics: ['v8js_gc_duration_seconds_sum', 'v8js_gc_duration_sum'], rate: true, sum: true },
  ],
};
