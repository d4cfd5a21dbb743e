import { failedBy, type Library } from './library.ts';

/** Classes of status (`5xx`) by default. The `highr` histogram has no labels and finer buckets. */
export const fastApi: Library = {
  name: 'prometheus-fastapi-instrumentator',
  sources: ['recorded: prometheus-fastapi-instrumentator 8.1.0 with prometheus_client 0.26.0'],
  servers: [
    {
      requests: ['http_requests_total'],
      failed: failedBy('status'),
      duration: ['http_request_duration_highr_seconds', 'http_request_duration_seconds'],
    },
  ],
};
