import { PASSWD } from './busybox-image.ts';
import type { ImageConfig } from './image.ts';
import { directory, type Entry, link, text } from './tar.ts';

export interface ServiceRecipe {
  /** The Debian packages to start from. */
  packages: string[];
  /** The package whose version is the image's tag. */
  versionOf: RegExp;
  /** Files besides those of the packages; `version` is upstream's. */
  files(version: string): Entry[];
  config(version: string): ImageConfig;
}

/** The user that a database's files belong to, with the number the official Debian-based images give it. */
const SERVICE_UID = 999;
const OWNED = { uid: SERVICE_UID, gid: SERVICE_UID };
const user = (name: string) =>
  text('/etc/passwd', `${PASSWD}${name}:x:${SERVICE_UID}:${SERVICE_UID}:${name}:/home:/bin/sh\n`);
const group = (name: string) => text('/etc/group', `root:x:0:\nnogroup:x:65534:\n${name}:x:${SERVICE_UID}:\n`);
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** A Go program of Debian at the path and with the user, port and command of the upstream image. */
function exporter(debian: string, path: string, port: number | undefined, config: ImageConfig = {}): ServiceRecipe {
  return {
    packages: [debian],
    versionOf: new RegExp(`^${debian}$`),
    files: () => (path === `/usr/bin/${debian}` ? [] : [link(path, `/usr/bin/${debian}`)]),
    config: () => ({ user: 'nobody', ...(port ? { expose: [port] } : {}), entrypoint: [path], ...config }),
  };
}

const redis: ServiceRecipe = {
  packages: ['redis-server'],
  versionOf: /^redis-server$/,
  files: () => [user('redis'), group('redis'), directory('/data', OWNED)],
  config: () => ({
    user: 'redis',
    workdir: '/data',
    expose: [6379],
    volumes: ['/data'],
    cmd: ['redis-server', '--bind', '0.0.0.0', '--protected-mode', 'no'],
  }),
};

/** POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB and POSTGRES_HOST_AUTH_METHOD mean what they mean to the official image. */
const postgres: ServiceRecipe = {
  packages: ['postgresql'],
  versionOf: /^postgresql-\d+$/,
  files: () => [
    user('postgres'),
    group('postgres'),
    directory('/var/lib/postgresql', OWNED),
    directory('/var/lib/postgresql/data', { ...OWNED, mode: 0o700 }),
    directory('/var/run', { mode: 0o755 }),
    directory('/var/run/postgresql', { ...OWNED, mode: 0o777 }),
    text('/usr/local/bin/docker-entrypoint.sh', POSTGRES_START, { mode: 0o755 }),
  ],
  config: (version) => ({
    user: 'postgres',
    env: { PATH: `/usr/lib/postgresql/${version.split('.')[0]}/bin:${PATH}`, PGDATA: '/var/lib/postgresql/data' },
    expose: [5432],
    volumes: ['/var/lib/postgresql/data'],
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['postgres', '-c', 'listen_addresses=*', '-c', 'unix_socket_directories=/var/run/postgresql'],
  }),
};

const POSTGRES_START = `#!/bin/sh -e
user=\${POSTGRES_USER:-postgres}
database=\${POSTGRES_DB:-$user}
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  if [ -z "$POSTGRES_PASSWORD" ] && [ "$POSTGRES_HOST_AUTH_METHOD" != trust ]; then
    echo >&2 "Error: Database is uninitialized and superuser password is not specified."
    exit 1
  fi
  printf '%s\\n' "\${POSTGRES_PASSWORD:-unused}" > /tmp/password
  initdb --username="$user" --pwfile=/tmp/password --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 --no-sync
  rm /tmp/password
  echo "host all all all \${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >> "$PGDATA/pg_hba.conf"
  [ "$database" = postgres ] || echo "CREATE DATABASE \\"$database\\"" | postgres --single -j -D "$PGDATA" postgres
fi
exec "$@"
`;

/** MARIADB_* and MYSQL_* variables for the root password, a database, a user and its password, as in the official image. */
const mariadb: ServiceRecipe = {
  packages: ['mariadb-server-core', 'mariadb-client-core'],
  versionOf: /^mariadb-server-core$/,
  files: () => [
    user('mysql'),
    group('mysql'),
    directory('/var/lib/mysql', { ...OWNED, mode: 0o777 }),
    directory('/run/mysqld', { ...OWNED, mode: 0o777 }),
    directory('/etc/mysql'),
    text('/etc/mysql/my.cnf', MARIADB_CONF),
    text('/usr/local/bin/docker-entrypoint.sh', MARIADB_START, { mode: 0o755 }),
  ],
  config: () => ({
    user: 'mysql',
    expose: [3306],
    volumes: ['/var/lib/mysql'],
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['mariadbd'],
  }),
};

