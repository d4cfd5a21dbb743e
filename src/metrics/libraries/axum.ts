import { failedBy, type Library } from './library.ts';

export const axum: Library = {
  name: 'axum-prometheus',
  sources: ['https://docs.rs/axum-prometheus/latest/axum_prometheus/'],
  servers: [
    {
      requests: ['axum_http_requests_total'],
      failed: failedBy('status'),
      duration: ['axum_http_requests_duration_seconds'],
    },
  ],
};
