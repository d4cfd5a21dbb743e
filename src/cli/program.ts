import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import type { AddExporterOptions } from '../commands/add-exporter.ts';
import type { AddTargetOptions } from '../commands/add-target.ts';
import type { Shell } from '../commands/completion.ts';
import type { DashboardsAddOptions, DashboardsGenerateOptions } from '../commands/dashboards.ts';
import type { DashboardsCheckOptions } from '../commands/dashboards-check.ts';
import type { DownOptions } from '../commands/down.ts';
import type { ExplainOptions } from '../commands/explain.ts';
import type { ExportKubernetesOptions } from '../commands/export-kubernetes.ts';
import type { InitOptions } from '../commands/init.ts';
import type { LogsOptions } from '../commands/logs.ts';
import type { MetricsOptions } from '../commands/metrics.ts';
import type { QueryOptions } from '../commands/query.ts';
import type { RemoveExporterOptions } from '../commands/remove-exporter.ts';
import type { RestartOptions } from '../commands/restart.ts';
import type { UpOptions } from '../commands/up.ts';
import { closest } from '../config/suggest.ts';
import { parseDuration } from '../config/values.ts';
import type { ExportOptions } from '../export/outcome.ts';
import { EXPORTER_NAMES } from '../exporters/table.ts';

export interface GlobalOptions {
  config?: string;
  context?: string;
  json: boolean;
  quiet: boolean;
  verbose: boolean;
}

export type Service = 'prometheus' | 'grafana';

/** What each command is called with: one entry a command, its options typed. */
export interface Commands {
  init: InitOptions;
  up: UpOptions;
  'add-target': AddTargetOptions;
  'remove-target': { address: string };
  'add-exporter': AddExporterOptions;
  'remove-exporter': RemoveExporterOptions;
  restart: RestartOptions;
  status: Record<string, never>;
  render: Record<string, never>;
  detect: Record<string, never>;
  explain: ExplainOptions;
  watch: Record<string, never>;
  'export kubernetes': ExportKubernetesOptions;
  'export compose': ExportOptions;
  logs: LogsOptions;
  query: QueryOptions;
  metrics: MetricsOptions;
  dashboards: Record<string, never>;
  'dashboards-generate': DashboardsGenerateOptions;
  'dashboards-add': DashboardsAddOptions;
  'dashboards-remove': { uid: string };
  'dashboards-pull': { uid?: string };
  'dashboards-check': DashboardsCheckOptions;
  open: { service: Service };
  password: { reset: boolean };
  down: DownOptions;
  completion: { shell: Shell };
}

/** Receives a parsed command line. */
export type Invoke = <K extends keyof Commands>(
  command: K,
  options: Commands[K],
  globals: GlobalOptions,
) => Promise<void>;

const SERVICES = ['prometheus', 'grafana'] as const;
const DEFAULT_TIMEOUT_MS = 120_000;

/** The command tree: names, options and help, and nothing of what they do. */
export const buildProgram = (version: string, invoke: Invoke): Command => {
  const program = new Command('monitor')
    .description('Prometheus and Grafana on your own machine, scraping the containers that run there')
    .version(version, '-V, --version', 'print the version')
    .option('--config <file>', 'monitor.yml to use (default: the nearest one, upwards)')
    .option('--context <name>', 'Docker context to use')
    .option('--json', 'print one JSON document, for an error too', false)
    .option('-q, --quiet', 'print errors, and what was asked for, only', false)
    .option('-v, --verbose', 'show each step, and where an error comes from', false)
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .addHelpText('after', EXAMPLES);
  addStackCommands(program, invoke);
  addTargetCommands(program, invoke);
  addExporterCommands(program, invoke);
  addLookCommands(program, invoke);
  addMetricCommands(program, invoke);
  addDashboardCommands(program, invoke);
  addExportCommands(program, invoke);
  addCompletionCommand(program, invoke);
  addHelpCommand(program);
  return program;
};

const EXAMPLES = `
Examples:
  $ monitor init && monitor up
  $ monitor add-target events:9100 --job-name eventservice
  $ monitor status`;

const globalsOf = (command: Command): GlobalOptions => command.optsWithGlobals<GlobalOptions>();

