import { Option } from 'commander';
import type { Define } from '../cli/command.ts';
import { exporterArgument, port } from '../cli/parameters.ts';
import type { Put } from '../config/edit-list.ts';
import {
  EXPORTERS,
  type ExporterName,
  missingOptions,
  type OptionValues,
  takesPassword,
} from '../config/exporter-table.ts';
import type { ExporterConfig, LoadedConfig, MonitorConfig } from '../config/model.ts';
import type { WrittenExporter } from '../config/schema.ts';
import { stateFolderOf } from '../config/state-folder.ts';
import type { Container, Engine } from '../docker/engine.ts';
import { MonitorError, mistake } from '../errors.ts';
import { askExporter } from '../exporters/ask.ts';
import { exporterNamed, serverFor, unusualPort } from '../exporters/chosen.ts';
import {
  missingCredentials,
  nothingInEnvironment,
  takesNo,
  valuesFromServer,
  valuesFromVariable,
  variableUnset,
} from '../exporters/credentials.ts';
import { addExporter } from '../exporters/edit.ts';
import { readSecrets, removeSecrets, revised, secretsPathOf, writeSecrets } from '../exporters/secrets.ts';
import { envOf, optionsOf } from '../exporters/values.ts';
import type { ReportOf } from '../output/report.ts';
import { editConfig } from '../stack/edit-config.ts';
import { containerIn } from '../stack/labels.ts';
import { exporterPart } from '../stack/operations.ts';
import { during } from '../stack/progress.ts';
import type { Deps } from '../stack/session.ts';

export interface AddExporterOptions {
  for?: string;
  port?: number;
  user?: string;
  password?: string;
  passwordStdin?: true;
  database?: string;
  path?: string;
  /** `true`: from the environment of the server's container. */
  fromEnv?: true | string;
  image?: string;
}

export const command: Define = (addExporter, invoke) =>
  addExporter
    .addArgument(exporterArgument())
    .option('--for <container>', 'the server’s container (default: the only running one of that kind)')
    .option('--port <port>', 'port that the server listens on (default: the usual one)', port)
    .option('--user <user>', 'user to sign in to the server as')
    .addOption(
      new Option(
        '--password-stdin',
        'read the password of that user from stdin; stored in .monitor/, not in monitor.yml',
      ).conflicts(['password', 'fromEnv']),
    )
    .addOption(
      new Option(
        '--password <password>',
        'the same on the command line, where other users of this machine can read it',
      ).conflicts('fromEnv'),
    )
    .option('--database <database>', 'database to sign in to')
    .option('--path <path>', 'path of the server’s status page')
    .option(
      '--from-env [variable]',
      'read the credentials from the environment of the server’s container, or the password from a variable of your own',
    )
    .option('--image <image>', 'image of the exporter (default: a pinned version)')
    .action(invoke(runAddExporter));

/** Writes an exporter to monitor.yml and its credentials to `.monitor/`, starts it in a running stack, and asks it. */
export const runAddExporter = async (
  deps: Deps,
  exporter: string,
  written: AddExporterOptions,
): Promise<ReportOf<'add-exporter'>> => {
  const name = exporterNamed(exporter);
  refuseOptions(name, written);
  const options = written.passwordStdin ? { ...written, password: await passwordFrom(deps) } : written;
  const engine = await connectIfThere(deps, name, options);
  try {
    return await add({ deps, name, options, engine });
  } finally {
    engine?.close();
  }
};

/** What was asked for, and the engine, if one answers. */
interface Request {
  deps: Deps;
  name: ExporterName;
  options: AddExporterOptions;
  engine?: Engine;
}

/** Options that are keys of monitor.yml are checked with the entry; a password is not one of them. */
const refuseOptions = (name: ExporterName, options: AddExporterOptions): void => {
  const source = (['password', 'passwordStdin', 'fromEnv'] as const).find((key) => options[key] !== undefined);
  if (source !== undefined && !takesPassword(EXPORTERS[name])) throw takesNo(name, source);
};

/** As with `docker login --password-stdin`, the line end that `echo` and editors add is removed. */
const passwordFrom = async ({ readPassword }: Deps): Promise<string> => {
  const password = (await readPassword()).replace(/\r?\n$/, '');
  if (password !== '') return password;
  throw mistake({
    code: 'invalid-option',
    message: 'The password on stdin is empty',
    suggestion: 'pass one: `monitor add-exporter NAME --password-stdin < FILE`',
  });
};

/** The engine is needed to find the server or its environment, not to write a named server. */
const connectIfThere = async (deps: Deps, name: ExporterName, options: AddExporterOptions) => {
  const isNeeded = options.fromEnv === true || (options.for === undefined && EXPORTERS[name].serverPort !== undefined);
  try {
    return await deps.connect();
  } catch (error) {
    if (isNeeded || !(error instanceof MonitorError) || error.code !== 'no-engine') throw error;
    return undefined;
  }
};

