import { EXPORTERS, type ExporterName } from '../config/exporter-table.ts';
import { imageName } from '../detect/image-name.ts';
import { knownImage } from '../detect/images.ts';
import type { Container } from '../docker/engine.ts';

/** A running server without metrics, and what would give it some. */
export interface Suggestion {
  container: Container;
  /** `PostgreSQL` */
  server: string;
  /** For a person: what would expose its metrics. */
  message: string;
  /** What to run for it. */
  command: string;
}

interface Server {
  title: string;
  /** What exposes it; absent where it does that itself. */
  exporter?: ExporterName;
  /** Repositories, as image-name.ts reads them. */
  images: readonly string[];
  /** The port by which it is recognized where its image is unknown: only ports that no other server commonly has. */
  telltale?: number;
}

const RABBITMQ: Server = { title: 'RabbitMQ', images: ['rabbitmq', 'bitnami/rabbitmq'], telltale: 5672 };

const SERVERS: readonly Server[] = [
  RABBITMQ,
  {
    title: 'PostgreSQL',
    exporter: 'postgres',
    images: [
      ...['postgres', 'bitnami/postgresql', 'postgis/postgis', 'pgvector/pgvector', 'supabase/postgres'],
      ...['timescale/timescaledb', 'timescale/timescaledb-ha'],
    ],
    telltale: 5432,
  },
  {
    title: 'MySQL',
    exporter: 'mysql',
    images: ['mysql', 'mysql/mysql-server', 'bitnami/mysql', 'percona', 'percona/percona-server'],
    telltale: 3306,
  },
  { title: 'MariaDB', exporter: 'mysql', images: ['mariadb', 'bitnami/mariadb', 'linuxserver/mariadb'] },
  {
    title: 'Redis',
    exporter: 'redis',
    images: ['redis', 'bitnami/redis', 'redis/redis-stack', 'redis/redis-stack-server'],
    telltale: 6379,
  },
  { title: 'Valkey', exporter: 'redis', images: ['valkey/valkey', 'bitnami/valkey'] },
  {
    title: 'MongoDB',
    exporter: 'mongo',
    images: ['mongo', 'bitnami/mongodb', 'mongodb/mongodb-community-server', 'percona/percona-server-mongodb'],
    telltale: 27017,
  },
  {
    title: 'nginx',
    exporter: 'nginx',
    images: ['nginx', 'nginxinc/nginx-unprivileged', 'bitnami/nginx', 'openresty/openresty'],
  },
  {
    title: 'Kafka',
    exporter: 'kafka',
    images: ['apache/kafka', 'apache/kafka-native', 'bitnami/kafka', 'confluentinc/cp-kafka', 'confluentinc/cp-server'],
    telltale: 9092,
  },
  { title: 'memcached', exporter: 'memcached', images: ['memcached', 'bitnami/memcached'], telltale: 11211 },
  {
    title: 'Elasticsearch',
    exporter: 'elasticsearch',
    images: ['elasticsearch', 'elasticsearch/elasticsearch', 'bitnami/elasticsearch'],
    telltale: 9300,
  },
  { title: 'OpenSearch', exporter: 'elasticsearch', images: ['opensearchproject/opensearch'] },
];

const BY_IMAGE: ReadonlyMap<string, Server> = new Map(
  SERVERS.flatMap((server) => server.images.map((image): [string, Server] => [image, server])),
);
const BY_PORT: ReadonlyMap<number, Server> = new Map(
  SERVERS.flatMap((server) => (server.telltale === undefined ? [] : [[server.telltale, server] as const])),
);

/**
 * Names the running databases, brokers and caches that have no metrics, with what would expose them. Pure.
 * `isServed`: the container is scraped already. One whose exporter runs on a network of its own counts as served.
 */
export function suggest(containers: readonly Container[], isServed: (container: Container) => boolean): Suggestion[] {
  const running = containers.filter((c) => c.state === 'running');
  const exporters = exporterNetworks(running);
  return running.flatMap((container) => {
    const server = serverIn(container);
    if (server === undefined || isServed(container) || hasExporter(container, server, exporters)) return [];
    return [suggestionFor(container, server)];
  });
}

/** The running containers that an exporter has metrics of. */
export const serversOf = (exporter: ExporterName, containers: readonly Container[]): Container[] =>
  containers.filter((container) => container.state === 'running' && serverIn(container)?.exporter === exporter);

/**
 * By its repository; else, in a namespace that is not known here, by the name that the official image alone has
 * (`shop/nginx`): an image with that name is usually built on it, and this is only a suggestion.
 */
const serverOf = (image: string): Server | undefined => {
  const { repository, name } = imageName(image);
  return BY_IMAGE.get(repository) ?? BY_IMAGE.get(name);
};

function serverIn(container: Container): Server | undefined {
  const byImage = serverOf(container.image);
  if (byImage !== undefined || knownImage(container.image) !== undefined) return byImage;
  const telltale = container.ports.find((p) => p.type === 'tcp' && BY_PORT.has(p.privatePort));
  return telltale === undefined ? undefined : BY_PORT.get(telltale.privatePort);
}

/** By the name of an exporter's image: the networks on which one of it runs. */
function exporterNetworks(running: readonly Container[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { image, networks } of running) {
    const { name } = imageName(image);
    const on = found.get(name) ?? new Set();
    for (const network of networks) on.add(network.name);
    if (name.endsWith('-exporter')) found.set(name, on);
  }
  return found;
}

const hasExporter = (
  { networks }: Container,
  { exporter }: Server,
  exporters: ReadonlyMap<string, ReadonlySet<string>>,
): boolean => {
  if (exporter === undefined) return false;
  // The project's name for its image, and the one that others give theirs: `bitnami/nginx-exporter`.
  const images = [imageName(EXPORTERS[exporter].image).name, `${exporter}-exporter`];
  return images.some((image) => networks.some((network) => exporters.get(image)?.has(network.name)));
};

function suggestionFor(container: Container, { title, exporter }: Server): Suggestion {
  if (exporter === undefined) return pluginOf(container);
  const { image, port, needs } = EXPORTERS[exporter];
  const { repository } = imageName(image);
  const remark = needs === undefined ? '' : `; ${needs}`;
  return {
    container,
    server: title,
    message: `${title} has no metrics of its own; ${repository} exports them on port ${port}${remark}`,
    command: `monitor add-exporter ${exporter} --for ${container.name}`,
  };
}

/** Source: rabbitmq.com/docs/prometheus; part of RabbitMQ since 3.8 */
const pluginOf = (container: Container): Suggestion => ({
  container,
  server: RABBITMQ.title,
  message: 'RabbitMQ serves its metrics itself once its plugin rabbitmq_prometheus is on, on port 15692',
  command: `docker exec ${container.name} rabbitmq-plugins enable rabbitmq_prometheus`,
});
