/** An image whose containers are known to serve metrics. */
export interface KnownImage {
  /** What it is, as its repository is commonly written: `prom/node-exporter`. */
  name: string;
  port: number;
  metrics_path: string;
}

type Entry = readonly [name: string, image: KnownImage];

const exporter = (name: string, port: number): Entry => [name, { name, port, metrics_path: '/metrics' }];

/**
 * Exporters, known by the last part of the repository's name, whatever its namespace (`bitnami/postgres-exporter`,
 * `registry.local/tools/postgres_exporter`); `_` is read as `-`. Each port is the `--web.listen-address` default in the
 * exporter's own source at the tag beside it. It is not the image's EXPOSE: elasticsearch_exporter
 * exposes 7979 and listens on 9114, nginx-prometheus-exporter exposes nothing.
 */
const EXPORTERS: ReadonlyMap<string, KnownImage> = new Map([
  exporter('node-exporter', 9100), // prometheus/node_exporter v1.12.1
  exporter('haproxy-exporter', 9101), // prometheus/haproxy_exporter v0.15.0
  exporter('statsd-exporter', 9102), // prometheus/statsd_exporter v0.30.0; 9125 takes statsd lines
  exporter('collectd-exporter', 9103), // prometheus/collectd_exporter v0.7.1
  exporter('mysqld-exporter', 9104), // prometheus/mysqld_exporter v0.20.0
  exporter('consul-exporter', 9107), // prometheus/consul_exporter v0.13.0
  exporter('graphite-exporter', 9108), // prometheus/graphite_exporter v0.17.0; 9109 takes Graphite lines
  exporter('nginx-prometheus-exporter', 9113), // nginx/nginx-prometheus-exporter v1.5.3
  exporter('nginx-exporter', 9113), // bitnami's name for the same
  exporter('elasticsearch-exporter', 9114), // prometheus-community/elasticsearch_exporter v1.11.0
  exporter('blackbox-exporter', 9115), // prometheus/blackbox_exporter v0.28.0: its own metrics, not its probes
  exporter('snmp-exporter', 9116), // prometheus/snmp_exporter v0.30.1: its own metrics, not its walks
  exporter('apache-exporter', 9117), // Lusitaniae/apache_exporter v1.1.1
  exporter('redis-exporter', 9121), // oliver006/redis_exporter v1.88.0
  exporter('influxdb-exporter', 9122), // prometheus/influxdb_exporter v0.12.1
  exporter('pgbouncer-exporter', 9127), // prometheus-community/pgbouncer_exporter v0.12.1
  exporter('memcached-exporter', 9150), // prometheus/memcached_exporter v0.16.0
  exporter('postgres-exporter', 9187), // prometheus-community/postgres_exporter v0.20.1
  exporter('mongodb-exporter', 9216), // percona/mongodb_exporter v0.53.0
  exporter('php-fpm-exporter', 9253), // hipages/php-fpm_exporter v2.2.0
  exporter('process-exporter', 9256), // ncabatoff/process-exporter v0.8.7
  exporter('kafka-exporter', 9308), // danielqsj/kafka_exporter v1.9.0
  exporter('rabbitmq-exporter', 9419), // kbudde/rabbitmq_exporter v1.0.0
  exporter('prometheus-nats-exporter', 7777), // nats-io/prometheus-nats-exporter v0.20.1
  exporter('cadvisor', 8080), // google/cadvisor v0.60.5, EXPOSE and HEALTHCHECK of its deploy/Dockerfile
  exporter('pushgateway', 9091), // prometheus/pushgateway v1.11.3
  exporter('alertmanager', 9093), // prometheus/alertmanager v0.34.0
]);

/** `names`: its repository as it is commonly written, and further ones of the same server. */
const server = (port: number, metrics_path: string, ...names: [string, ...string[]]): Entry[] =>
  names.map((name) => [name, { name: names[0], port, metrics_path }]);

/**
 * Servers with metrics of their own, known by their full repository name only, as `registry` or `server` alone says
 * too little. The source of each entry stands beside it.
 *
 * Consul (`/v1/agent/metrics`) and Vault (`/v1/sys/metrics`) need `?format=prometheus`, which no `metrics_path` can
 * carry, so they are not in here: they belong in `scrape_configs` with `params`.
 */