const addStackCommands = (program: Command, invoke: Invoke): void => {
  program
    .command('init')
    .description('write monitor.yml here, with every default spelled out, and a Grafana password')
    .option('--name <name>', 'the stack; another name prefixes those of its containers, network and volumes')
    .option('--prometheus-port <port>', 'host port of Prometheus', port)
    .option('--grafana-port <port>', 'host port of Grafana', port)
    .option('--prometheus-image <image>', 'image of Prometheus')
    .option('--grafana-image <image>', 'image of Grafana')
    .option('--force', 'write over a monitor.yml that is there', false)
    .action((options: InitOptions, command: Command) => invoke('init', options, globalsOf(command)));

  program
    .command('up')
    .description('make the engine match monitor.yml; run again, it changes nothing')
    .option('--dry-run', 'print what would be done, and why; touch nothing', false)
    .addOption(pullOption())
    .option('--overwrite', 'discard what was edited in Grafana’s dashboards', false)
    .option('--wait', 'wait for the first scrape of all targets; exit code 3 where one fails', false)
    .addOption(timeoutOption())
    .action(({ timeout, ...flags }: Omit<UpOptions, 'timeoutMs'> & { timeout: number }, command: Command) =>
      invoke('up', { ...flags, timeoutMs: timeout }, globalsOf(command)),
    );

  program
    .command('restart')
    .description('render again, restart, wait until ready, and report the targets')
    .addArgument(serviceArgument())
    .addOption(timeoutOption())
    .action((service: Service | undefined, { timeout }: { timeout: number }, command: Command) =>
      invoke('restart', { service, timeoutMs: timeout }, globalsOf(command)),
    );

  program
    .command('down')
    .description('remove the containers and our network; the data stays')
    .option('--volumes', 'remove the volumes too, with all that is stored in them', false)
    .option('--yes', 'do not ask', false)
    .action((options: DownOptions, command: Command) => invoke('down', options, globalsOf(command)));
};

const addTargetCommands = (program: Command, invoke: Invoke): void => {
  program
    .command('add-target')
    .description('scrape an endpoint: write it to monitor.yml, and bring it into a running stack')
    .argument('<host:port>', 'a container’s name or alias, or localhost, and the port that serves metrics')
    .option('--job-name <job>', 'job (default: the host)')
    .option('--metrics-path <path>', 'path (default: /metrics)')
    .addOption(new Option('--scheme <scheme>', 'scheme (default: http)').choices(['http', 'https']))
    .option('--scrape-interval <duration>', 'interval (default: the stack’s)')
    .option('--label <name=value>', 'label on each of its series; may be repeated', collect, [])
    .action((address: string, options: Omit<AddTargetOptions, 'address'>, command: Command) =>
      invoke('add-target', { ...options, address }, globalsOf(command)),
    );

  program
    .command('remove-target')
    .description('stop scraping an endpoint, and remove it from monitor.yml')
    .argument('<host:port>', 'as it stands in monitor.yml')
    .action((address: string, _options: object, command: Command) =>
      invoke('remove-target', { address }, globalsOf(command)),
    );
};

const addExporterCommands = (program: Command, invoke: Invoke): void => {
  program
    .command('add-exporter')
    .description('start an exporter beside Prometheus for a server without metrics, or for this machine, and scrape it')
    .addArgument(exporterArgument())
    .option('--for <container>', 'the server’s container (default: the only one of that kind that runs)')
    .option('--port <port>', 'port that the server listens on (default: the usual one)', port)
    .option('--user <user>', 'user to sign in to the server as')
    .option('--password-stdin', 'read the password of that user from stdin; stored in .monitor/, not in monitor.yml')
    .option('--password <password>', 'the same on the command line, where other users of this machine can read it')
    .option('--database <database>', 'database to sign in to')
    .option('--path <path>', 'path of the server’s status page')
    .option(
      '--from-env [variable]',
      'take the credentials from the environment of the server’s container, or the password from this variable of yours',
    )
    .option('--image <image>', 'image of the exporter (default: a pinned one)')
    .action((name: string, options: Omit<AddExporterOptions, 'name'>, command: Command) =>
      invoke('add-exporter', { ...options, name }, globalsOf(command)),
    );

  program
    .command('remove-exporter')
    .description('remove an exporter, its container and its target')
    .addArgument(exporterArgument())
    .option('--for <container>', 'the server’s container (default: the only one that it is there for)')
    .action((name: string, options: Omit<RemoveExporterOptions, 'name'>, command: Command) =>
      invoke('remove-exporter', { ...options, name }, globalsOf(command)),
    );
};

/** Its choices are for completions and help alone: an unknown name is told the nearest one. */
const exporterArgument = (): Argument => {
  const argument = new Argument('<name>', 'which exporter');
  argument.argChoices = [...EXPORTER_NAMES];
  return argument;
};

