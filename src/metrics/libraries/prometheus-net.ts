import { failedBy, type Library } from './library.ts';

export const prometheusNet: Library = {
  name: 'prometheus-net',
  sources: ['https://github.com/prometheus-net/prometheus-net (Prometheus.AspNetCore/HttpMetrics)'],
  servers: [
    {
      requests: ['http_requests_received_total'],
      failed: failedBy('code'),
      duration: ['http_request_duration_seconds'],
    },
  ],
};