const add = (request: Request): Promise<ReportOf<'add-exporter'>> =>
  editConfig(
    request.deps,
    (loaded) => edit(request, loaded),
    async ({ entry: exporter, change, secrets, server }, applied, running) => ({
      kind: 'add-exporter',
      exporter: exporter.name,
      for: exporter.for,
      container: exporter.container,
      job: exporter.job_name,
      instance: instanceOf(exporter),
      change,
      secrets,
      ...applied,
      answer: running && (await askExporter(running.session, exporter)),
      notices: [
        ...applied.notices.filter((n) => !applied.applied || n.includes(exporter.container)),
        ...(server === undefined || server.state === 'running'
          ? []
          : [`container ${server.name} is not running (${server.status || server.state})`]),
      ],
    }),
    ({ entry }) => ['stack', 'prometheus', exporterPart(entry.container)],
  );

const instanceOf = ({ name, for: server, port, container }: ExporterConfig): string =>
  server === undefined ? `${container}:${EXPORTERS[name].port}` : `${server}:${port}`;

interface Edited extends Put<ExporterConfig> {
  secrets?: string;
  server?: Container;
  undo: () => Promise<void>;
}

/** The new monitor.yml, with the secrets stored. Nothing is written if a credential or the image is missing. */
const edit = async (request: Request, loaded: LoadedConfig): Promise<Edited> => {
  const { name, options, engine } = request;
  const folder = stateFolderOf(loaded.path);
  const containers = (await engine?.listContainers()) ?? [];
  const hasServer = engine !== undefined && EXPORTERS[name].serverPort !== undefined;
  const server = hasServer ? serverFor(name, options.for, containers) : undefined;
  const edited = addExporter(loaded.text, entryFor(request, loaded.config, server), loaded.path);
  const exporter = edited.entry;
  const stored = await readSecrets(folder, exporter);
  const now = revised(stored, { ...stored?.values, ...(await givenValues(request, exporter, server)) });
  const missing = missingOptions(EXPORTERS[name], { ...now.values, ...optionsOf(exporter) });
  if (missing.length > 0) throw missingCredentials(exporter, missing);
  if (containerIn(containers, loaded.config.name, 'prometheus')?.state === 'running')
    await pullFirst(request, exporter.image);
  const hasSecrets = Object.keys(now.values).length > 0;
  const isNew = hasSecrets && now !== stored;
  if (isNew) await writeSecrets(folder, exporter, now);
  return {
    ...edited,
    change: edited.change === 'unchanged' && isNew ? 'updated' : edited.change,
    secrets: hasSecrets ? secretsPathOf(folder, exporter) : undefined,
    server,
    undo: async () => {
      if (isNew)
        await (stored === undefined ? removeSecrets(folder, exporter) : writeSecrets(folder, exporter, stored));
    },
  };
};

/** The entry for monitor.yml. A server keeps the name that an existing entry has for it. */
const entryFor = (
  { name, options }: Request,
  { exporters }: MonitorConfig,
  server: Container | undefined,
): WrittenExporter => {
  const entryOf = (host: string | undefined) => exporters.find((e) => e.name === name && e.for === host);
  const host = entryOf(options.for) === undefined ? (server?.name ?? options.for) : options.for;
  const before = entryOf(host);
  const unusual = server === undefined || before !== undefined ? undefined : unusualPort(EXPORTERS[name], server);
  const replaced = options.password !== undefined && before?.from_env !== undefined ? false : undefined;
  const { port = unusual, user, database, path, image, fromEnv = replaced } = options;
  return { name, for: host, port, user, database, path, from_env: fromEnv, image };
};

const givenValues = async (
  { deps, engine, options: { password, fromEnv } }: Request,
  exporter: ExporterConfig,
  server: Container | undefined,
): Promise<OptionValues> => {
  if (password !== undefined) return { password };
  if (typeof fromEnv === 'string') {
    const values = valuesFromVariable(deps.env, fromEnv);
    if (values.password === undefined) throw variableUnset(fromEnv);
    return values;
  }
  if (fromEnv === undefined || engine === undefined || server === undefined) return {};
  const values = valuesFromServer(EXPORTERS[exporter.name], await envOf(engine, server), optionsOf(exporter));
  if (Object.keys(values).length === 0) throw nothingInEnvironment(exporter, server.name);
  return values;
};

/** The image of an exporter that is started now: a pull that fails changes nothing. */
const pullFirst = async ({ deps: { reporter, signal }, engine }: Request, image: string): Promise<void> => {
  if (engine === undefined || (await engine.inspectImage(image)) !== undefined) return;
  await during(reporter.start(`Image ${image}`, 'Pulling'), () => engine.pullImage(image, () => {}, signal), 'Pulled');
};
