import { type Address, formatAddress } from './address.ts';

/** What an exporter can be told besides where its server is: mostly credentials. The password is a secret. */
export interface ExporterOption {
  /** As `monitor add-exporter` names it. */
  name: 'user' | 'password' | 'database' | 'path';
  /** Without it the exporter cannot start, or has no metrics. */
  required?: true;
  /** Where the server's own image commonly keeps it: variables of its environment, the first one set counts. */
  serverEnv: readonly string[];
}

export type OptionValues = Partial<Record<ExporterOption['name'], string>>;

export interface Exporter {
  /** What it reads, by title, with the repositories of their images; absent for an exporter of the machine. */
  servers?: Readonly<Record<string, readonly string[]>>;
  /** The port by which the first of them is recognized where its image is unknown: only one that no other server commonly has. */
  telltale?: number;
  /** Pinned: the newest tag of the project's repository as of August 2026. It serves `/metrics`. */
  image: string;
  port: number;
  /** The port that its server commonly listens on; absent for an exporter of the machine, which has no server. */
  serverPort?: number;
  options: readonly ExporterOption[];
  /** Host paths it looks at, as `docker run --volume` writes them. */
  binds?: readonly string[];
  pidMode?: 'host';
  /** What its container, which dials `server` so, is started with; no password is an argument. `secret`: what the file SECRET_PATH holds. */
  settings(
    server: Address,
    options: OptionValues,
  ): { env?: Record<string, string | undefined>; args?: string[]; secret?: string };
  /** Its metric that is 1 while it reads its server, and 0 while it cannot. */
  upMetric?: string;
  /** The administrator that the server's image may have instead of a user, and where it commonly keeps the password. */
  admin?: { user: string; password: readonly string[] };
  /** What has to be set up on the server first, for a person. */
  needs?: string;
}

/** Where an exporter's container has its secret. */
export const SECRET_PATH = '/run/secrets/exporter_password';

const NETWORK_COLLECTORS = ['arp', 'conntrack', 'netclass', 'netdev', 'netstat', 'sockstat', 'udp_queues'];

