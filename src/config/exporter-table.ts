import { formatAddress } from './address.ts';

/** What an exporter can be told besides where its server is: credentials for the most part. */
export interface ExporterOption {
  /** As `monitor add-exporter` names it. */
  name: 'user' | 'password' | 'database' | 'path';
  /** Without it the exporter cannot start or has nothing to say. */
  required: boolean;
  /** Never shown, and never among a container's arguments. */
  secret: boolean;
  /** Taken where it is not required and not given. */
  default?: string;
  /** Where the server's own image commonly keeps it: variables of its environment, the first one set counts. */
  serverEnv: readonly string[];
}

/** The server that an exporter asks, as the exporter's container dials it. */
export interface ServerAddress {
  host: string;
  port: number;
}

/** What an exporter's container is started with. */
export interface ExporterSettings {
  env: Record<string, string>;
  args: string[];
  /** Files with a secret in them. */
  files?: { path: string; content: string }[];
}

export interface Exporter {
  /** As `monitor add-exporter` names it. */
  name: string;
  /** What it tells about: `PostgreSQL`, `this machine`. */
  about: string;
  /** Pinned: the newest tag of the project's repository as of August 2026. */
  image: string;
  port: number;
  metrics_path: string;
  /** The port that its server commonly listens on; absent for an exporter of the machine, which has no server. */
  serverPort?: number;
  options: readonly ExporterOption[];
  /** Host paths it looks at, as `docker run --volume` writes them. */
  binds?: readonly string[];
  pidMode?: 'host';
  settings(server: ServerAddress, options: OptionValues): ExporterSettings;
  /** Its metric that is 1 while it reads its server, and 0 while it cannot. */
  upMetric?: string;
  /** The administrator that the server's image may have instead of a user, and where it commonly keeps the password. */
  admin?: { user: string; password: readonly string[] };
  /** What the server's side has to be given first, for a person. */
  needs?: string;
}

export type OptionValues = Partial<Record<ExporterOption['name'], string>>;

const option = (name: ExporterOption['name'], rest: Omit<ExporterOption, 'name' | 'secret'>): ExporterOption => ({
  name,
  secret: name === 'password',
  ...rest,
});

/** The variables whose value is known. */
const given = (env: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));

/** Where an exporter's container has its secret. */
const SECRET_PATH = '/run/secrets/exporter_password';

/**
 * The password is a file; one with a space in it is a variable of libpq instead, since the exporter refuses it
 * ("malformed dsn", seen of 0.19.1).
 * Source: prometheus-community/postgres_exporter README at v0.20.1, "Environment Variables" and "Running as non-superuser".
 * `serverEnv`: the documentation of Docker's official postgres image.
 */
const postgres: Exporter = {
  name: 'postgres',
  about: 'PostgreSQL',
  image: 'prometheuscommunity/postgres-exporter:v0.20.1',
  port: 9187,
  metrics_path: '/metrics',
  serverPort: 5432,
  options: [
    option('user', { required: false, default: 'postgres', serverEnv: ['POSTGRES_USER', 'POSTGRESQL_USERNAME'] }),
    option('password', { required: true, serverEnv: ['POSTGRES_PASSWORD', 'POSTGRESQL_PASSWORD'] }),
    option('database', { required: false, default: 'postgres', serverEnv: ['POSTGRES_DB', 'POSTGRESQL_DATABASE'] }),
  ],
  settings: (server, { user, password = '', database = 'postgres' }) => {
    const isInFile = !/\s/.test(password);
    return {
      env: {
        DATA_SOURCE_URI: `${formatAddress(server)}/${encodeURIComponent(database)}?sslmode=disable`,
        DATA_SOURCE_USER: user ?? 'postgres',
        ...(isInFile ? { DATA_SOURCE_PASS_FILE: SECRET_PATH } : { PGPASSWORD: password }),
      },
      args: [],
      ...(isInFile ? { files: [{ path: SECRET_PATH, content: password }] } : {}),
    };
  },
  upMetric: 'pg_up',
  needs: 'a separate user needs the role pg_monitor',
};

/**
 * The password is in the environment: in a my.cnf the exporter would expand each `$` and `%` of it.
 * From 0.15 on there is no DATA_SOURCE_NAME. Source: prometheus/mysqld_exporter README and config/config.go at v0.20.0.
 * `serverEnv`: the documentation of Docker's official mysql and mariadb images.
 */
