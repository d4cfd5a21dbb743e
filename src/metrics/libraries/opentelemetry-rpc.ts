import { GRPC_FAILED_NUMBERS, GRPC_FAILED_UPPER, type Library } from './library.ts';

export const openTelemetryRpc: Library = {
  name: 'OpenTelemetry RPC',
  sources: [
    'https://opentelemetry.io/docs/specs/semconv/rpc/rpc-metrics/',
    'https://github.com/open-telemetry/semantic-conventions/blob/main/docs/non-normative/rpc-migration.md',
  ],
  servers: [
    {
      requests: ['rpc_server_call_duration_seconds', 'rpc_server_call_duration'],
      failed: [{ label: 'rpc_response_status_code', values: GRPC_FAILED_UPPER }],
    },
    {
      requests: ['rpc_server_duration_milliseconds', 'rpc_server_duration'],
      failed: [{ label: 'rpc_grpc_status_code', values: GRPC_FAILED_NUMBERS }],
      unit: 'ms',
    },
  ],
};