const SERVERS: ReadonlyMap<string, KnownImage> = new Map([
  // Docs: prometheus.io/docs/prometheus/latest/getting_started
  ...server(9090, '/metrics', 'prom/prometheus', 'prometheus/prometheus', 'bitnami/prometheus'),
  // Docs: grafana.com/docs/grafana/latest/setup-grafana/set-up-grafana-monitoring
  ...server(
    3000,
    '/metrics',
    'grafana/grafana',
    'grafana/grafana-oss',
    'grafana/grafana-enterprise',
    'bitnami/grafana',
  ),
  // Docs: grafana.com/docs/loki/next/reference/network-ports and .../operations/meta-monitoring
  ...server(3100, '/metrics', 'grafana/loki', 'bitnami/grafana-loki'),
  // Source: VictoriaMetrics app/victoria-metrics/main.go and app/vmagent/main.go
  ...server(8428, '/metrics', 'victoriametrics/victoria-metrics'),
  ...server(8429, '/metrics', 'victoriametrics/vmagent'),
  // Docs: etcd.io/docs/v3.5/op-guide/monitoring
  ...server(2379, '/metrics', 'coreos/etcd', 'etcd-development/etcd', 'bitnami/etcd'),
  // Source: docker-library/rabbitmq Dockerfiles enable the plugin and expose 15692 since 3.8
  ...server(15692, '/metrics', 'rabbitmq'),
  // Docs: docs.min.io/community/minio-object-store/operations/monitoring/metrics-and-alerts
  ...server(9000, '/minio/v2/metrics/cluster', 'minio/minio', 'bitnami/minio'),
  // Docs: doc.traefik.io/traefik/reference/install-configuration/observability/metrics
  ...server(8080, '/metrics', 'traefik', 'traefik/traefik'),
  // Docs: keycloak.org/observability/configuration-metrics; the management interface is port 9000 from version 25 on
  ...server(9000, '/metrics', 'keycloak/keycloak'),
  // Docs: cockroachlabs.com/docs/stable/prometheus-endpoint
  ...server(8080, '/_status/vars', 'cockroachdb/cockroach'),
  // Docs: qdrant.tech/documentation/ops-monitoring/monitoring
  ...server(6333, '/metrics', 'qdrant/qdrant'),
  // Docs: docs.redpanda.com/streaming/current/manage/monitoring
  ...server(9644, '/public_metrics', 'redpandadata/redpanda', 'vectorized/redpanda'),
  // Docs: opentelemetry.io/docs/collector/internal-telemetry
  ...server(
    8888,
    '/metrics',
    'otel/opentelemetry-collector',
    'otel/opentelemetry-collector-contrib',
    'otel/opentelemetry-collector-k8s',
  ),
]);

/** What an image reference is known to serve; registry, tag and digest do not matter. */
export function knownImage(reference: string): KnownImage | undefined {
  const { repository, name } = imageName(reference);
  return SERVERS.get(repository) ?? EXPORTERS.get(name);
}

/** What an image is called, without where it comes from and which version it is. */
export interface ImageName {
  /** The last two parts, or the only one: `prom/node-exporter`, `postgres`. Lower case. */
  repository: string;
  /** The last part, with `-` for `_`: `node-exporter`. */
  name: string;
}

/** A reference longer than this is none: the grammar allows a name of 255 characters, and tag and digest beside it. */
const LONGEST = 1024;
const NONE: ImageName = { repository: '', name: '' };

/**
 * The name in an image reference such as `registry.example/google/cadvisor:v0.60.5@sha256:...`. Never fails: what is no name (the id
 * of an image that lost its tag) gives one that matches nothing. Grammar: distribution/reference.
 */
export function imageName(reference: string): ImageName {
  if (reference.length > LONGEST || reference.startsWith('sha256:')) return NONE;
  const [withoutDigest = ''] = reference.split('@', 1);
  const parts = withoutDigest
    .replace(/:[^/]*$/, '')
    .toLowerCase()
    .split('/');
  const isRegistry = parts.length > 1 && /[.:]|^localhost$/.test(parts[0] ?? '');
  const path = isRegistry ? parts.slice(1) : parts;
  // Docker Hub's official images are `library/postgres` in full.
  const [organisation, last = ''] = path.length > 1 ? path.slice(-2) : [undefined, path[0]];
  const repository = organisation === undefined || organisation === 'library' ? last : `${organisation}/${last}`;
  return { repository, name: last.replaceAll('_', '-') };
}
