import { describe, expect, test } from 'vitest';
import { EXPORTERS, type ExporterName, missingOptions } from '../../../src/config/exporter-table.ts';
import { imageName, knownImage } from '../../../src/detect/images.ts';
import type { Container } from '../../../src/docker/engine.ts';
import { suggest } from '../../../src/exporters/suggestions.ts';
import { container, tcp } from '../../support/containers.ts';

const unserved = (): boolean => false;
const suggested = (changes: Partial<Container>): string[] =>
  suggest([container('db', changes)], unserved).map((s) => s.command);

describe('suggestions', () => {
  test.each([
    ['postgres:16', 'monitor add-exporter postgres --for db'],
    ['bitnami/postgresql', 'monitor add-exporter postgres --for db'],
    ['mysql:8', 'monitor add-exporter mysql --for db'],
    ['mariadb', 'monitor add-exporter mysql --for db'],
    ['redis:7-alpine', 'monitor add-exporter redis --for db'],
    ['valkey/valkey', 'monitor add-exporter redis --for db'],
    ['mongo', 'monitor add-exporter mongo --for db'],
    ['nginx:alpine', 'monitor add-exporter nginx --for db'],
    ['registry.example/team/shop/nginx:1', 'monitor add-exporter nginx --for db'],
    ['acme/postgres', 'monitor add-exporter postgres --for db'],
    ['confluentinc/cp-kafka', 'monitor add-exporter kafka --for db'],
    ['memcached', 'monitor add-exporter memcached --for db'],
    ['registry.example/elasticsearch/elasticsearch:8.1.0', 'monitor add-exporter elasticsearch --for db'],
    ['rabbitmq:3', 'docker exec db rabbitmq-plugins enable rabbitmq_prometheus'],
  ])('%s without metrics: %s', (image, command) => {
    expect(suggested({ image })).toEqual([command]);
  });

  test('a suggestion says what, where and what it takes', () => {
    expect(suggest([container('db', { image: 'postgres' })], unserved)).toMatchObject([
      {
        server: 'PostgreSQL',
        message:
          'PostgreSQL has no metrics of its own; prometheuscommunity/postgres-exporter exports them on port 9187; ' +
          'a separate user needs the role pg_monitor',
      },
    ]);
  });

  test('an unknown image is recognized by the port that it exposes', () => {
    expect(suggested({ image: 'shop/database', ports: tcp(5432) })).toEqual(['monitor add-exporter postgres --for db']);
    expect(suggested({ image: 'shop/app', ports: tcp(80) })).toEqual([]);
  });

  test('an exporter that exposes such a port is not taken for the server', () => {
    expect(suggested({ image: 'prom/mysqld-exporter', ports: tcp(3306) })).toEqual([]);
    expect(suggested({ image: 'acme/nginx-exporter' })).toEqual([]);
    expect(suggested({ image: 'acme/nginx-web' })).toEqual([]);
  });

  test('nothing for what is scraped already, and nothing for what does not run', () => {
    expect(suggest([container('mq', { image: 'rabbitmq' })], () => true)).toEqual([]);
    expect(suggested({ image: 'postgres', state: 'exited' })).toEqual([]);
  });

  test('nothing where its exporter runs on one of its networks', () => {
    const on = (name: string): Partial<Container> => ({
      networks: [{ name, networkId: name, ipAddress: '', ipv6Address: '' }],
    });
    const db = container('db', { image: 'postgres', ...on('shop') });
    const near = container('e', {
      image: 'registry.example/prometheuscommunity/postgres_exporter:v0.20.1',
      ...on('shop'),
    });
    const far = container('e', { image: 'prometheuscommunity/postgres-exporter', ...on('other') });
    expect(suggest([db, near], unserved)).toEqual([]);
    expect(suggest([db, far], unserved)).toHaveLength(1);
  });
});