const mysql: Exporter = {
  name: 'mysql',
  about: 'MySQL or MariaDB',
  image: 'prom/mysqld-exporter:v0.20.0',
  port: 9104,
  metrics_path: '/metrics',
  serverPort: 3306,
  options: [
    option('user', { required: true, serverEnv: ['MYSQL_USER', 'MARIADB_USER'] }),
    option('password', { required: true, serverEnv: ['MYSQL_PASSWORD', 'MARIADB_PASSWORD'] }),
  ],
  settings: (server, { user, password }) => ({
    env: given({ MYSQLD_EXPORTER_PASSWORD: password }),
    args: [`--mysqld.address=${formatAddress(server)}`, ...(user === undefined ? [] : [`--mysqld.username=${user}`])],
  }),
  upMetric: 'mysql_up',
  admin: { user: 'root', password: ['MYSQL_ROOT_PASSWORD', 'MARIADB_ROOT_PASSWORD'] },
  needs: 'the user needs the privileges PROCESS, REPLICATION CLIENT, SELECT ON *.*',
};

/**
 * For Valkey too. The password is a file: JSON, by the server's URI, with the user in it where there is one.
 * Source: oliver006/redis_exporter README and exporter/redis.go at v1.88.0. `serverEnv`: the documentation of bitnami's images.
 */
const redis: Exporter = {
  name: 'redis',
  about: 'Redis or Valkey',
  image: 'oliver006/redis_exporter:v1.88.0',
  port: 9121,
  metrics_path: '/metrics',
  serverPort: 6379,
  options: [
    option('user', { required: false, serverEnv: [] }),
    option('password', { required: false, serverEnv: ['REDIS_PASSWORD', 'VALKEY_PASSWORD'] }),
  ],
  settings: (server, { user, password }) => ({
    env: given({
      REDIS_ADDR: `redis://${formatAddress(server)}`,
      REDIS_USER: user,
      REDIS_PASSWORD_FILE: password === undefined ? undefined : SECRET_PATH,
    }),
    args: [],
    ...(password === undefined
      ? {}
      : { files: [{ path: SECRET_PATH, content: redisPasswords(server, user, password) }] }),
  }),
  upMetric: 'redis_up',
};

const redisPasswords = (server: ServerAddress, user: string | undefined, password: string): string =>
  JSON.stringify({
    [`redis://${user === undefined ? '' : `${encodeURIComponent(user)}@`}${formatAddress(server)}`]: password,
  });

/**
 * The password is in the environment: it knows no file. Without `--collector.*` it tells little more than whether the server is up.
 * Source: percona/mongodb_exporter README, REFERENCE.md and main.go at v0.53.0.
 * `serverEnv`: the documentation of Docker's official mongo image.
 */
const mongo: Exporter = {
  name: 'mongo',
  about: 'MongoDB',
  image: 'percona/mongodb_exporter:0.53.0',
  port: 9216,
  metrics_path: '/metrics',
  serverPort: 27017,
  options: [
    option('user', { required: false, serverEnv: ['MONGO_INITDB_ROOT_USERNAME', 'MONGODB_ROOT_USER'] }),
    option('password', { required: false, serverEnv: ['MONGO_INITDB_ROOT_PASSWORD', 'MONGODB_ROOT_PASSWORD'] }),
  ],
  settings: (server, { user, password }) => ({
    env: given({ MONGODB_URI: `mongodb://${formatAddress(server)}`, MONGODB_USER: user, MONGODB_PASSWORD: password }),
    args: [
      '--collector.diagnosticdata',
      '--collector.replicasetstatus',
      '--collector.dbstats',
      '--collector.topmetrics',
    ],
  }),
  upMetric: 'mongodb_up',
  needs: 'the user needs the roles clusterMonitor on admin and read on local',
};

/** Source: nginx/nginx-prometheus-exporter README at v1.5.3. */
const nginx: Exporter = {
  name: 'nginx',
  about: 'nginx',
  image: 'nginx/nginx-prometheus-exporter:1.5.3',
  port: 9113,
  metrics_path: '/metrics',
  serverPort: 80,
  options: [option('path', { required: false, default: '/stub_status', serverEnv: [] })],
  settings: (server, { path = '/stub_status' }) => ({
    env: {},
    args: [`--nginx.scrape-uri=http://${formatAddress(server)}${path.startsWith('/') ? path : `/${path}`}`],
  }),
  upMetric: 'nginx_up',
  needs: 'nginx has to serve its status page: location = /stub_status { stub_status; }',
};

