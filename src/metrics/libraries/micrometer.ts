import { failedBy, type Library } from './library.ts';

/** A summary without quantiles unless histograms are turned on, so that there is an average and no p95. */
export const micrometer: Library = {
  name: 'Micrometer',
  sources: [
    'recorded: micrometer-registry-prometheus 1.17.2',
    'https://docs.spring.io/spring-boot/reference/actuator/metrics.html (http.server.requests)',
    'https://ktor.io/docs/server-metrics-micrometer.html (ktor.http.server.requests)',
  ],
  servers: [
    {
      requests: ['http_server_requests_seconds', 'ktor_http_server_requests_seconds'],
      failed: [...failedBy('status'), { label: 'outcome', values: 'SERVER_ERROR' }],
    },
  ],
};