/** What `monitor add-exporter` can start. */
const TABLE = {
  /**
   * The password is a file; one with a space in it is a variable of libpq instead, since the exporter refuses it
   * ("malformed dsn", seen of 0.19.1).
   * Source: prometheus-community/postgres_exporter README at v0.20.1, "Environment Variables" and "Running as non-superuser".
   * `serverEnv`: the documentation of Docker's official postgres image.
   */
  postgres: {
    servers: {
      PostgreSQL: [
        ...['postgres', 'bitnami/postgresql', 'postgis/postgis', 'pgvector/pgvector', 'supabase/postgres'],
        ...['timescale/timescaledb', 'timescale/timescaledb-ha'],
      ],
    },
    telltale: 5432,
    image: 'prometheuscommunity/postgres-exporter:v0.20.1',
    port: 9187,
    serverPort: 5432,
    options: [
      { name: 'user', serverEnv: ['POSTGRES_USER', 'POSTGRESQL_USERNAME'] },
      { name: 'password', required: true, serverEnv: ['POSTGRES_PASSWORD', 'POSTGRESQL_PASSWORD'] },
      { name: 'database', serverEnv: ['POSTGRES_DB', 'POSTGRESQL_DATABASE'] },
    ],
    settings: (server, { user = 'postgres', password = '', database = 'postgres' }) => {
      const isInFile = !/\s/.test(password);
      return {
        env: {
          DATA_SOURCE_URI: `${formatAddress(server)}/${encodeURIComponent(database)}?sslmode=disable`,
          DATA_SOURCE_USER: user,
          DATA_SOURCE_PASS_FILE: isInFile ? SECRET_PATH : undefined,
          PGPASSWORD: isInFile ? undefined : password,
        },
        secret: isInFile ? password : undefined,
      };
    },
    upMetric: 'pg_up',
    needs: 'a separate user needs the role pg_monitor',
  },

  /**
   * The password is in the environment: in a my.cnf the exporter would expand each `$` and `%` of it.
   * From 0.15 on there is no DATA_SOURCE_NAME. Source: prometheus/mysqld_exporter README and config/config.go at v0.20.0.
   * `serverEnv`: the documentation of Docker's official mysql and mariadb images.
   */
  mysql: {
    servers: {
      MySQL: ['mysql', 'mysql/mysql-server', 'bitnami/mysql', 'percona', 'percona/percona-server'],
      MariaDB: ['mariadb', 'bitnami/mariadb', 'linuxserver/mariadb'],
    },
    telltale: 3306,
    image: 'prom/mysqld-exporter:v0.20.0',
    port: 9104,
    serverPort: 3306,
    options: [
      { name: 'user', required: true, serverEnv: ['MYSQL_USER', 'MARIADB_USER'] },
      { name: 'password', required: true, serverEnv: ['MYSQL_PASSWORD', 'MARIADB_PASSWORD'] },
    ],
    settings: (server, { user, password }) => ({
      env: { MYSQLD_EXPORTER_PASSWORD: password },
      args: [`--mysqld.address=${formatAddress(server)}`, ...(user === undefined ? [] : [`--mysqld.username=${user}`])],
    }),
    upMetric: 'mysql_up',
    admin: { user: 'root', password: ['MYSQL_ROOT_PASSWORD', 'MARIADB_ROOT_PASSWORD'] },
    needs: 'the user needs the privileges PROCESS, REPLICATION CLIENT, SELECT ON *.*',
  },

  /**
   * For Valkey too. The password is a file: JSON, by the server's URI, with the user in it where there is one.
   * Source: oliver006/redis_exporter README and exporter/redis.go at v1.88.0. `serverEnv`: the documentation of bitnami's images.
   */
  redis: {
    servers: {
      Redis: ['redis', 'bitnami/redis', 'redis/redis-stack', 'redis/redis-stack-server'],
      Valkey: ['valkey/valkey', 'bitnami/valkey'],
    },
    telltale: 6379,
    image: 'oliver006/redis_exporter:v1.88.0',
    port: 9121,
    serverPort: 6379,
    options: [
      { name: 'user', serverEnv: [] },
      { name: 'password', serverEnv: ['REDIS_PASSWORD', 'VALKEY_PASSWORD'] },
    ],
    settings: (server, { user, password }) => {
      const address = formatAddress(server);
      const login = user === undefined ? '' : `${encodeURIComponent(user)}@`;
      return {
        env: {
          REDIS_ADDR: `redis://${address}`,
          REDIS_USER: user,
          REDIS_PASSWORD_FILE: password === undefined ? undefined : SECRET_PATH,
        },
        secret: password === undefined ? undefined : JSON.stringify({ [`redis://${login}${address}`]: password }),
      };
    },
    upMetric: 'redis_up',
  },

  /**
   * The password is in the environment, as it cannot be read from a file. Without `--collector.*` there is little more than whether the server is up.
   * Source: percona/mongodb_exporter README, REFERENCE.md and main.go at v0.53.0.
   * `serverEnv`: the documentation of Docker's official mongo image.
   */
  mongo: {
    servers: {
      MongoDB: ['mongo', 'bitnami/mongodb', 'mongodb/mongodb-community-server', 'percona/percona-server-mongodb'],
    },
    telltale: 27017,
    image: 'percona/mongodb_exporter:0.53.0',
    port: 9216,
    serverPort: 27017,
    options: [
      { name: 'user', serverEnv: ['MONGO_INITDB_ROOT_USERNAME', 'MONGODB_ROOT_USER'] },
      { name: 'password', serverEnv: ['MONGO_INITDB_ROOT_PASSWORD', 'MONGODB_ROOT_PASSWORD'] },
    ],
    settings: (server, { user, password }) => ({
      env: { MONGODB_URI: `mongodb://${formatAddress(server)}`, MONGODB_USER: user, MONGODB_PASSWORD: password },
      args: ['diagnosticdata', 'replicasetstatus', 'dbstats', 'topmetrics'].map((name) => `--collector.${name}`),
    }),
    upMetric: 'mongodb_up',
    needs: 'the user needs the roles clusterMonitor on admin and read on local',
  },

  /** Source: nginx/nginx-prometheus-exporter README at v1.5.3. */
  nginx: {
    servers: { nginx: ['nginx', 'nginxinc/nginx-unprivileged', 'bitnami/nginx', 'openresty/openresty'] },
    image: 'nginx/nginx-prometheus-exporter:1.5.3',
    port: 9113,
    serverPort: 80,
    options: [{ name: 'path', serverEnv: [] }],
    settings: (server, { path = '/stub_status' }) => ({
      args: [`--nginx.scrape-uri=http://${formatAddress(server)}${path.startsWith('/') ? path : `/${path}`}`],
    }),
    upMetric: 'nginx_up',
    needs: 'nginx has to serve its status page: location = /stub_status { stub_status; }',
  },

  /**
   * The broker tells clients to come back to its advertised address, so that one has to resolve for the exporter too.
   * Source: danielqsj/kafka_exporter README at v1.9.0.
   */
  kafka: {
    servers: {
      Kafka: [
        'apache/kafka',
        'apache/kafka-native',
        'bitnami/kafka',
        'confluentinc/cp-kafka',
        'confluentinc/cp-server',
      ],
    },
    telltale: 9092,
    image: 'danielqsj/kafka-exporter:v1.9.0',
    port: 9308,
    serverPort: 9092,
    options: [],
    settings: (server) => ({ args: [`--kafka.server=${formatAddress(server)}`] }),
    needs: "the broker's advertised listener has to be an address that other containers reach",
  },

  /** Source: prometheus/memcached_exporter README at v0.16.0. */
  memcached: {
    servers: { memcached: ['memcached', 'bitnami/memcached'] },
    telltale: 11211,
    image: 'prom/memcached-exporter:v0.16.0',
    port: 9150,
    serverPort: 11211,
    options: [],
    settings: (server) => ({ args: [`--memcached.address=${formatAddress(server)}`] }),
    upMetric: 'memcached_up',
  },

  /** For OpenSearch too. The password is in the environment, as it cannot be read from a file. Source: prometheus-community/elasticsearch_exporter README at v1.11.0. */
  elasticsearch: {
    servers: {
      Elasticsearch: ['elasticsearch', 'elasticsearch/elasticsearch', 'bitnami/elasticsearch'],
      OpenSearch: ['opensearchproject/opensearch'],
    },
    telltale: 9300,
    image: 'prometheuscommunity/elasticsearch-exporter:v1.11.0',
    port: 9114,
    serverPort: 9200,
    options: [
      { name: 'user', serverEnv: [] },
      { name: 'password', serverEnv: ['ELASTIC_PASSWORD'] },
    ],
    settings: (server, { user, password }) => ({
      env: { ES_USERNAME: user ?? (password === undefined ? undefined : 'elastic'), ES_PASSWORD: password },
      args: [`--es.uri=http://${formatAddress(server)}`],
    }),
    upMetric: 'elasticsearch_clusterinfo_up',
  },

  /**
   * On the stack's network, not on the host's: there it would listen on every address of the machine. What it would then tell
   * about the network is the container's own, so those collectors are off. Not mounted `rslave`, as the README has it:
   * Docker Desktop refuses that, and only file systems mounted later are missed for it.
   * Source: prometheus/node_exporter README at v1.12.1, "Docker" and "Enabled by default".
   */
  node: {
    image: 'prom/node-exporter:v1.12.1',
    port: 9100,
    options: [],
    binds: ['/:/host:ro'],
    pidMode: 'host',
    settings: () => ({
      args: ['--path.rootfs=/host', ...NETWORK_COLLECTORS.map((name) => `--no-collector.${name}`)],
    }),
  },

  /**
   * Without `--privileged`, which only its out-of-memory events and perf counters need.
   * The newest that the default registry has, for engines with cgroup v1; newer ones are in a registry of the project's
   * own and take `--image`. Source: google/cadvisor docs/running.md and deploy/Dockerfile at v0.60.5.
   */
  cadvisor: {
    image: 'google/cadvisor:v0.33.0',
    port: 8080,
    options: [],
    binds: ['/:/rootfs:ro', '/var/run:/var/run:ro', '/sys:/sys:ro', '/var/lib/docker/:/var/lib/docker:ro'],
    settings: () => ({}),
  },
} satisfies Record<string, Exporter>;

export type ExporterName = keyof typeof TABLE;

export const EXPORTERS: Readonly<Record<ExporterName, Exporter>> = TABLE;

export const isExporterName = (name: string): name is ExporterName => Object.hasOwn(EXPORTERS, name);

export const EXPORTER_NAMES: readonly ExporterName[] = Object.keys(EXPORTERS).filter(isExporterName);

/** The options that an exporter cannot do without and that are not given. */
export const missingOptions = (exporter: Exporter, values: OptionValues): ExporterOption[] =>
  exporter.options.filter((o) => o.required && values[o.name] === undefined);

export const takesPassword = ({ options }: Exporter): boolean => options.some((o) => o.name === 'password');
