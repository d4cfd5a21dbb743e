import { isRecord } from '../json.ts';
import { readAddress } from './address.ts';
import { DEFAULT_METRICS_PATH, DEFAULT_NAME, DEFAULT_SCHEME, defaultsFor } from './defaults.ts';
import { EXPORTER_NAMES, EXPORTERS, type ExporterName, takesPassword } from './exporter-table.ts';
import type { ServerConfig } from './model.ts';
import {
  choice,
  either,
  flag,
  type JsonSchema,
  list,
  mapping,
  mismatch,
  type Of,
  orNothing,
  record,
  scalar,
  text,
} from './shape.ts';
import * as rules from './values.ts';

/**
 * What may be written in monitor.yml: the shape of the file and the rules of its single values.
 * The JSON Schema for editors comes from this (scripts/json-schema.ts), so every key has its description and default.
 */

const defaults = defaultsFor(DEFAULT_NAME);

const port = (json: JsonSchema) =>
  scalar<number>(
    (value) => {
      if (typeof value === 'number') return rules.portProblem(value);
      const isQuoted = typeof value === 'string' && /^\d{1,5}$/.test(value);
      return isQuoted ? `must be a number, without quotes: ${value}` : mismatch('a port from 1 to 65535', value);
    },
    { type: 'integer', minimum: 1, maximum: 65_535, ...json },
  );

const interval = (json: JsonSchema) => text('a duration with its unit, such as `15s`', rules.intervalRule, json);
const image = (json: JsonSchema) => text('an image reference', rules.imageRule, json);
const jobName = (json: JsonSchema) => text('a name', rules.jobNameRule, json);
const metricsPath = (json: JsonSchema) => text('a path', rules.metricsPathRule, json);

const service = (name: string, { image: pinned, container, volume, port: usual }: ServerConfig) => ({
  image: image({ description: `Image of the ${name} container.`, default: pinned }),
  container: text('a name', rules.containerRule, { description: 'Name of the container.', default: container }),
  volume: text('a name', rules.volumeRule, { description: 'Volume with the data.', default: volume }),
  port: port({ description: 'Port on the host, at `bind`.', default: usual }),
});

const retention = mapping(
  {
    time: text('a duration with its unit, such as `15d`', rules.retentionTimeRule, {
      description: 'Data older than this is removed.',
      default: defaults.prometheus.retention.time,
    }),
    size: text('a size such as `512MB`', rules.sizeRule, {
      description: 'The oldest data is removed when there is more than this. Default: no limit.',
      examples: ['512MB', '10GB'],
    }),
  },
  { description: 'How long Prometheus keeps what it has scraped.' },
);

const prometheus = mapping(
  { ...service('Prometheus', defaults.prometheus), retention: orNothing(retention) },
  { description: 'The Prometheus container.' },
);

const grafana = mapping(
  {
    ...service('Grafana', defaults.grafana),
    admin_user: text('a user name', rules.userNameRule, {
      description: "Name of Grafana's administrator; `monitor password` prints the password.",
      default: defaults.grafana.admin_user,
    }),
  },
  { description: 'The Grafana container.' },
);

const detect = mapping(
  {
    enabled: flag({
      description: 'Scrape the running containers that serve metrics, in addition to `targets`.',
      default: defaults.detect.enabled,
    }),
  },
  { description: 'Finding targets among the running containers.' },
);

const addressRule: rules.Rule = (written) => {
  const reading = readAddress(written);
  if ('address' in reading) return undefined;
  const instead = reading.instead === undefined ? '' : ` (write ${reading.instead.address})`;
  return `must be HOST:PORT, such as \`events:9100\`: ${reading.problem}${instead}`;
};

const address = text('HOST:PORT, such as `events:9100`', addressRule, {
  description: 'HOST:PORT of the metrics endpoint, such as `events:9100`; an IPv6 address in brackets.',
  examples: ['events:9100', 'localhost:3001'],
});

const labelValue = scalar<string | number | boolean>(
  (value) => (['string', 'number', 'boolean'].includes(typeof value) ? undefined : mismatch('text', value)),
  { type: ['string', 'number', 'boolean'] },
);

export const longTarget = mapping(
  {
    address,
    job_name: jobName({ description: "Value of the label `job`. Default: the address's host." }),
    metrics_path: metricsPath({ description: 'Path of the metrics.', default: DEFAULT_METRICS_PATH }),
    scheme: choice(['http', 'https'] as const, { description: 'http or https.', default: DEFAULT_SCHEME }),
    scrape_interval: interval({
      description: 'How often this target is scraped. Default: `scrape_interval` of the stack.',
    }),
    labels: orNothing(
      record(rules.labelNameRule, labelValue, {
        description: 'Labels that every series of this target gets.',
      }),
    ),
  },
  { description: 'A target with options of its own.' },
  { required: ['address'], hint: 'a target is HOST:PORT, without a space after the colon' },
);

const target = either(longTarget, address, isRecord);

