import { failedBy, type Library } from './library.ts';

export const ruby: Library = {
  name: 'Ruby',
  sources: [
    'https://github.com/prometheus/client_ruby (lib/prometheus/middleware/collector.rb)',
    'https://github.com/discourse/prometheus_exporter#rails-integration',
  ],
  servers: [
    {
      requests: ['http_server_requests_total'],
      failed: failedBy('code'),
      duration: ['http_server_request_duration_seconds'],
    },
    {
      requests: ['ruby_http_requests_total'],
      failed: failedBy('status'),
      duration: ['ruby_http_request_duration_seconds'],
    },
  ],
};
