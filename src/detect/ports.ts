/**
 * TCP ports that are known to speak something else than HTTP, with the name of what they speak. They are never asked:
 * some servers count a malformed greeting as an attack and block the host that sent it (MySQL's `max_connect_errors`).
 *
 * Sources: the IANA Service Name and Port Number registry for the registered ones; for others the project's own
 * documentation of its default port. Ports that are also known for HTTP (8080, 9093, 9200, ...) are not in here.
 */
const OTHER_PROTOCOLS: Readonly<Record<string, readonly number[]>> = {
  FTP: [21],
  SSH: [22],
  Telnet: [23],
  // 1025: Mailpit and MailHog, the mail catchers of developers.
  SMTP: [25, 465, 587, 1025],
  DNS: [53],
  Kerberos: [88],
  POP3: [110, 995],
  RPC: [111, 135],
  SMB: [139, 445],
  IMAP: [143, 993],
  BGP: [179],
  LDAP: [389, 636],
  syslog: [514],
  rsync: [873],
  'IBM MQ': [1414],
  'SQL Server': [1433, 1434],
  'Oracle Database': [1521],
  MQTT: [1883, 8883],
  NFS: [2049],
  ZooKeeper: [2181, 2888, 3888],
  // Debuggers: the first connection may take the only session.
  'the Delve debugger': [2345],
  'the Java debugger': [5005],
  'the Python debugger': [5678],
  MySQL: [3306, 33060],
  ClamAV: [3310],
  RDP: [3389],
  NSQ: [4150],
  NATS: [4222, 6222],
  'OTLP over gRPC': [4317],
  'the Erlang port mapper': [4369],
  SIP: [5060],
  XMPP: [5222, 5269],
  PostgreSQL: [5432],
  'RabbitMQ streams': [5552],
  AMQP: [5671, 5672],
  VNC: [5900],
  Redis: [6379, 16379],
  PgBouncer: [6432],
  Pulsar: [6650],
  IRC: [6667],
  JMX: [7199],
  'Neo4j Bolt': [7687],
  Cassandra: [9042, 9160],
  Kafka: [9092],
  'Elasticsearch transport': [9300],
  Git: [9418],
  RocketMQ: [9876, 10911],
  memcached: [11211],
  Milvus: [19530],
  'Erlang distribution': [25672],
  'CockroachDB SQL': [26257],
  'Redis Sentinel': [26379],
  MongoDB: [27017, 27018, 27019],
  RethinkDB: [28015],
  Db2: [50000],
  gRPC: [50051],
  STOMP: [61613],
  ActiveMQ: [61616],
};

const BY_PORT: ReadonlyMap<number, string> = new Map(
  Object.entries(OTHER_PROTOCOLS).flatMap(([protocol, ports]) => ports.map((port) => [port, protocol])),
);

/** What a port speaks that is never asked for metrics (`PostgreSQL`); `undefined`: it may be asked. */
export const otherProtocol = (port: number): string | undefined => BY_PORT.get(port);
