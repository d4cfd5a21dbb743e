import * as z from 'zod/mini';
import { EXPORTER_NAMES, EXPORTERS, type Exporter } from '../detect/exporters.ts';
import { readAddress } from './address.ts';
import { DEFAULT_METRICS_PATH, DEFAULT_NAME, DEFAULT_SCHEME, defaultsFor } from './defaults.ts';
import { closest } from './suggest.ts';
import * as rules from './values.ts';
import { kindOf, quoted } from './words.ts';

/**
 * What may be written in monitor.yml: the shape of the file and the rules of its single values.
 * The JSON Schema for editors is generated from this (scripts/json-schema.ts), so every key has its description and default.
 */

const defaults = defaultsFor(DEFAULT_NAME);

interface Hints {
  description: string;
  default?: unknown;
  examples?: unknown[];
  pattern?: string;
}

const typeMismatch =
  (expected: string) =>
  ({ input }: { input?: unknown }) => {
    if (input === undefined) return `is missing: it must be ${expected}`;
    return input === null ? `has no value: it must be ${expected}` : `must be ${expected}, not ${kindOf(input)}`;
  };

/** A text that keeps to `rule`; `expected` says in words what another type should have been. */
const text = (expected: string, rule: rules.Rule, hints: Hints) =>
  z.string({ error: typeMismatch(expected) }).check(
    z.check((ctx) => {
      const problem = rule(ctx.value);
      if (problem !== undefined) ctx.issues.push({ code: 'custom', message: problem, input: ctx.value });
    }),
    z.meta({ ...hints }),
  );

const flag = (hints: Hints) => z.boolean({ error: typeMismatch('true or false') }).check(z.meta({ ...hints }));

const portMismatch = ({ input }: { input?: unknown }) =>
  typeof input === 'string' && /^\d{1,5}$/.test(input)
    ? `must be a number, without quotes: ${input}`
    : typeMismatch('a port from 1 to 65535')({ input });

const port = (hints: Hints) =>
  z.number({ error: portMismatch }).check(
    z.check((ctx) => {
      const problem = rules.portProblem(ctx.value);
      if (problem !== undefined) ctx.issues.push({ code: 'custom', message: problem, input: ctx.value });
    }),
    z.meta({ ...hints, type: 'integer', minimum: 1, maximum: 65_535 }),
  );

const interval = (hints: Hints) =>
  text('a duration with its unit, such as `15s`', rules.intervalRule, { pattern: rules.DURATION_PATTERN, ...hints });
const image = (hints: Hints) => text('an image reference', rules.imageRule, { pattern: rules.IMAGE_PATTERN, ...hints });
const dockerName = (rule: rules.Rule, hints: Hints) =>
  text('a name', rule, { pattern: rules.DOCKER_NAME_PATTERN, ...hints });
const jobName = (hints: Hints) => text('a name', rules.jobNameRule, { pattern: rules.JOB_NAME_PATTERN, ...hints });

const retention = z
  .strictObject({
    time: z.optional(
      text('a duration with its unit, such as `15d`', rules.retentionTimeRule, {
        description: 'Data older than this is removed.',
        default: defaults.prometheus.retention.time,
        pattern: rules.DURATION_PATTERN,
      }),
    ),
    size: z.optional(
      text('a size such as `512MB`', rules.sizeRule, {
        description: 'The oldest data is removed when there is more than this. Default: no limit.',
        pattern: rules.SIZE_PATTERN,
        examples: ['512MB', '10GB'],
      }),
    ),
  })
  .check(z.describe('How long Prometheus keeps what it has scraped.'));

const prometheus = z
  .strictObject({
    image: z.optional(image({ description: 'Image of the Prometheus container.', default: defaults.prometheus.image })),
    container: z.optional(
      dockerName(rules.containerRule, {
        description: 'Name of the container.',
        default: defaults.prometheus.container,
      }),
    ),
    volume: z.optional(
      dockerName(rules.volumeRule, { description: 'Volume with the data.', default: defaults.prometheus.volume }),
    ),
    port: z.optional(port({ description: 'Port on the host, at `bind`.', default: defaults.prometheus.port })),
    retention: z.nullish(retention),
  })
  .check(z.describe('The Prometheus container.'));