const MARIADB_CONF = `[client-server]
socket = /run/mysqld/mysqld.sock
[mariadbd]
datadir = /var/lib/mysql
bind-address = 0.0.0.0
`;

/** mariadbd reads its init file line by line, so a statement is one line. */
const MARIADB_START = `#!/bin/sh -e
root=\${MARIADB_ROOT_PASSWORD-\${MYSQL_ROOT_PASSWORD-}}
database=\${MARIADB_DATABASE-\${MYSQL_DATABASE-}}
user=\${MARIADB_USER-\${MYSQL_USER-}}
password=\${MARIADB_PASSWORD-\${MYSQL_PASSWORD-}}
if [ ! -d /var/lib/mysql/mysql ]; then
  empty=\${MARIADB_ALLOW_EMPTY_ROOT_PASSWORD-\${MYSQL_ALLOW_EMPTY_PASSWORD-}}
  if [ -z "$root" ] && [ -z "$empty" ]; then
    echo >&2 "Database is uninitialized and password option is not specified"
    exit 1
  fi
  mariadb-install-db --datadir=/var/lib/mysql --auth-root-authentication-method=normal --skip-test-db >/dev/null
  {
    echo "CREATE OR REPLACE USER root@'%' IDENTIFIED BY '$root';"
    echo "GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;"
    echo "ALTER USER root@localhost IDENTIFIED BY '$root';"
    [ -z "$database" ] || echo "CREATE DATABASE IF NOT EXISTS \\\`$database\\\`;"
    [ -z "$user" ] || echo "CREATE USER '$user'@'%' IDENTIFIED BY '$password';"
    [ -z "$user" ] || [ -z "$database" ] || echo "GRANT ALL ON \\\`$database\\\`.* TO '$user'@'%';"
  } > /tmp/init.sql
  set -- "$@" --init-file=/tmp/init.sql
fi
exec "$@"
`;

const nginx: ServiceRecipe = {
  packages: ['nginx'],
  versionOf: /^nginx$/,
  files: () => [
    text('/etc/passwd', `${PASSWD}nginx:x:101:101:nginx:/nonexistent:/bin/false\n`),
    text('/etc/group', 'root:x:0:\nnginx:x:101:\n'),
    text('/etc/nginx/nginx.conf', NGINX_CONF),
    text('/etc/nginx/conf.d/default.conf', NGINX_DEFAULT),
    text('/usr/share/nginx/html/index.html', '<h1>Welcome to nginx!</h1>\n'),
    ...['/var/log', '/var/log/nginx', '/var/lib', '/var/lib/nginx', '/run'].map((path) => directory(path)),
    link('/var/log/nginx/access.log', '/dev/stdout'),
    link('/var/log/nginx/error.log', '/dev/stderr'),
  ],
  config: () => ({ expose: [80], cmd: ['nginx', '-g', 'daemon off;'] }),
};

const NGINX_CONF = `user nginx;
worker_processes 1;
error_log /var/log/nginx/error.log notice;
pid /run/nginx.pid;
events { worker_connections 1024; }
http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  access_log /var/log/nginx/access.log;
  include /etc/nginx/conf.d/*.conf;
}
`;

/** The official page, and the status page that an exporter reads, which the official configuration leaves to the user. */
const NGINX_DEFAULT = `server {
  listen 80;
  server_name localhost;
  location / { root /usr/share/nginx/html; index index.html; }
  location = /stub_status { stub_status; }
}
`;

/** nginx-prometheus-exporter listens on 9113 and, like upstream's image, does not say so with EXPOSE. */
export const SERVICE_RECIPES = {
  redis,
  postgres,
  mariadb,
  nginx,
  'node-exporter': exporter('prometheus-node-exporter', '/bin/node_exporter', 9100),
  pushgateway: exporter('prometheus-pushgateway', '/bin/pushgateway', 9091),
  'blackbox-exporter': exporter('prometheus-blackbox-exporter', '/bin/blackbox_exporter', 9115, {
    cmd: ['--config.file=/etc/prometheus/blackbox.yml'],
  }),
  'postgres-exporter': exporter('prometheus-postgres-exporter', '/bin/postgres_exporter', 9187),
  'redis-exporter': exporter('prometheus-redis-exporter', '/redis_exporter', 9121, { user: '59000:59000' }),
  'mysqld-exporter': exporter('prometheus-mysqld-exporter', '/bin/mysqld_exporter', 9104),
  'nginx-exporter': exporter('prometheus-nginx-exporter', '/usr/bin/nginx-prometheus-exporter', undefined, {
    user: '1001:1001',
  }),
} satisfies Record<string, ServiceRecipe>;

export type ServiceKind = keyof typeof SERVICE_RECIPES;
