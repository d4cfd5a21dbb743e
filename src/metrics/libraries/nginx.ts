import { failedBy, type Library } from './library.ts';

/** The exporter of stub_status knows how many, and nothing else; the module VTS counts by class, and all of them once more. */
export const nginx: Library = {
  name: 'nginx',
  sources: [
    'https://github.com/nginx/nginx-prometheus-exporter#exported-metrics',
    'https://github.com/vozlt/nginx-module-vts (src/ngx_http_vhost_traffic_status_display_prometheus.h)',
  ],
  servers: [
    {
      requests: ['nginx_vts_server_requests_total'],
      failed: failedBy('code'),
      duration: ['nginx_vts_server_request_duration_seconds'],
      except: { label: 'code', value: 'total' },
    },
    { requests: ['nginx_http_requests_total'], failed: [] },
  ],
};