const addLookCommands = (program: Command, invoke: Invoke): void => {
  program
    .command('status')
    .description('show containers, addresses and targets; exit code 3 where something is down')
    .action((_options: object, command: Command) => invoke('status', {}, globalsOf(command)));

  program
    .command('detect')
    .description('say of every container whether it serves metrics, and why')
    .action((_options: object, command: Command) => invoke('detect', {}, globalsOf(command)));

  program
    .command('explain')
    .description('say why a target is down or missing, and what to change; exit code 3 where one is')
    .argument('[target]', 'host:port, a job, or a container (default: all that are down or missing)')
    .action((target: string | undefined, _options: object, command: Command) =>
      invoke('explain', { target }, globalsOf(command)),
    );

  program
    .command('watch')
    .description('keep targets and networks in step with the containers, until interrupted')
    .action((_options: object, command: Command) => invoke('watch', {}, globalsOf(command)));

  program
    .command('render')
    .description('print prometheus.yml as `up` would write it')
    .action((_options: object, command: Command) => invoke('render', {}, globalsOf(command)));

  program
    .command('logs')
    .description('print the containers’ log lines')
    .addArgument(serviceArgument())
    .option('-f, --follow', 'go on until interrupted', false)
    .option('--tail <lines>', 'how many lines from the end, or `all`', tail, 'all')
    .action((service: Service | undefined, options: Omit<LogsOptions, 'service'>, command: Command) =>
      invoke('logs', { service, ...options }, globalsOf(command)),
    );

  program
    .command('open')
    .description('open Grafana (or Prometheus) in a browser, or print its address')
    .addArgument(serviceArgument().default('grafana'))
    .action((service: Service, _options: object, command: Command) => invoke('open', { service }, globalsOf(command)));

  program
    .command('password')
    .description('print Grafana’s admin user and password')
    .option('--reset', 'set a new one in the running Grafana', false)
    .action((options: { reset: boolean }, command: Command) => invoke('password', options, globalsOf(command)));
};

const addMetricCommands = (program: Command, invoke: Invoke): void => {
  program
    .command('query')
    .description('ask Prometheus: a table of the values now, or with --since a chart')
    .argument('<promql|metric>', 'an expression, or the name of a metric, for which the right expression is used')
    .option('--since <duration>', 'draw the time from so long ago until now, such as 15m', duration)
    .option('--step <duration>', 'time between two points (default: as many points as a chart shows)', duration)
    .option('--csv', 'print CSV, a row for each sample', false)
    .addHelpText('after', QUERY_EXAMPLES)
    .action((expression: string, { since, step, csv }: QueryFlags, command: Command) => {
      const globals = globalsOf(command);
      if (csv && globals.json) command.error("error: option '--csv' cannot be used with option '--json'");
      return invoke('query', { expression, sinceMs: since, stepMs: step, csv }, globals);
    });

  program
    .command('metrics')
    .description('list the metrics that Prometheus has: type, unit, series, labels and last value')
    .argument('[job]', 'metrics of this job only')
    .option('--search <text>', 'metrics with this text in the name or the help only')
    .action((job: string | undefined, { search }: { search?: string }, command: Command) =>
      invoke('metrics', { job, search }, globalsOf(command)),
    );
};

const revision = (text: string): number => {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is not a number from 1.');
};

const addDashboardCommands = (program: Command, invoke: Invoke): void => {
  const dashboards = program
    .command('dashboards')
    .description('list the dashboards in Grafana: title, state, panels, source and URL')
    .action((_options: object, command: Command) => invoke('dashboards', {}, globalsOf(command)));
  dashboards
    .command('generate')
    .description('print the dashboards that are generated from metrics')
    .argument('[job]', 'the dashboard of this job only')
    .option('--out <file>', 'write it to this file; without a job, all of them to this folder')
    .action((job: string | undefined, { out }: { out?: string }, command: Command) =>
      invoke('dashboards-generate', { job, out }, globalsOf(command)),
    );
  dashboards
    .command('add')
    .description('add a dashboard to monitor.yml and to Grafana')
    .argument('<file|id>', 'a JSON file, a folder of them, or the ID of a dashboard of grafana.com')
    .option('--revision <number>', 'revision of a dashboard of grafana.com (default: the newest)', revision)
    .action((what: string, options: { revision?: number }, command: Command) =>
      invoke('dashboards-add', { what, ...options }, globalsOf(command)),
    );
  dashboards
    .command('remove')
    .description('remove a dashboard from monitor.yml and from Grafana; its file stays')
    .argument('<uid>', 'as `monitor dashboards` lists it')
    .action((uid: string, _options: object, command: Command) =>
      invoke('dashboards-remove', { uid }, globalsOf(command)),
    );
  dashboards
    .command('pull')
    .description('write dashboards that were edited in Grafana to their files; new files are added to monitor.yml')
    .argument('[uid]', 'this dashboard only')
    .action((uid: string | undefined, _options: object, command: Command) =>
      invoke('dashboards-pull', { uid }, globalsOf(command)),
    );
  dashboards
    .command('check')
    .description('run the queries of every panel, and say why one has no data; exit code 3 where one has none')
    .argument('[uid|file]', 'a dashboard in Grafana, or a file (default: all in the folder Monitor)')
    .action((what: string | undefined, _options: object, command: Command) =>
      invoke('dashboards-check', { what }, globalsOf(command)),
    );
};

