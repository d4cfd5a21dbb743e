import { failedBy, type Library } from './library.ts';

/** The names of today first. Exporters add the unit or leave it away: Node's does the latter from 0.2xx on. */
export const openTelemetryHttp: Library = {
  name: 'OpenTelemetry HTTP',
  sources: [
    'https://opentelemetry.io/docs/specs/semconv/http/http-metrics/',
    'https://opentelemetry.io/docs/specs/semconv/non-normative/http-migration/',
    'recorded: @opentelemetry/instrumentation-http 0.223.0 with exporter-prometheus 0.223.0',
  ],
  servers: [
    {
      requests: ['http_server_request_duration_seconds', 'http_server_request_duration'],
      failed: failedBy('http_response_status_code'),
    },
    {
      requests: ['http_server_duration_milliseconds', 'http_server_duration'],
      failed: failedBy('http_status_code', 'http_response_status_code'),
      unit: 'ms',
    },
  ],
};