const grafana = z
  .strictObject({
    image: z.optional(image({ description: 'Image of the Grafana container.', default: defaults.grafana.image })),
    container: z.optional(
      dockerName(rules.containerRule, { description: 'Name of the container.', default: defaults.grafana.container }),
    ),
    volume: z.optional(
      dockerName(rules.volumeRule, { description: 'Volume with the data.', default: defaults.grafana.volume }),
    ),
    port: z.optional(port({ description: 'Port on the host, at `bind`.', default: defaults.grafana.port })),
    admin_user: z.optional(
      text('a user name', rules.userNameRule, {
        description: "Name of Grafana's administrator; `monitor password` prints the password.",
        default: defaults.grafana.admin_user,
      }),
    ),
  })
  .check(z.describe('The Grafana container.'));

const detect = z
  .strictObject({
    enabled: z.optional(
      flag({
        description: 'Scrape the containers that are found to serve metrics, beside `targets`.',
        default: defaults.detect.enabled,
      }),
    ),
  })
  .check(z.describe('Finding targets among the containers that run.'));

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

const labels = z
  .record(
    text('a label name', rules.labelNameRule, { description: 'A label name.', pattern: rules.LABEL_NAME_PATTERN }),
    z.union([z.string(), z.number(), z.boolean()], { error: typeMismatch('text') }),
  )
  .check(z.describe('Labels that every series of this target gets.'));

export const longTarget = z
  .strictObject({
    address,
    job_name: z.optional(jobName({ description: "Value of the label `job`. Default: the address's host." })),
    metrics_path: z.optional(
      text('a path', rules.metricsPathRule, {
        description: 'Path of the metrics.',
        default: DEFAULT_METRICS_PATH,
        pattern: rules.METRICS_PATH_PATTERN,
      }),
    ),
    scheme: z.optional(
      z
        .enum(['http', 'https'], { error: typeMismatch('http or https') })
        .check(z.meta({ description: 'http or https.', default: DEFAULT_SCHEME })),
    ),
    scrape_interval: z.optional(
      interval({ description: 'How often this target is scraped. Default: `scrape_interval` of the stack.' }),
    ),
    labels: z.nullish(labels),
  })
  .check(z.describe('A target with options of its own.'));

const target = z.union([address, longTarget]);

const unknownExporter = ({ input }: { input?: unknown }): string => {
  const known = `one of ${EXPORTER_NAMES.join(', ')}`;
  if (typeof input !== 'string') return typeMismatch(known)({ input });
  const near = closest(input, EXPORTER_NAMES);
  return `must be ${known}, not ${quoted(input)}${near === undefined ? '' : `: did you mean ${near}?`}`;
};

/** The options that some exporters do not know, and the ones that they need. */
const exporterProblems = (entry: { name: keyof typeof EXPORTERS; for?: string | undefined }): [string, string][] => {
  const { options, serverPort }: Exporter = EXPORTERS[entry.name];
  const isOfServer = serverPort !== undefined;
  const takes = new Set<string>([
    ...options.map((o) => o.name),
    ...(isOfServer ? ['for', 'port'] : []),
    ...(options.some((o) => o.secret) ? ['from_env'] : []),
  ]);
  const foreign = ['for', 'port', 'user', 'database', 'path', 'from_env'].filter(
    (key) => key in entry && !takes.has(key),
  );
  return [
    ...(isOfServer && entry.for === undefined
      ? [['name', `${entry.name} needs \`for\`: the container of the server that it asks`] satisfies [string, string]]
      : []),
    ...foreign.map((key): [string, string] => [key, `is nothing that the exporter ${entry.name} can be told`]),
  ];
};