describe('exporters', () => {
  const server = { host: 'db', port: 1234 };
  const all = { user: 'me', password: 'p@ss', database: 'shop', path: 'status' };

  test.each(Object.entries(EXPORTERS))('%s is pinned, and detection knows it by its image', (_, exporter) => {
    expect(exporter.image).toMatch(/:v?\d+\.\d+\.\d+$/);
    expect(knownImage(exporter.image)).toMatchObject({ port: exporter.port, metrics_path: '/metrics' });
    expect(imageName(exporter.image).repository).not.toBe('');
  });

  test.each(Object.entries(EXPORTERS))('%s keeps its password out of its arguments', (_, exporter) => {
    expect((exporter.settings(server, all).args ?? []).join(' ')).not.toContain(all.password);
  });

  test.each<[ExporterName, object]>([
    [
      'postgres',
      {
        env: {
          DATA_SOURCE_URI: 'db:1234/shop?sslmode=disable',
          DATA_SOURCE_USER: 'me',
          DATA_SOURCE_PASS_FILE: '/run/secrets/exporter_password',
        },
        secret: 'p@ss',
      },
    ],
    [
      'mysql',
      { env: { MYSQLD_EXPORTER_PASSWORD: 'p@ss' }, args: ['--mysqld.address=db:1234', '--mysqld.username=me'] },
    ],
    [
      'redis',
      {
        env: {
          REDIS_ADDR: 'redis://db:1234',
          REDIS_USER: 'me',
          REDIS_PASSWORD_FILE: '/run/secrets/exporter_password',
        },
        secret: '{"redis://me@db:1234":"p@ss"}',
      },
    ],
    ['nginx', { args: ['--nginx.scrape-uri=http://db:1234/status'] }],
    ['kafka', { args: ['--kafka.server=db:1234'] }],
    ['memcached', { args: ['--memcached.address=db:1234'] }],
    ['elasticsearch', { env: { ES_USERNAME: 'me', ES_PASSWORD: 'p@ss' }, args: ['--es.uri=http://db:1234'] }],
  ])('%s is told where its server is', (name, settings) => {
    expect(EXPORTERS[name].settings(server, all)).toEqual(settings);
  });

  test('postgres is given a password with a space as a variable, which its file cannot have', () => {
    const { env, secret } = EXPORTERS.postgres.settings(server, { password: 'a b' });
    expect(env).toMatchObject({ PGPASSWORD: 'a b' });
    expect(env?.['DATA_SOURCE_PASS_FILE']).toBeUndefined();
    expect(secret).toBeUndefined();
  });

  test('mongo takes its credentials from the environment', () => {
    expect(EXPORTERS.mongo.settings(server, all).env).toEqual({
      MONGODB_URI: 'mongodb://db:1234',
      MONGODB_USER: 'me',
      MONGODB_PASSWORD: 'p@ss',
    });
  });

  test('what is not given is not set', () => {
    expect(EXPORTERS.redis.settings(server, {}).env).toEqual({ REDIS_ADDR: 'redis://db:1234' });
    expect(EXPORTERS.elasticsearch.settings(server, {}).env).toEqual({});
  });

  test('an IPv6 address gets its brackets', () => {
    expect(EXPORTERS.redis.settings({ host: 'fd00::2', port: 6379 }, {}).env).toEqual({
      REDIS_ADDR: 'redis://[fd00::2]:6379',
    });
  });

  test('those of the machine have no server, and see the host', () => {
    expect(EXPORTERS.node).toMatchObject({ pidMode: 'host', binds: ['/:/host:ro'] });
    expect(EXPORTERS.node.serverPort).toBeUndefined();
    expect(EXPORTERS.cadvisor.serverPort).toBeUndefined();
  });

  test('what is missing is named', () => {
    expect(missingOptions(EXPORTERS.mysql, { user: 'me' }).map((c) => c.name)).toEqual(['password']);
    expect(missingOptions(EXPORTERS.postgres, { password: '' })).toEqual([]);
  });
});
