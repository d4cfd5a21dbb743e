import type { Runtime } from './runtime.ts';

/** It exports how often it collects, and neither its heap nor how long a collection takes. */
export const python: Runtime = {
  name: 'Python',
  sources: ['recorded: prometheus_client 0.26.0'],
  families: /^python_/,
  signs: [],
};
