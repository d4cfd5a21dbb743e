import { EXPORTERS, type Exporter, type ExporterName } from '../config/exporter-table.ts';
import { imageName } from '../detect/image-name.ts';
import { knownImage } from '../detect/images.ts';
import type { Container } from '../docker/engine.ts';

/** A running server without metrics, and what would give it some. */
export interface Suggestion {
  container: Container;
  /** `PostgreSQL` */
  server: string;
  /** Where the metrics would be served. */
  port: number;
  /** The exporter of `monitor add-exporter`; absent where the server can do it itself. */
  exporter?: ExporterName;
  /** For a person: what would expose its metrics. */
  message: string;
  /** What to run for it. */
  command: string;
}

interface Server {
  title: string;
  /** Repositories, as image-name.ts reads them. */
  images: readonly string[];
  /** The port that gives it away where the image does not: only ones that nothing else is known for. */
  telltale?: number;
  /** What exposes it: an exporter of the table by its name, or the server itself. */
  by:
    | { exporter: ExporterName; images: readonly string[] }
    | { port: number; how: string; command: (name: string) => string };
}

const SERVERS: readonly Server[] = [
  {
    title: 'PostgreSQL',
    images: [
      'postgres',
      'bitnami/postgresql',
      'postgis/postgis',
      'timescale/timescaledb',
      'timescale/timescaledb-ha',
      'pgvector/pgvector',
      'supabase/postgres',
    ],
    telltale: 5432,
    by: { exporter: 'postgres', images: ['postgres-exporter'] },
  },
  {
    title: 'MySQL',
    images: ['mysql', 'mysql/mysql-server', 'bitnami/mysql', 'percona', 'percona/percona-server'],
    telltale: 3306,
    by: { exporter: 'mysql', images: ['mysqld-exporter'] },
  },
  {
    title: 'MariaDB',
    images: ['mariadb', 'bitnami/mariadb', 'linuxserver/mariadb'],
    by: { exporter: 'mysql', images: ['mysqld-exporter'] },
  },
  {
    title: 'Redis',
    images: ['redis', 'bitnami/redis', 'redis/redis-stack', 'redis/redis-stack-server'],
    telltale: 6379,
    by: { exporter: 'redis', images: ['redis-exporter'] },
  },
  {
    title: 'Valkey',
    images: ['valkey/valkey', 'bitnami/valkey'],
    by: { exporter: 'redis', images: ['redis-exporter'] },
  },
  {
    title: 'MongoDB',
    images: ['mongo', 'bitnami/mongodb', 'mongodb/mongodb-community-server', 'percona/percona-server-mongodb'],
    telltale: 27017,
    by: { exporter: 'mongo', images: ['mongodb-exporter'] },
  },
  {
    // Source: rabbitmq.com/docs/prometheus; part of RabbitMQ since 3.8
    title: 'RabbitMQ',
    images: ['rabbitmq', 'bitnami/rabbitmq'],
    telltale: 5672,
    by: {
      port: 15692,
      how: 'serves its metrics itself once its plugin rabbitmq_prometheus is on',
      command: (name) => `docker exec ${name} rabbitmq-plugins enable rabbitmq_prometheus`,
    },
  },
  {
    title: 'nginx',
    images: ['nginx', 'nginxinc/nginx-unprivileged', 'bitnami/nginx', 'openresty/openresty'],
    by: { exporter: 'nginx', images: ['nginx-prometheus-exporter', 'nginx-exporter'] },
  },
  {
    title: 'Kafka',
    images: ['apache/kafka', 'apache/kafka-native', 'bitnami/kafka', 'confluentinc/cp-kafka', 'confluentinc/cp-server'],
    telltale: 9092,
    by: { exporter: 'kafka', images: ['kafka-exporter'] },
  },
  {
    title: 'memcached',
    images: ['memcached', 'bitnami/memcached'],
    telltale: 11211,
    by: { exporter: 'memcached', images: ['memcached-exporter'] },
  },
  {
    title: 'Elasticsearch',
    images: ['elasticsearch', 'elasticsearch/elasticsearch', 'bitnami/elasticsearch'],
    telltale: 9300,
    by: { exporter: 'elasticsearch', images: ['elasticsearch-exporter'] },
  },
  {
    title: 'OpenSearch',
    images: ['opensearchproject/opensearch'],
    by: { exporter: 'elasticsearch', images: ['elasticsearch-exporter'] },
  },
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

/** The running containers of which an exporter can tell. */
export const serversOf = (exporter: ExporterName, containers: readonly Container[]): Container[] =>
  containers.filter((container) => {
    const by = container.state === 'running' ? serverIn(container)?.by : undefined;
    return by !== undefined && 'exporter' in by && by.exporter === exporter;
  });

/**
 * By its repository; else, in a namespace that is not known here, by the name that the official image alone has
 * (`shop/nginx`): what is called so is built on it, as a rule, and a suggestion is no more than that.
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

/** By an exporter's image name: the networks on which one of it runs. */
function exporterNetworks(running: readonly Container[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { image, networks } of running) {
    const { name } = imageName(image);
    if (!name.endsWith('-exporter')) continue;
    const on = found.get(name) ?? new Set();
    for (const network of networks) on.add(network.name);
    found.set(name, on);
  }
  return found;
}

const hasExporter = (
  container: Container,
  { by }: Server,
  exporters: ReadonlyMap<string, ReadonlySet<string>>,
): boolean =>
  'exporter' in by && by.images.some((image) => container.networks.some((n) => exporters.get(image)?.has(n.name)));

function suggestionFor(container: Container, { title, by }: Server): Suggestion {
  if (!('exporter' in by)) {
    return {
      container,
      server: title,
      port: by.port,
      message: `${title} ${by.how}, on port ${by.port}`,
      command: by.command(container.name),
    };
  }
  const { image, port, needs }: Exporter = EXPORTERS[by.exporter];
  const { repository } = imageName(image);
  const remark = needs === undefined ? '' : `; ${needs}`;
  return {
    container,
    server: title,
    port,
    exporter: by.exporter,
    message: `${title} has no metrics of its own; ${repository} exports them on port ${port}${remark}`,
    command: `monitor add-exporter ${by.exporter} --for ${container.name}`,
  };
}
