import { failedBy, type Library } from './library.ts';

export const flask: Library = {
  name: 'prometheus_flask_exporter',
  sources: ['recorded: prometheus_flask_exporter 0.23.2 with prometheus_client 0.26.0'],
  servers: [
    {
      requests: ['flask_http_request_total'],
      failed: failedBy('status'),
      duration: ['flask_http_request_duration_seconds'],
    },
  ],
};