interface QueryFlags {
  since?: number;
  step?: number;
  csv: boolean;
}

const QUERY_EXAMPLES = `
Examples:
  $ monitor query process_cpu_seconds_total --since 15m
  $ monitor query 'sum by (job) (rate(http_requests_total[5m]))'
  $ monitor query up --since 1h --csv > up.csv`;

const addExportCommands = (program: Command, invoke: Invoke): void => {
  const exports = program.command('export').description('export the stack to Kubernetes or Compose');
  addExportCompose(exports, invoke);
  exports
    .command('kubernetes')
    .description('print the stack as objects of Kubernetes, or write a file for each')
    .option('--out <dir>', 'folder to write to (default: all of it to stdout)')
    .option('--namespace <name>', 'namespace of the objects', 'monitoring')
    .addOption(
      new Option('--discovery <how>', 'how Prometheus finds Pods')
        .choices(['annotations', 'operator'])
        .default('annotations'),
    )
    .option(
      '--label <key=value>',
      'label for the monitors, as your cluster’s Prometheus selects them; repeatable',
      collect,
      [],
    )
    .option('--existing-secret <name>', 'existing Secret with Grafana’s password (default: a new one)')
    .option('--kustomize', 'write a kustomization.yaml too', false)
    .option('--workloads', 'also write what the Deployments of the running containers need', false)
    .option('--strict', 'exit with code 3 if something is not the same in a cluster', false)
    .option('--verify', 'run Prometheus with the export and compare its targets with the stack’s', false)
    .action((options: ExportKubernetesOptions, command: Command) =>
      invoke('export kubernetes', options, globalsOf(command)),
    );
};

const addExportCompose = (exports: Command, invoke: Invoke): void => {
  exports
    .command('compose')
    .description('print the stack as a Compose file, or write it with its configuration beside it')
    .option('--out <dir>', 'folder to write to (default: all of it to stdout)')
    .option('--strict', 'exit with code 3 if something is not the same with Compose', false)
    .option('--verify', 'run Prometheus with the export and compare its targets with the stack’s', false)
    .action((options: ExportOptions, command: Command) => invoke('export compose', options, globalsOf(command)));
};

const addCompletionCommand = (program: Command, invoke: Invoke): void => {
  program
    .command('completion')
    .description('print the script that makes a shell complete this command line')
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS))
    .addHelpText('after', COMPLETION_USE)
    .action((shell: Shell, _options: object, command: Command) => invoke('completion', { shell }, globalsOf(command)));
};

const SHELLS = ['bash', 'zsh', 'fish'] as const satisfies readonly Shell[];

const COMPLETION_USE = `
In the file that the shell reads at its start:
  source <(monitor completion bash)
  source <(monitor completion zsh)
  monitor completion fish | source`;

/** In place of commander's own one, which takes a misspelt command for none. */
const addHelpCommand = (program: Command): void => {
  program
    .command('help')
    .description('show help of a command')
    .argument('[command]', 'which one (default: all of them)')
    .action((name: string | undefined) => {
      const named = name === undefined ? program : program.commands.find((command) => command.name() === name);
      if (named !== undefined) named.help();
      const near = closest(
        name ?? '',
        program.commands.map((command) => command.name()),
      );
      const hint = near === undefined ? '' : `\n(Did you mean ${near}?)`;
      program.error(`error: unknown command '${name}'${hint}`, { code: 'commander.unknownCommand' });
    });
};

const serviceArgument = (): Argument => new Argument('[service]', 'which of the two').choices(SERVICES);

const pullOption = (): Option =>
  new Option('--pull <when>', 'when to pull images').choices(['missing', 'always', 'never']).default('missing');

const timeoutOption = (): Option =>
  new Option('--timeout <duration>', 'how long a start may take')
    .argParser(duration)
    .default(DEFAULT_TIMEOUT_MS, '120s');

const duration = (text: string): number => {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined || milliseconds === 0) {
    throw new InvalidArgumentError('It is a duration such as 90s or 2m.');
  }
  return milliseconds;
};

const port = (text: string): number => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 65_535)
    throw new InvalidArgumentError('It is a port from 1 to 65535.');
  return value;
};

const tail = (text: string): number | 'all' => {
  if (text === 'all') return text;
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It is a number of lines, or `all`.');
  return Number(text);
};

const collect = (value: string, previous: readonly string[]): string[] => [...previous, value];