/** Options that an exporter needs, and those that it does not have. */
const exporterRule = (entry: { name: ExporterName; for?: string }): [string, string][] => {
  const exporter = EXPORTERS[entry.name];
  const isOfServer = exporter.serverPort !== undefined;
  const known = new Set<string>([
    ...exporter.options.map((o) => o.name),
    ...(isOfServer ? ['for', 'port'] : []),
    ...(takesPassword(exporter) ? ['from_env'] : []),
  ]);
  const options = ['for', 'port', 'user', 'database', 'path', 'from_env'];
  const problems = options
    .filter((key) => key in entry && !known.has(key))
    .map((key): [string, string] => [key, `is not an option of the exporter ${entry.name}`]);
  if (isOfServer && entry.for === undefined)
    problems.unshift(['name', `${entry.name} needs \`for\`: the container of its server`]);
  return problems;
};

export const exporterEntry = mapping(
  {
    name: choice(EXPORTER_NAMES, { description: 'Which exporter.' }),
    for: text('a name', rules.containerRule, { description: 'Name of the container of its server.' }),
    port: port({ description: 'Port of the server. Default: the usual one of such a server.' }),
    user: text('a user name', rules.jobNameRule, { description: 'User that it signs in to the server as.' }),
    database: text('a name', rules.jobNameRule, { description: 'Database that it signs in to.' }),
    path: metricsPath({ description: 'Path of the status page of the server.' }),
    from_env: either(
      text('a variable', rules.variableRule, {
        description: 'A variable in the environment of `monitor` that holds the password.',
      }),
      flag({ description: 'true: the credentials are in the environment of the server’s container.' }),
      (value) => typeof value === 'string',
      { description: 'Where the credentials come from, instead of `monitor add-exporter --password-stdin`.' },
    ),
    image: image({ description: 'Image of the container. Default: a pinned one of the project.' }),
    container: text('a name', rules.containerRule, { description: 'Name of the container.' }),
    job_name: jobName({ description: 'Value of the label `job`. Default: the name of the exporter.' }),
  },
  { description: 'A container with the metrics of a server that has none of its own, or of this machine.' },
  { required: ['name'], rule: exporterRule },
);

const scrapeConfig = mapping(
  { job_name: jobName({ description: 'Value of the label `job`.' }) },
  { description: "An entry of Prometheus's own `scrape_configs`." },
  { required: ['job_name'], others: /^/ },
);

/** An id or a revision. */
const count = (what: string, json: JsonSchema) =>
  scalar<number>(
    (value) =>
      Number.isSafeInteger(value) && Number(value) > 0 ? undefined : mismatch(`${what}, a number from 1`, value),
    { type: 'integer', minimum: 1, ...json },
  );

const dashboard = either(
  mapping(
    {
      grafana_com: count('the id of a dashboard', {
        description: 'Id of a dashboard of grafana.com.',
        examples: [1860],
      }),
      revision: count('a revision', { description: 'Revision of that dashboard. Default: the newest one.' }),
    },
    { description: 'A dashboard of grafana.com.' },
    { required: ['grafana_com'] },
  ),
  text('a path or `{grafana_com: ID}`', rules.dashboardPathRule, {
    description: 'A dashboard’s JSON file, or a folder of them; relative to this file.',
    examples: ['./dashboards', './shop.json'],
  }),
  isRecord,
);

export const writtenConfig = mapping(
  {
    version: scalar<1>(
      (value) => {
        if (value === 1) return undefined;
        const isNewer = typeof value === 'number' && value > 1;
        return isNewer ? `is ${value}, but this monitor reads version 1` : mismatch('the number 1', value);
      },
      { const: 1, description: 'Version of this format.', default: 1 },
    ),
    name: text('a name', rules.stackNameRule, {
      description: 'Name of the stack. Another name than the default one prefixes the default names below.',
      default: defaults.name,
    }),
    scrape_interval: interval({ description: 'How often targets are scraped.', default: defaults.scrape_interval }),
    bind: text('an IP address', rules.bindRule, {
      description: 'Address of the host on which the ports are published; 0.0.0.0 opens them to the network.',
      default: defaults.bind,
    }),
    network: text('a name', rules.networkRule, { description: 'Network of the stack.', default: defaults.network }),
    prometheus: orNothing(prometheus),
    grafana: orNothing(grafana),
    detect: orNothing(detect),
    targets: orNothing(list(target, { description: 'Endpoints that Prometheus scrapes.', default: [] })),
    exporters: orNothing(
      list(exporterEntry, {
        description: 'Exporters that run in the stack; `monitor add-exporter`.',
        default: [],
      }),
    ),
    scrape_configs: orNothing(
      list(scrapeConfig, { description: "Prometheus's own `scrape_configs`, passed through unchanged.", default: [] }),
    ),
    dashboards: orNothing(list(dashboard, { description: 'Dashboards that are added to Grafana.', default: [] })),
  },
  { title: 'monitor.yml', description: 'A local Prometheus and Grafana stack, run by `monitor`.' },
  // For anchors, as in Compose files.
  { others: /^x-/ },
);

/** monitor.yml as written: what is absent is left to the defaults. */
export type WrittenConfig = Of<typeof writtenConfig>;
export type WrittenTarget = Of<typeof target>;
export type WrittenExporter = Of<typeof exporterEntry>;
export type LongTarget = Of<typeof longTarget>;
