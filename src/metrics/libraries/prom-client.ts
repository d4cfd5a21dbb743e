import { failedBy, type Library } from './library.ts';

/** Node's middlewares over prom-client: one histogram under one name, and each its own label for the status. */
export const promClient: Library = {
  name: 'prom-client',
  sources: [
    'recorded: express-prom-bundle 8.0.0 (status_code), prometheus-api-metrics 4.0.0 (code)',
    'https://github.com/SkeLLLa/fastify-metrics (status_code)',
  ],
  servers: [{ requests: ['http_request_duration_seconds'], failed: failedBy('status_code', 'code') }],
};
