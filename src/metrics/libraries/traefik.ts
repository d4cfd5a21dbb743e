import { failedBy, type Library } from './library.ts';

/** What its entry points take in, else what its services answer. */
export const traefik: Library = {
  name: 'Traefik',
  sources: ['https://doc.traefik.io/traefik/observability/metrics/overview/'],
  servers: [
    {
      requests: ['traefik_entrypoint_requests_total'],
      failed: failedBy('code'),
      duration: ['traefik_entrypoint_request_duration_seconds'],
    },
    {
      requests: ['traefik_service_requests_total'],
      failed: failedBy('code'),
      duration: ['traefik_service_request_duration_seconds'],
    },
  ],
};
