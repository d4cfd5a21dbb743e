import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { imageName, knownImage } from '../../../src/detect/images.ts';
import { otherProtocol } from '../../../src/detect/ports.ts';
import { wildText } from '../../support/wild-text.ts';

describe('image names', () => {
  test.each([
    ['postgres', 'postgres'],
    ['postgres:16', 'postgres'],
    ['library/postgres', 'postgres'],
    ['registry.example/library/postgres:16-alpine', 'postgres'],
    ['prom/node-exporter:v1.9.0', 'prom/node-exporter'],
    ['registry.example/prometheus/node-exporter', 'prometheus/node-exporter'],
    ['localhost:5000/prom/node-exporter:1', 'prom/node-exporter'],
    ['localhost/app', 'app'],
    ['harbor.local/proxy/prom/node-exporter', 'prom/node-exporter'],
    [`prom/node-exporter:v1@sha256:${'a'.repeat(64)}`, 'prom/node-exporter'],
    [`prom/node-exporter@sha256:${'a'.repeat(64)}`, 'prom/node-exporter'],
    [`sha256:${'a'.repeat(64)}`, ''],
    ['', ''],
  ])('%s is %j', (reference, repository) => {
    expect(imageName(reference).repository).toBe(repository);
  });

  test('never fails', () => {
    fc.assert(fc.property(wildText(), (s) => typeof imageName(s).repository === 'string'));
    expect(imageName('a/'.repeat(50_000)).repository).toBe('');
  });
});

describe('known images', () => {
  test.each([
    ['prom/node-exporter:v1.9.0', 9100, '/metrics'],
    ['registry.example/prometheus/node-exporter', 9100, '/metrics'],
    ['node-exporter', 9100, '/metrics'],
    ['bitnami/node-exporter:1', 9100, '/metrics'],
    ['registry.local:5000/tools/postgres_exporter', 9187, '/metrics'],
    ['registry.example/prometheuscommunity/postgres-exporter', 9187, '/metrics'],
    ['oliver006/redis_exporter:alpine', 9121, '/metrics'],
    ['percona/mongodb_exporter:0.53', 9216, '/metrics'],
    ['prom/mysqld-exporter', 9104, '/metrics'],
    ['nginx/nginx-prometheus-exporter:1.5.3', 9113, '/metrics'],
    ['prometheuscommunity/elasticsearch-exporter', 9114, '/metrics'],
    ['danielqsj/kafka-exporter', 9308, '/metrics'],
    ['registry.example/cadvisor/cadvisor:v0.47.0', 8080, '/metrics'],
    ['registry.example/google/cadvisor', 8080, '/metrics'],
    ['prom/prometheus', 9090, '/metrics'],
    ['grafana/grafana:12.0.0', 3000, '/metrics'],
    ['prom/alertmanager', 9093, '/metrics'],
    ['prom/pushgateway', 9091, '/metrics'],
    ['rabbitmq:4-management', 15692, '/metrics'],
    ['registry.example/minio/minio', 9000, '/minio/v2/metrics/cluster'],
    ['registry.example/etcd-development/etcd:v3.5.0', 2379, '/metrics'],
    ['cockroachdb/cockroach', 8080, '/_status/vars'],
  ])('%s serves %i%s', (reference, port, metrics_path) => {
    expect(knownImage(reference)).toMatchObject({ port, metrics_path });
  });

  test.each([
    'postgres',
    'example/app',
    'example/traefik',
    'my/prometheus',
    'redis',
    'exporter',
    '',
    `sha256:${'0'.repeat(64)}`,
  ])('%j says nothing', (reference) => {
    expect(knownImage(reference)).toBeUndefined();
  });
});

describe('ports that speak something else', () => {
  test.each([
    [22, 'SSH'],
    [3306, 'MySQL'],
    [5432, 'PostgreSQL'],
    [6379, 'Redis'],
    [27017, 'MongoDB'],
    [9092, 'Kafka'],
  ])('%i is %s', (port, protocol) => {
    expect(otherProtocol(port)).toBe(protocol);
  });

  test.each([80, 3000, 8080, 9090, 9100, 9187, 15692])('%i may be asked', (port) => {
    expect(otherProtocol(port)).toBeUndefined();
  });
});
