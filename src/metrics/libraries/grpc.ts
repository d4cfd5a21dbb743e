import { GRPC_FAILED, GRPC_FAILED_UPPER, type Library } from './library.ts';

/** Durations only where the histogram is turned on. Python's server interceptor writes the same names, and codes in capitals. */
export const grpc: Library = {
  name: 'gRPC',
  sources: [
    'recorded: go-grpc-middleware/providers/prometheus with grpc-go 1.85.0',
    'https://pypi.org/project/py-grpc-prometheus/',
  ],
  servers: [
    {
      requests: ['grpc_server_handled_total'],
      failed: [
        { label: 'grpc_code', values: `${GRPC_FAILED}|${GRPC_FAILED_UPPER}` },
        { label: 'code', values: `${GRPC_FAILED}|${GRPC_FAILED_UPPER}` },
      ],
      duration: ['grpc_server_handling_seconds'],
    },
  ],
};
