/** Where servers have their metrics that do not have them at `/metrics`; asked where a path turned out to be wrong. */
export const USUAL_PATHS: readonly string[] = [
  '/metrics',
  // Spring Boot: Actuator's endpoint `prometheus` below its base path.
  '/actuator/prometheus',
  // JHipster: the same below its own base path.
  '/management/prometheus',
  // Micronaut: management endpoints have no base path.
  '/prometheus',
  // Quarkus: non-application endpoints are below `/q`.
  '/q/metrics',
  // Envoy's admin interface.
  '/stats/prometheus',
  // The Elasticsearch plugin "prometheus-exporter".
  '/_prometheus/metrics',
  // MinIO, version 2 of its metrics.
  '/minio/v2/metrics/cluster',
  // Habits of hand-written servers: behind an API prefix, beside JSON, or with a slash at the end.
  '/api/metrics',
  '/metrics/prometheus',
  '/prometheus/metrics',
  '/metrics/',
];