export const exporterEntry = z
  .strictObject({
    name: z.enum(EXPORTER_NAMES, { error: unknownExporter }).check(z.describe('Which exporter.')),
    for: z.optional(
      dockerName(rules.containerRule, { description: 'Container of the server that it asks, by its name.' }),
    ),
    port: z.optional(port({ description: 'What the server listens on. Default: what such a server commonly does.' })),
    user: z.optional(
      text('a user name', rules.jobNameRule, { description: 'User that it signs in to the server as.' }),
    ),
    database: z.optional(text('a name', rules.jobNameRule, { description: 'Database that it signs in to.' })),
    path: z.optional(
      text('a path', rules.metricsPathRule, {
        description: 'Path of the status page of the server.',
        pattern: rules.METRICS_PATH_PATTERN,
      }),
    ),
    from_env: z.optional(
      z
        .union([
          flag({ description: 'true: the credentials are those in the environment of the server’s container.' }),
          text('a variable', rules.variableRule, {
            description: 'A variable of the environment of `monitor` that holds the password.',
            pattern: rules.VARIABLE_PATTERN,
          }),
        ])
        .check(z.describe('Where the credentials come from, instead of `monitor add-exporter --password`.')),
    ),
    image: z.optional(image({ description: 'Image of the container. Default: a pinned one of the project.' })),
    container: z.optional(dockerName(rules.containerRule, { description: 'Name of the container.' })),
    job_name: z.optional(jobName({ description: 'Value of the label `job`. Default: the name of the exporter.' })),
  })
  .check(
    z.check((ctx) => {
      for (const [key, message] of exporterProblems(ctx.value))
        ctx.issues.push({ code: 'custom', message, input: ctx.value, path: [key] });
    }),
    z.describe('A container that tells about a server that has no metrics, or about this machine.'),
  );

const scrapeConfig = z
  .looseObject({ job_name: jobName({ description: 'Value of the label `job`.' }) })
  .check(z.describe("An entry of Prometheus's own `scrape_configs`."));

export const writtenConfig = z
  .strictObject({
    version: z.optional(
      z.literal(1, { error: versionMismatch }).check(z.meta({ description: 'Version of this format.', default: 1 })),
    ),
    name: z.optional(
      text('a name', rules.stackNameRule, {
        description: 'Name of the stack. Another name than the default one prefixes the default names below.',
        default: defaults.name,
        pattern: rules.STACK_NAME_PATTERN,
      }),
    ),
    scrape_interval: z.optional(
      interval({ description: 'How often targets are scraped.', default: defaults.scrape_interval }),
    ),
    bind: z.optional(
      text('an IP address', rules.bindRule, {
        description: 'Address of the host on which the ports are published; 0.0.0.0 opens them to the network.',
        default: defaults.bind,
      }),
    ),
    network: z.optional(
      dockerName(rules.networkRule, { description: 'Network of the stack.', default: defaults.network }),
    ),
    prometheus: z.nullish(prometheus),
    grafana: z.nullish(grafana),
    detect: z.nullish(detect),
    targets: z.nullish(
      z.array(target).check(z.meta({ description: 'Endpoints that Prometheus scrapes.', default: [] })),
    ),
    exporters: z.nullish(
      z.array(exporterEntry).check(
        z.meta({
          description: 'Containers of the stack that tell about servers without metrics; `monitor add-exporter`.',
          default: [],
        }),
      ),
    ),
    scrape_configs: z.nullish(
      z
        .array(scrapeConfig)
        .check(
          z.meta({ description: "Prometheus's own `scrape_configs`, passed through as they stand.", default: [] }),
        ),
    ),
  })
  .check(z.meta({ title: 'monitor.yml', description: 'A local Prometheus and Grafana stack, run by `monitor`.' }));

/** monitor.yml as written: what is absent is left to the defaults. */
export type WrittenConfig = z.infer<typeof writtenConfig>;
export type WrittenTarget = z.infer<typeof target>;
export type WrittenExporter = z.infer<typeof exporterEntry>;
/** The long form of a target. */
export type LongTarget = z.infer<typeof longTarget>;

function versionMismatch({ input }: { input?: unknown }): string {
  if (typeof input === 'number' && input > 1) return `is ${input}, but this monitor reads version 1`;
  return `must be the number 1, not ${kindOf(input)}`;
}

/** The keys that may stand at `path` (list positions left out), for a suggestion. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  const sections: Record<string, object> = {
    '': writtenConfig.shape,
    prometheus: prometheus.shape,
    'prometheus.retention': retention.shape,
    grafana: grafana.shape,
    detect: detect.shape,
    targets: longTarget.shape,
    exporters: exporterEntry.shape,
  };
  return Object.keys(sections[path.filter((step) => typeof step === 'string').join('.')] ?? {});
}