/**
 * The broker tells clients to come back to its advertised address, so that one has to resolve for the exporter too.
 * Source: danielqsj/kafka_exporter README at v1.9.0.
 */
const kafka: Exporter = {
  name: 'kafka',
  about: 'Kafka',
  image: 'danielqsj/kafka-exporter:v1.9.0',
  port: 9308,
  metrics_path: '/metrics',
  serverPort: 9092,
  options: [],
  settings: (server) => ({ env: {}, args: [`--kafka.server=${formatAddress(server)}`] }),
  needs: "the broker's advertised listener has to be an address that other containers reach",
};

/** Source: prometheus/memcached_exporter README at v0.16.0. */
const memcached: Exporter = {
  name: 'memcached',
  about: 'memcached',
  image: 'prom/memcached-exporter:v0.16.0',
  port: 9150,
  metrics_path: '/metrics',
  serverPort: 11211,
  options: [],
  settings: (server) => ({ env: {}, args: [`--memcached.address=${formatAddress(server)}`] }),
  upMetric: 'memcached_up',
};

/** For OpenSearch too. The password is in the environment: it knows no file. Source: prometheus-community/elasticsearch_exporter README at v1.11.0. */
const elasticsearch: Exporter = {
  name: 'elasticsearch',
  about: 'Elasticsearch or OpenSearch',
  image: 'prometheuscommunity/elasticsearch-exporter:v1.11.0',
  port: 9114,
  metrics_path: '/metrics',
  serverPort: 9200,
  options: [
    option('user', { required: false, serverEnv: [] }),
    option('password', { required: false, serverEnv: ['ELASTIC_PASSWORD'] }),
  ],
  settings: (server, { user, password }) => ({
    env: given({ ES_USERNAME: user ?? (password === undefined ? undefined : 'elastic'), ES_PASSWORD: password }),
    args: [`--es.uri=http://${formatAddress(server)}`],
  }),
  upMetric: 'elasticsearch_clusterinfo_up',
};

const NETWORK_COLLECTORS = ['arp', 'conntrack', 'netclass', 'netdev', 'netstat', 'sockstat', 'udp_queues'];

/**
 * On the stack's network, not on the host's: there it would listen on every address of the machine. What it would then tell
 * about the network is the container's own, so those collectors are off. Not mounted `rslave`, as the README has it:
 * Docker Desktop refuses that, and only file systems mounted later are missed for it.
 * Source: prometheus/node_exporter README at v1.12.1, "Docker" and "Enabled by default".
 */
const node: Exporter = {
  name: 'node',
  about: 'this machine',
  image: 'prom/node-exporter:v1.12.1',
  port: 9100,
  metrics_path: '/metrics',
  options: [],
  binds: ['/:/host:ro'],
  pidMode: 'host',
  settings: () => ({ env: {}, args: ['--path.rootfs=/host', ...NETWORK_COLLECTORS.map((c) => `--no-collector.${c}`)] }),
};

/**
 * Without `--privileged`, which only its out-of-memory events and perf counters need.
 * The newest that the default registry has, for engines with cgroup v1; newer ones are in a registry of the project's
 * own and take `--image`. Source: google/cadvisor docs/running.md and deploy/Dockerfile at v0.60.5.
 */
const cadvisor: Exporter = {
  name: 'cadvisor',
  about: 'containers',
  image: 'google/cadvisor:v0.33.0',
  port: 8080,
  metrics_path: '/metrics',
  options: [],
  binds: ['/:/rootfs:ro', '/var/run:/var/run:ro', '/sys:/sys:ro', '/var/lib/docker/:/var/lib/docker:ro'],
  settings: () => ({ env: {}, args: [] }),
};

/** What `monitor add-exporter` can start, by name. */
export const EXPORTERS = {
  postgres,
  mysql,
  redis,
  mongo,
  nginx,
  kafka,
  memcached,
  elasticsearch,
  node,
  cadvisor,
} satisfies Record<string, Exporter>;

export type ExporterName = keyof typeof EXPORTERS;

export const EXPORTER_NAMES = [
  'postgres',
  'mysql',
  'redis',
  'mongo',
  'nginx',
  'kafka',
  'memcached',
  'elasticsearch',
  'node',
  'cadvisor',
] as const satisfies readonly ExporterName[];

/** The options that an exporter cannot do without and that are not given. */
export const missingOptions = (exporter: Exporter, values: OptionValues): ExporterOption[] =>
  exporter.options.filter((o) => o.required && values[o.name] === undefined);
