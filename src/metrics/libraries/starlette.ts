import { failedBy, type Library } from './library.ts';

export const starlette: Library = {
  name: 'starlette_exporter',
  sources: ['recorded: starlette_exporter 0.24.0 with prometheus_client 0.26.0'],
  servers: [
    {
      requests: ['starlette_requests_total'],
      failed: failedBy('status_code'),
      duration: ['starlette_request_duration_seconds'],
    },
  ],
};
