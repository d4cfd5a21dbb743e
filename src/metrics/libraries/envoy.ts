import type { Library } from './library.ts';

/** The class of a status is its first digit; times are in milliseconds and their names do not say so. */
export const envoy: Library = {
  name: 'Envoy',
  sources: [
    'https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/stats',
    'https://www.envoyproxy.io/docs/envoy/latest/configuration/upstream/cluster_manager/cluster_stats',
  ],
  servers: [
    {
      requests: ['envoy_http_downstream_rq_xx'],
      failed: [{ label: 'envoy_response_code_class', values: '5' }],
      duration: ['envoy_http_downstream_rq_time'],
      unit: 'ms',
    },
    {
      requests: ['envoy_cluster_upstream_rq_xx'],
      failed: [{ label: 'envoy_response_code_class', values: '5' }],
      duration: ['envoy_cluster_upstream_rq_time'],
      unit: 'ms',
    },
  ],
};
